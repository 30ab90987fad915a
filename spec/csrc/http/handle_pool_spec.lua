-- SPDX-License-Identifier: MIT
-- That a handle serves one request after another must show in nothing but the time it takes.
local certificates = require "support.certificates"
local core = require "boltz.core"
local nginx = require "support.nginx"
local wire = require "support.wire"

-- Answers each request with its method and target; /cut is left without an answer.
local ECHO = [[
  serve(function(c)
    for request in function() return c:request() end do
      if request.target == "/cut" then c:close() break end
      c:send(answer('"' .. request.method .. " " .. request.target .. '"'))
    end
  end)
]]

local function template()
  return core.request_template { headers = { "X-Trace", "1" }, max_response_bytes = 1000,
    no_proxy = "*" }
end

describe("a handle that is used again", function()
  after_each(wire.stop_all)

  it("forgets the request before, whatever that was and however it ended", function()
    local server = wire.start(ECHO)
    local engine, shared = core.engine(), template()
    local function ask(target, fields)
      fields = fields or {}
      fields.template = shared
      return wire.exchange(wire.request(server.url .. target, fields), engine)
    end
    local function check_get()
      assert.are.equal('"GET /plain"', ask("/plain").body)
      assert.are.equal('"GET /plain"', ask("/plain").body)
    end
    check_get()
    assert.are.equal('"POST /x"', ask("/x", { method = "POST", body = "{}", once = true }).body)
    check_get()
    assert.are.equal('"PUT /x"', ask("/x", { method = "PUT", body = "{}" }).body)
    check_get()
    assert.are.equal('"DELETE /x"', ask("/x", { method = "DELETE" }).body)
    check_get()
    assert.are.equal("connection", ask("/cut").failure)
    check_get()
    assert.are.equal("connection", ask("/x", { timeout = 5, connect_timeout = 1,
      url = "http://127.0.0.1:1/" }).failure)
    check_get()
    engine:close()
    local plain = {}
    for _, record in ipairs(server:records()) do
      if record:find("^GET /plain") then plain[record] = true end
    end
    local first = next(plain)
    assert.is_nil(next(plain, first)) -- byte for byte the same each time
  end)

  it("tells of each exchange what was its own", function()
    local server = wire.start(ECHO)
    local engine, shared = core.engine(), template()
    local first = wire.exchange(wire.request(server.url, { template = shared }), engine)
    local second = wire.exchange(wire.request(server.url .. "/2", { template = shared }), engine)
    engine:close()
    assert.are.equal(1, server:connections())
    assert.is_true(second.sent)
    assert.is_true(second.elapsed > 0)
    assert.are_not.equal(first.body, second.body)
  end)

  it("serves no template but its own", function()
    local server, engine = wire.start(ECHO), core.engine()
    for _ = 1, 2 do
      for _, name in ipairs { "X-One", "X-Other" } do
        local own = core.request_template { headers = { name, "1" }, max_response_bytes = 1000,
          no_proxy = "*" }
        wire.exchange(wire.request(server.url, { template = own }), engine)
      end
    end
    engine:close()
    local names = {}
    for i, record in ipairs(server:records()) do names[i] = record:match("(X%-%a+): 1\r\n") end
    assert.are.same({ "X-One", "X-Other", "X-One", "X-Other" }, names)
  end)

  it("is another when libcurl has sent a request twice, as it does that five times", function()
    local server = wire.start [[
      serve(function(c)
        if c:request() then c:send(answer "{}") end
        c:request() -- on a connection that has been idle: no answer
        c:close()
      end)
    ]]
    local engine, shared = core.engine(), template()
    for _ = 1, 20 do
      local result = wire.exchange(wire.request(server.url, { template = shared }), engine)
      assert.are.equal(200, result.status, result.message)
    end
    engine:close()
  end)

  it("is not kept beyond a number, of however many templates", function()
    local server = wire.start(ECHO)
    local engine = core.engine()
    for round = 1, 2 do
      local transfers = {}
      for i = 1, 40 do
        local request = wire.request(server.url .. "/" .. i)
        if i % 3 > 0 then request.template = template() end
        transfers[i] = engine:start(request)
      end
      for i, transfer in ipairs(transfers) do
        while not transfer:done() do engine:step(1) end
        assert.are.equal(('"GET /%d"'):format(i), transfer:result().body, round)
      end
    end
    engine:close()
  end)
end)

describe("a time-out", function()
  local tls = require "support.tls"
  local made
  setup(function() made = certificates.make() end)
  teardown(function() made:remove() end)
  after_each(wire.stop_all)

  -- Answers all but /hang.
  local SCRIPT = [[
    serve(function(plain)
      local c = %s
      for request in function() return c:request() end do
        if request.target == "/hang" then return c:hang() end
        c:send(answer "x")
      end
    end)
  ]]

  local function connections_after_it(server, url)
    local engine, shared = core.engine(), core.request_template { headers = {}, no_proxy = "*",
      ca_file = made.ca_file, max_response_bytes = 1000 }
    local function ask(target, timeout)
      return wire.exchange(wire.request(url .. target, { template = shared, timeout = timeout }),
        engine)
    end
    assert.are.equal("x", ask("/").body)
    assert.are.equal("timeout", ask("/hang", 0.05).failure)
    local before = server:connections()
    for _ = 1, 10 do assert.are.equal("x", ask("/").body) end
    engine:close()
    return server:connections() - before
  end

  it("makes no other connection of HTTP/1.1 suspect, in clear or over TLS", function()
    local server = wire.start(SCRIPT:format "plain")
    assert.are.equal(1, connections_after_it(server, server.url))
    local secure = wire.start(tls.script(made, "valid", SCRIPT:format "secure(plain)"))
    assert.are.equal(1, connections_after_it(secure, tls.url(secure)))
  end)

  -- Of the first connection it answers one request, and is silent from then on.
  local SILENT_FIRST = [[
    local http2, connections = require "support.http2", 0
    serve(function(plain)
      local h2 = http2.open(secure(plain))
      if not h2 then return end
      connections = connections + 1
      local is_first, answered = connections == 1, 0
      for stream in function() return h2:request() end do
        if not is_first or answered == 0 then h2:answer(stream, "x") end
        answered = answered + 1
      end
    end)
  ]]

  it("without a byte has no call use that connection of HTTP/2 again, but later ones", function()
    local silent = wire.start(tls.script(made, "valid", SILENT_FIRST, { alpn = "h2" }))
    local healthy = wire.start(tls.script(made, "valid", SCRIPT:format "secure(plain)"))
    local engine = core.engine()
    local function ask(server, timeout)
      return wire.exchange(wire.request(tls.url(server), { ca_file = made.ca_file,
        timeout = timeout }), engine)
    end
    assert.are.equal("x", ask(healthy).body)
    assert.are.equal("x", ask(silent).body)
    assert.are.equal("timeout", ask(silent, 0.2).failure)
    -- For a second each call has a connection of its own, then those that were made since serve.
    local ends, now = core.now() + 20, { silent:connections(), healthy:connections() }
    local before
    repeat
      before = now
      assert.are.equal("x", ask(silent).body)
      assert.are.equal("x", ask(healthy).body)
      now = { silent:connections(), healthy:connections() }
    until (now[1] == before[1] and now[2] == before[2]) or core.now() > ends
    assert.are.same(before, now)
    assert.is_true(now[1] > 1)
    engine:close()
  end)
end)

describe("the connections of an engine", function()
  if nginx.missing() then
    pending(nginx.missing())
    return
  end

  local certificate, engine

  before_each(function()
    certificate, engine = certificates.make(), core.engine()
  end)

  after_each(function()
    engine:close()
    nginx.stop_all()
    certificate:remove()
  end)

  -- The address of a server that speaks TLS.
  local function start(listen, http, locations)
    local server = nginx.start {
      listen = listen,
      http = ("ssl_certificate %s; ssl_certificate_key %s; ssl_session_cache shared:s:1m; %s")
        :format(certificate:file "valid", certificate.key_file, http),
      locations = locations,
    }
    return (server.url:gsub("^http:", "https:"))
  end

  it("are kept after many requests at once, though these end one by one", function()
    local server = nginx.start { locations = [[
      location / { content_by_lua_block {
        ngx.sleep(ngx.var.arg_delay / 1000)
        ngx.print(ngx.var.connection)
      } }
    ]] }
    local seen, connections = {}, { 0, 0 }
    for round = 1, 2 do
      local transfers = {}
      for i = 1, 30 do
        transfers[i] = engine:start(wire.request(("%s/?delay=%d"):format(server.url, 50 + 5 * i)))
      end
      for _, transfer in ipairs(transfers) do
        while not transfer:done() do engine:step(1) end
        local connection = transfer:result().body
        if not seen[connection] then connections[round] = connections[round] + 1 end
        seen[connection] = true
      end
    end
    assert.are.same({ 30, 0 }, connections)
  end)

  it("do not pile up where each request makes its own", function()
    local server = nginx.start { locations = "location / { return 200 $connection; }" }
    local function descriptors()
      local pipe = io.popen("ls /proc/$PPID/fd | wc -l")
      local count = tonumber(pipe:read("*a"))
      pipe:close()
      return count
    end
    local before, seen = descriptors(), {}
    for i = 1, 30 do
      local request = wire.request(server.url, { method = "POST", body = "{}", once = true })
      local connection = wire.exchange(request, engine).body
      assert.is_nil(seen[connection], i)
      seen[connection] = true
    end
    assert.is_true(descriptors() - before <= 5)
  end)

  it("speak HTTP/1.1 in clear, and HTTP/2 over TLS", function()
    local locations = "location / { return 200 $server_protocol; }"
    local clear = nginx.start { locations = locations }
    assert.are.equal("HTTP/1.1", wire.exchange(wire.request(clear.url), engine).body)
    local request = wire.request(start("ssl http2", "", locations),
      { ca_file = certificate.ca_file })
    assert.are.equal("HTTP/2.0", wire.exchange(request, engine).body)
  end)

  it("resume the TLS session of one before", function()
    local url = start("ssl", "keepalive_timeout 0;",
      "location / { return 200 '$ssl_session_reused'; }")
    local seen = {}
    for i = 1, 3 do
      local request = wire.request(url, { ca_file = certificate.ca_file })
      local result = wire.exchange(request, engine)
      assert.is_nil(result.failure, result.message)
      seen[i] = result.body
    end
    assert.are.same({ ".", "r", "r" }, seen)
  end)

  it("carry as many streams of HTTP/2 as the server lets them", function()
    local url = start("ssl http2", "http2_max_concurrent_streams 500;", [[
      location / { content_by_lua_block { ngx.sleep(0.2) ngx.print(ngx.var.connection) } }
    ]])
    local request = wire.request(url, { ca_file = certificate.ca_file })
    local first = wire.exchange(request, engine) -- before its settings came, libcurl assumes 100
    local transfers, connections = {}, { [first.body] = true }
    for i = 1, 500 do transfers[i] = engine:start(request) end
    for _, transfer in ipairs(transfers) do
      while not transfer:done() do engine:step(1) end
      local result = transfer:result()
      assert.are.equal(200, result.status, result.message)
      connections[result.body] = true
    end
    assert.is_nil(next(connections, (next(connections))))
  end)
end)
