-- SPDX-License-Identifier: MIT
-- No secret gets out: not in a log line, an error, an event, nor under a debugger. A child process
-- does all that can go wrong, and prints and dumps all that it can reach; its output is searched.

local boltz = require "boltz"
local child = require "support.child"
local leaks = require "reliability.leaks"
local servers = require "support.servers"
local wire = require "support.wire"

-- Of each, what follows the first 12 characters may stand nowhere, and no 8 characters of that.
local SECRETS = {
  ADMIN_KEY = "sk_bc_admin_live_A7fK2mQ9xZ4tR8vB1nW6cY3hL5pD0sG",
  BEARER = "tok3n-J4uX8eN2bV6kT1wF9qM5zC7rH3yP0aS",
  NEW_KEY = "sk_bc_ws_live_E9gT3jU7oI2lN6hV1xQ8dK4wB5zM0rF",
  PROXY_PASSWORD = "hUsh5Y2vK8wQ1nZ6tX3rB9mC4",
}
local SHOWN, WINDOW = 12, 8

-- Echoes what it is told: the request itself, with the key, in every part of an answer. The last
-- word of the path, or the body's name, says how.
local ECHO = ([[
  local function quoted(text)
    return '"' .. text:gsub('[%%c"\\]', function(byte)
      return ("\\u00%%02x"):format(byte:byte())
    end) .. '"'
  end
  local function act(c, request)
    local secret = request.headers["x-api-key"] or request.headers.authorization
      or request.headers["x-secret"]
    local word = request.target:match("/([%%w-]+)$")
    if request.method == "POST" then word = request.body:match('"name":"([%%w-]+)"') end
    local fields = ("X-Echo: %%s\r\nX-Request-Id: %%s\r\nx-api-key: %%s\r\nSet-Cookie: a=%%s\r\n")
      :format(secret, secret, secret, secret)
    local made = '{"key":"%s","key_details":{"id":"key_1","key":"%s"}}'
    if tonumber(word) then
      c:send(answer(('{"code":%%s,"message":%%s,"details":{"echo":[%%s]}}')
        :format(quoted(secret), quoted(request.raw), quoted(request.raw)),
        fields .. "Location: /" .. secret .. "\r\n", word .. " " .. secret))
    elseif word == "html" then
      c:send(answer("<html>" .. request.raw .. "</html>", fields, "500 Oops"))
    elseif word == "nonsense" then
      c:send(answer("<html>" .. request.raw .. "</html>",
        fields .. "Content-Type: " .. secret .. "\r\n"))
    elseif word == "made" then
      c:send(answer(made, fields))
    elseif word == "made-cut" then
      c:send(answer(made:sub(1, 60), fields))
    elseif word == "made-short" then
      c:send(answer(made, fields):sub(1, -20))
      c:close()
    elseif word == "made-500" then
      c:send(answer(made, fields, "500 Oops"))
    elseif word == "made-details" then
      c:send(answer('{"message":"m","details":' .. made .. "}", fields, "502 Oops"))
    elseif word == "page" then
      c:send(answer('{"data":[{"id":"x"}],"last_id":"x","has_more":true}', fields))
    elseif word == "hang" then
      c:hang()
    elseif word == "garbage" then
      c:send(secret .. "\r\n\r\n")
      c:close()
    elseif word == "bad-header" then
      c:send("HTTP/1.1 200 OK\r\n" .. secret .. "\r\n\r\n")
      c:close()
    else
      c:close()
    end
  end
  serve(function(c)
    local request = c:request()
    while request do
      act(c, request)
      request = c:request()
    end
  end)
]]):format(SECRETS.NEW_KEY, SECRETS.NEW_KEY)

local SCRIPT = [[ require "reliability.exposure" ]]
-- A secret is found by any piece of it, so that no way of cutting it short hides a leak.
local function found_in(output)
  local found = {}
  for name, secret in pairs(SECRETS) do
    local hidden = secret:sub(1, 6) == "sk_bc_" and secret:sub(SHOWN + 1) or secret
    if name == "BEARER" then hidden = secret:sub(SHOWN + 1) end
    for i = 1, #hidden - WINDOW + 1 do
      local at = output:find(hidden:sub(i, i + WINDOW - 1), 1, true)
      if at then
        found[#found + 1] = ("%s at %d: %s"):format(name, at,
          output:sub(math.max(1, at - 150), at + 30):gsub("%c", " "))
        break
      end
    end
  end
  return found
end

local function last_line(output)
  return output:sub(-2000):match("([^\n]*)\n$")
end

local function environment(mode, url, more)
  local variables = { MODE = mode, BOLTZ_BASE_URL = url }
  for name, secret in pairs(SECRETS) do
    if name ~= "NEW_KEY" then variables[name] = secret end
  end
  for name, value in pairs(more or {}) do variables[name] = value end
  return variables
end

describe("secrets", function()
  after_each(wire.stop_all)

  local KINDS = "authentication bad_request conflict connection internal_server invalid_response"
    .. " not_found permission_denied rate_limit redirect status timeout tls unprocessable_entity"

  for _, level in ipairs { "off", "error", "warn", "info", "debug" } do
    for _, mode in ipairs { "key", "environment", "bearer", "header" } do
      it(("stay hidden at log level %s, given as %s"):format(level, mode), function()
        local server = wire.start(ECHO)
        local variables = environment(mode, server.url, { BOLTZ_LOG = level })
        if mode == "environment" then variables.BOLTZ_API_KEY = SECRETS.ADMIN_KEY end
        local output = child.run(SCRIPT, variables)
        assert.equal("KINDS " .. KINDS, last_line(output))
        assert.is_true(#output > 100000, "a dump that is too small")
        assert.same({}, found_in(output))
      end)
    end
    for _, mode in ipairs { "proxy", "mistakes" } do
      it(("stay hidden at log level %s: %s"):format(level, mode), function()
        local server = wire.start(servers.always("", nil, "407 No"))
        local output = child.run(SCRIPT, environment(mode, server.url, { BOLTZ_LOG = level }))
        assert.matches("^KINDS", last_line(output))
        assert.same({}, found_in(output))
      end)
    end
  end

  it("are not given away by a malformed environment", function()
    for _, variables in ipairs {
      { BOLTZ_API_KEY = SECRETS.ADMIN_KEY .. "\1" },
      { BOLTZ_CUSTOM_HEADERS = "Authorization: Bearer " .. SECRETS.BEARER .. "\1" },
      { BOLTZ_CUSTOM_HEADERS = "x-api-key " .. SECRETS.ADMIN_KEY },
      { BOLTZ_BASE_URL = "https://user:" .. SECRETS.PROXY_PASSWORD .. "@host" },
    } do
      local output = child.run([[ require("boltz").new() ]], variables)
      assert.matches("bad environment variable", output)
      assert.same({}, found_in(output))
    end
  end)

  it("would be found, wherever they were", function()
    local server = wire.start(ECHO)
    for _, planted in ipairs {
      'io.stderr:write(os.getenv "ADMIN_KEY")',
      'local x = os.getenv "ADMIN_KEY"; function planted() return x end',
      'planted = setmetatable({}, { hidden = { [os.getenv("ADMIN_KEY"):sub(15, 30)] = 1 } })',
      'planted = coroutine.create(function(x) coroutine.yield() return x end) '
        .. 'coroutine.resume(planted, os.getenv "ADMIN_KEY")',
    } do
      local output = child.run(planted .. SCRIPT, environment("none", server.url))
      assert.equal(1, #found_in(output), planted)
    end
  end)

  it("reach a proxy only where no TLS hides them", function()
    local emulator = require("support.emulator").start { tls = true }
    local RELAY = [[
      local socket = require "socket"
      local c = accept()
      local host, port = c:request().target:match("^(.*):(%d+)$")
      local upstream = assert(socket.connect(host, tonumber(port)))
      c:send("HTTP/1.1 200 OK\r\n\r\n")
      upstream:settimeout(0)
      local bytes = { [c._socket] = {}, [upstream] = {} }
      local open = true
      while open do
        for _, from in ipairs(socket.select({ c._socket, upstream })) do
          local some, failure, rest = from:receive(65536)
          some = some or rest
          table.insert(bytes[from], some)
          local to = from == upstream and c._socket or upstream
          local sent = 0
          while sent < #some do
            socket.select(nil, { to })
            local last, _, partial = to:send(some, sent + 1)
            sent = last or partial
          end
          if failure == "closed" then open = false end
        end
      end
      record("up " .. table.concat(bytes[c._socket]))
      record("down " .. table.concat(bytes[upstream]))
    ]]
    local proxy = wire.start(RELAY)
    local client = boltz.new { api_key = emulator.api_key, base_url = emulator.base_url,
      ca_file = emulator.ca_file, proxy = proxy.url }
    local made = assert(client.api_keys:create { name = "through a tunnel" })
    client:close()
    local records = proxy:records()
    assert.equal(3, #records)
    local seen = table.concat(records, "\n")
    assert.matches("^CONNECT 127", seen)
    assert.is_true(#records[2] > 500 and #records[3] > 500)
    for _, secret in ipairs { emulator.api_key, made.key } do
      assert.is_nil(seen:find(secret, 1, true))
      assert.is_nil(seen:find(secret:sub(-10), 1, true))
    end
    emulator:stop()
    -- Without TLS a proxy, like anyone on the way, reads everything.
    local plain = wire.start(servers.always "{}")
    client = boltz.new { api_key = SECRETS.ADMIN_KEY, base_url = "http://api.example.invalid",
      allow_http = true, proxy = plain.url }
    assert(client.workspaces:retrieve("x"))
    client:close()
    assert.matches(SECRETS.ADMIN_KEY, plain:records()[1])
  end)

  it("that a proxy is sent stay hidden when it echoes them, and its address is shown", function()
    local proxy = wire.start [[
      serve(function(c)
        c:send(answer("I am http://proxy.example:3128, you " .. c:request().raw, nil, "500 Oops"))
      end)
    ]]
    local client = boltz.new { api_key = SECRETS.ADMIN_KEY, allow_http = true, max_retries = 0,
      base_url = "http://api.example.invalid",
      proxy = proxy.url:gsub("//", "//user:" .. SECRETS.PROXY_PASSWORD .. "@") }
    local _, err = client.workspaces:retrieve("x")
    client:close()
    assert.equal(500, err.status)
    assert.matches("I am http://proxy.example:3128, you GET", err.body, 1, true)
    assert.matches("Proxy-Authorization: Basic ...\r\n", err.body, 1, true)
    assert.same({}, found_in(err.body))
  end)

  -- The token has slashes, which JSON may write as \/ and URLs as %2F.
  local SLASHED = "tok/3n+J4uX8e/N2bV6kT1w/F9qM5zC7r/H3yP0aSx"
  local PARTIAL = {
    ["cut short at its end"] = "secret:sub(1, 30)",
    ["cut short at its start"] = "secret:sub(9)",
    ["13 characters of it"] = "secret:sub(14, 26)",
    ["as JSON may write it"] = [[(secret:gsub("/", "\\/"))]],
    ["as JSON may write it, in numbers"] = [[(secret:gsub("/", "\\u002f"))]],
    ["as JSON may write it, cut short"] = [[(secret:sub(12, 35):gsub("/", "\\/"))]],
    ["as a URL writes it"] = [[(secret:gsub("/", "%%2F"):gsub("%+", "%%2b"))]],
  }
  for how, expression in pairs(PARTIAL) do
    it("stay hidden when they are echoed in part: " .. how, function()
      local server = wire.start(([[
        serve(function(c)
          local request = c:request()
          while request do
            local secret = request.headers.authorization:gsub("^Bearer ", "")
            local piece = %s
            local status = request.target:match("%%d+$")
            c:send(answer(('{"code":"c_%%s","message":"m %%s.","details":{"%%s":["%%s"]}')
              :format(piece, piece, piece, piece) .. (status == "200" and "" or "}"),
              ("X-Echo: %%s\r\nX-Request-Id: r-%%s\r\n"):format(piece, piece),
              status .. " " .. piece))
            request = c:request()
          end
        end)
      ]]):format(expression))
      local words = {}
      local function note(text) words[#words + 1] = text end
      local client = boltz.new { bearer_token = SLASHED, base_url = server.url, max_retries = 0,
        log_level = "debug", logger = function(...) leaks.print(note, { ... }) end,
        on_attempt = function(event) leaks.print(note, event) end }
      for _, status in ipairs { 200, 400, 500 } do
        local _, err = client.workspaces:retrieve(tostring(status))
        assert.equal(status, err.status)
        note(err .. "")
        leaks.print(note, err)
      end
      client:close()
      local text = table.concat(words, "\n")
      assert.is_true(#text > 1000)
      for plain in pairs { [text] = 1, [(text:gsub("\\/", "/"))] = 1,
        [(text:gsub("\\u002f", "/"))] = 1, [(text:gsub("%%2F", "/"):gsub("%%2b", "+"))] = 1 } do
        for i = SHOWN + 1, #SLASHED - 8 do -- its first 12 characters may be shown
          assert.is_nil(plain:find(SLASHED:sub(i, i + 8), 1, true), SLASHED:sub(i, i + 8))
        end
      end
    end)
  end

  it("that a proxy of the environment is sent stay hidden when it echoes them", function()
    local short = "hunter2"
    for _, name in ipairs { "http_proxy", "all_proxy", "ALL_PROXY" } do
      for _, password in ipairs { SECRETS.PROXY_PASSWORD, short } do
        local script = [[
          serve(function(c)
            local raw = c:request().raw
            c:send(answer(("you %s, %s"):format(PASSWORD, raw), "X-Echo: " .. PASSWORD .. "\r\n"
              .. "X-Request-Id: " .. raw:match("Basic ([^\r]*)") .. "\r\n", "500 Oops"))
          end)
        ]]
        local proxy = wire.start((script:gsub("PASSWORD", ("%q"):format(password))))
        local variables = { http_proxy = "", all_proxy = "", ALL_PROXY = "", no_proxy = "",
          NO_PROXY = "", BOLTZ_API_KEY = SECRETS.ADMIN_KEY }
        variables[name] = proxy.url:gsub("//", "//someone:" .. password .. "@")
        local output = child.run([[
          local client = require("boltz").new { allow_http = true, max_retries = 0,
            base_url = "http://api.example.invalid" }
          local _, err = client.workspaces:retrieve("x")
          io.write(err.status, " ", err .. "", "\n", err.body, "\n")
          for name, value in pairs(err.headers) do io.write(name, ": ", value, "\n") end
        ]], variables)
        assert.matches("^500 .*\nyou %.%.%., GET", output)
        assert.matches("Proxy-Authorization: Basic ...\r\n", output, 1, true)
        assert.matches("x-echo: ...\n", output, 1, true)
        assert.matches("x-request-id: ...\n", output, 1, true)
        assert.is_nil(output:find(short, 1, true))
        assert.same({}, found_in(output))
      end
    end
  end)

  it("stay with the host they are for when that redirects", function()
    for _, status in ipairs { "301 A", "302 B", "303 C", "307 D", "308 E" } do
      local other = wire.start(servers.always "{}")
      local server = wire.start(servers.always("", "Location: " .. other.url .. "/\r\n", status))
      local client = boltz.new { api_key = SECRETS.ADMIN_KEY, base_url = server.url }
      for _, call in ipairs {
        function() return client.workspaces:retrieve("x") end,
        function() return client.workspaces:create() end,
        function() return client.workspaces:archive("x") end,
      } do
        local _, err = call()
        assert.equal("redirect", err.kind)
      end
      client:close()
      assert.same({}, other:records())
      wire.stop_all()
    end
  end)
end)
