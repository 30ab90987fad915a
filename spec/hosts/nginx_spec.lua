-- SPDX-License-Identifier: MIT
-- Inside a real nginx with its Lua module. That runs LuaJIT whatever runs the spec, so one Lua is
-- enough.
if _VERSION ~= "Lua 5.4" then return end

local certificates = require "support.certificates"
local core = require "boltz.core"
local emulator = require "support.emulator"
local live = require "support.live"
local nginx = require "support.nginx"
local page = require "support.page"
local system = require "support.system"
local wire = require "support.wire"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/hosts/nginx_spec%.lua$")
local PAGE = "docs/embedding/nginx.md"

local missing = nginx.missing()
if missing then
  describe("inside nginx", function() pending(missing) end)
  return
end

-- Answers `{"target": ...}`, and to /busy that one should come again; but holds back what is asked
-- below /held until the spec asks for /release. So a spec knows what is under way without looking
-- at a clock.
local GATE = [[
  local held = {}
  serve(function(c)
    for request in function() return c:request() end do
      local busy = request.target == "/busy"
      if request.target == "/release" then
        for each, target in pairs(held) do each:send(answer('{"target":"' .. target .. '"}')) end
        held = {}
        c:send(answer("{}"))
      elseif request.target:find("^/held") then
        held[c] = request.target
      elseif request.target:find("/drip", 1, true) then
        c:send("HTTP/1.1 200 OK\r\n\r\n")
        c:drip((" "):rep(9999), 0.02)
      else
        c:send(answer('{"target":"' .. request.target .. '"}', busy and "Retry-After: 30\r\n",
          busy and "503 Service Unavailable"))
      end
    end
    if held[c] then record("cancelled " .. held[c]) end
    held[c] = nil
  end)
]]

-- Of each configuration: a client, and functions that show what a call comes to.
local HTTP = [[
  lua_shared_dict notes 1m;
  %s
  init_by_lua_block {
    boltz = require "boltz"
    client = boltz.new { max_retries = 0 }
    blocking = client:with { loop = "blocking" }
    notes = ngx.shared.notes
    function show(value, err) return value and value.target or err.kind .. ": " .. err.message end
    function call(path) return show(client:get(path or "/x")) end
    function call_blocking(path) return show(blocking:get(path or "/x")) end
    %s
  }
]]

-- A location that runs Lua, what it returns being the answer.
local function location(path, code)
  return ("location = %s { content_by_lua_block { ngx.print((function() %s end)()) } }\n")
    :format(path, code)
end

local COMMON = location("/trivial", [[ return "trivial" ]])
  .. location("/pid", [[ return ngx.worker.pid() ]])
  .. location("/note", [[ return notes:get(ngx.var.arg_of) ]])
  .. location("/call", [[ return call("/x" .. (ngx.var.arg_id or "")) ]])
  .. location("/held", [[ return call("/held/" .. (ngx.var.arg_id or "")) ]])

describe("inside nginx", function()
  local gate, server

  after_each(function()
    nginx.stop_all()
    wire.stop_all()
    server = nil
  end)

  -- An nginx whose client talks to a gate. `init` is Lua of init_by_lua.
  local function start(options)
    options = options or {}
    gate = wire.start(GATE)
    server = nginx.start {
      workers = options.workers,
      listen = options.listen,
      http = HTTP:format(options.http or "", options.init or ""),
      locations = COMMON .. (options.locations or ""),
      environment = { BOLTZ_API_KEY = "sk_bc_admin_test_0123456789", BOLTZ_BASE_URL = gate.url },
    }
    return server
  end

  local function get(path)
    local answer = server:get(path)
    assert.are.equal(200, answer.status, server:log())
    return answer.body
  end

  local function count(pattern)
    local number = 0
    for _, record in ipairs(gate:records()) do
      if record:find(pattern) then number = number + 1 end
    end
    return number
  end

  -- Whether so many requests, or other records, have come.
  local function await(number, pattern)
    nginx.await(function()
      if server._engine then server._engine:step() end -- for what `begin` has begun
      return count(pattern) >= number
    end, ("%d x %s"):format(number, pattern))
  end

  local function release()
    assert.are.equal(200, wire.exchange(wire.request(gate.url .. "/release")).status)
  end

  local function finish(transfers)
    local results = {}
    for i, transfer in ipairs(transfers) do
      while not transfer:done() do server._engine:step(1) end
      results[i] = transfer:result()
    end
    return results
  end

  local function begin(path, number)
    local transfers = {}
    for i = 1, number do transfers[i] = server:begin(path:format(i)) end
    return transfers
  end

  -- The note that something leaves behind.
  local function note(name)
    return nginx.await(function()
      local body = server:get("/note?of=" .. name).body
      return body ~= "nil" and body ~= "" and body
    end, "there is a note of " .. name)
  end

  local function errors()
    local lines = {}
    for line in server:log():gmatch("[^\n]+") do
      if line:find("%[error%]") or line:find("%[alert%]") or line:find("%[crit%]") then
        lines[#lines + 1] = line
      end
    end
    return table.concat(lines, "\n")
  end

  -- Waits until a worker has nothing to do, and expects that it then does nothing.
  local function assert_idle(pid)
    assert.is_true(nginx.await(function()
      local before = nginx.ticks(pid)
      core.engine():step(1)
      return nginx.ticks(pid) - before <= 1
    end, "the worker idles"))
  end

  -- Requests to a location, so many at once, each of which is answered by its own number.
  local function assert_all_answered(transfers)
    for i, result in ipairs(finish(transfers)) do
      assert.are.equal(200, result.status)
      assert.are.equal("/held/" .. i, result.body)
    end
  end

  local function assert_serves(number)
    local before = count("GET /held")
    local transfers = begin("/held?id=%d", number)
    await(before + number, "GET /held")
    assert.are.equal("trivial", get("/trivial"))
    assert.are.equal("/x", get("/call"))
    release()
    assert_all_answered(transfers)
  end

  it("lets the worker serve others while 200 calls of one client wait together", function()
    start()
    assert_serves(200)
    assert.are.equal("", errors())
  end)

  it("does nothing when nobody waits any more", function()
    start()
    local pid = tonumber(get("/pid"))
    assert_serves(20)
    assert_idle(pid)
    assert.are.equal("/x", get("/call"))
  end)

  it("makes calls in each worker with a client that has called before the fork", function()
    start { workers = 2, init = [[ notes:set("init", call_blocking()) ]], locations =
      location("/waits", [[ return ngx.worker.pid() .. call() ]])
      .. location("/blocks", [[ return ngx.worker.pid() .. call_blocking("/held/1") ]]) }
    assert.are.equal("/x", note("init"))
    local blocked = server:begin("/blocks") -- so another connection is the other worker's
    await(1, "GET /held")
    local answer = get("/waits")
    assert.matches("^%d+/x$", answer)
    release()
    local other = finish({ blocked })[1].body
    assert.matches("^%d+/held/1$", other)
    assert.are_not.equal(answer:match("^%d+"), other:match("^%d+"))
    assert.are.equal("", errors())
  end)

  describe("in a phase", function()
    local WAITLESS = { "init", "init_worker", "set", "header_filter", "body_filter", "log" }
    local CANCELLED = "^cancelled: nothing can wait in nginx's phase '%s'"

    it("that can wait, waits: rewrite, access, content, timer, also from init_worker", function()
      start {
        http = [[
          init_worker_by_lua_block {
            ngx.timer.at(0, function() notes:set("init_worker_timer", call()) end)
          }
        ]],
        locations = [[
          location = /rewrite { rewrite_by_lua_block { ngx.print(call()) ngx.exit(200) } }
          location = /access { access_by_lua_block { ngx.print(call()) ngx.exit(200) } }
          location = /timer { content_by_lua_block {
            ngx.timer.at(0, function() notes:set("timer", call()) end)
          } }
        ]],
      }
      assert.are.equal("/x", note("init_worker_timer"))
      assert.are.equal("/x", get("/rewrite"))
      assert.are.equal("/x", get("/access"))
      get("/timer")
      assert.are.equal("/x", note("timer"))
      assert.are.equal("", errors())
    end)

    it("of TLS that can wait, waits: ssl_certificate", function()
      local made = certificates.make()
      finally(function() made:remove() end)
      start { listen = "ssl", locations = ([[
        ssl_certificate %s;
        ssl_certificate_key %s;
        ssl_certificate_by_lua_block { notes:set("ssl_cert", call()) }
      ]]):format(made:file("valid"), made.key_file) }
      local url = server.url:gsub("^http:", "https:")
      local answer = wire.exchange(wire.request(url .. "/note?of=ssl_cert",
        { ca_file = made.ca_file }))
      assert.are.equal("/x", answer.body, answer.message)
    end)

    -- Makes a call in each phase that cannot wait, by that function of HTTP.
    local function go_through_waitless(call)
      start {
        init = ([[ notes:set("init", %s()) ]]):format(call),
        http = ([[ init_worker_by_lua_block { notes:set("init_worker", %s()) } ]]):format(call),
        locations = ([[
          location = /phases {
            set_by_lua_block $unused { notes:set("set", CALL()) return "" }
            content_by_lua_block { ngx.print("content") }
            header_filter_by_lua_block { notes:set("header_filter", CALL()) }
            body_filter_by_lua_block { notes:set("body_filter", CALL()) }
            log_by_lua_block { notes:set("log", CALL()) }
          }
        ]]):gsub("CALL", call),
      }
      assert.are.equal("content", get("/phases"))
    end

    it("that cannot wait, returns an error that says what to do instead", function()
      go_through_waitless("call")
      for _, phase in ipairs(WAITLESS) do
        local text = note(phase)
        assert.matches(CANCELLED:format(phase), text)
        assert.matches("ngx.timer.at", text, 1, true)
        assert.matches('loop = "blocking"', text, 1, true)
      end
      assert.are.equal(0, count("GET /x"))
    end)

    it("that cannot wait, makes blocking calls", function()
      go_through_waitless("call_blocking")
      for _, phase in ipairs(WAITLESS) do
        assert.are.equal("/x", note(phase))
      end
      assert.are.equal("", errors())
    end)
  end)

  describe("has in a worker that waits a watcher, and", function()
    local KEEPS_WATCHER = [[
      local core = require "boltz.core"
      local make = core.watcher
      core.watcher = function()
        watcher = make()
        return watcher
      end
    ]]

    -- A figure of /proc/<pid>/status, which are those of nginx's own thread, but for `Threads`.
    local function status(pid, name)
      for line in io.lines(("/proc/%d/status"):format(pid)) do
        local figure = line:match("^" .. name .. ":%s*(%d+)")
        if figure then return tonumber(figure) end
      end
    end

    it("does not look for answers by the clock", function()
      start()
      local pid = tonumber(get("/pid"))
      local transfers = begin("/held?id=%d", 20)
      await(20, "GET /held")
      assert.are.equal(2, status(pid, "Threads"))
      local before = status(pid, "voluntary_ctxt_switches")
      core.engine():step(1)
      -- 50 looks for requests that were aborted, 4 of each request; by the clock, 1,000
      assert.is_true(status(pid, "voluntary_ctxt_switches") - before < 300)
      release()
      assert_all_answered(transfers)
      assert.are.equal("", errors())
    end)

    it("ends it when nobody waits any more", function()
      start { init = KEEPS_WATCHER, locations =
        location("/watcher", [[ return tostring(watcher) ]]) }
      local pid = tonumber(get("/pid"))
      assert_serves(3)
      nginx.await(function()
        return get("/watcher") == "boltz.watcher (closed)" and status(pid, "Threads") == 1
      end, "the watcher is closed")
      assert_serves(3)
      assert.are.equal("boltz.watcher (open)", get("/watcher"))
      assert.are.equal("", errors())
    end)

    it("goes on by the clock when it is lost, and has another after a second", function()
      start { init = KEEPS_WATCHER, locations = location("/lose", [[ watcher:close() ]]) }
      local pid = tonumber(get("/pid"))
      local transfers = begin("/held?id=%d", 20)
      await(20, "GET /held")
      get("/lose")
      release()
      assert_all_answered(transfers)
      assert_serves(20)
      assert.matches("having no watcher: it has ended", server:log(), 1, true)
      transfers = begin("/held?id=%d", 20)
      nginx.await(function() return status(pid, "Threads") == 2 end, "there is another watcher")
      await(60, "GET /held")
      release()
      assert_all_answered(transfers)
      assert.are.equal("", errors())
    end)

    it("goes by the clock where none can be had, and says so once", function()
      start { init = [[
        require("boltz.core").watcher = function() return nil, "no folder for it" end
      ]] }
      local pid = tonumber(get("/pid"))
      assert_serves(20)
      assert_serves(20)
      local _, times = server:log():gsub("having no watcher: no folder for it", "")
      assert.are.equal(1, times)
      assert.are.equal("", errors())
      assert_idle(pid)
    end)
  end)

  describe("that is reloaded", function()
    local function new_worker(old)
      return nginx.await(function()
        for _, pid in ipairs(server:workers()) do
          if pid ~= old then return pid end
        end
      end, "there is a new worker")
    end

    local function gone(pid)
      return nginx.await(function()
        for _, each in ipairs(server:workers()) do
          if each == pid then return false end
        end
        return true
      end, "the old worker has gone")
    end

    it("loses no request, neither those that wait nor those that come", function()
      start()
      local old = tonumber(get("/pid"))
      local waiting = begin("/held?id=%d", 20)
      await(20, "GET /held")
      server:signal("HUP")
      local coming = {}
      repeat -- connections of their own: nginx closes those that idle
        coming[#coming + 1] = server:get("/call", { headers = { "Connection", "close" } })
        local pid = server:get("/pid", { headers = { "Connection", "close" } }).body
      until tonumber(pid) ~= old
      for i = 1, 20 do coming[#coming + 1] = server:get("/call?id=" .. i) end
      release()
      assert_all_answered(waiting)
      for _, result in ipairs(coming) do assert.are.equal("/x", result.body:sub(1, 2)) end
      gone(old)
      assert.are.equal("", errors())
    end)

    it("leaks no descriptor", function()
      start { init = [[ notes:set("init", call_blocking()) ]] }
      local function reload(old)
        server:signal("HUP")
        local new = new_worker(old)
        gone(old)
        get("/pid") -- it serves, so it has opened what it opens
        return new
      end
      local pid = reload(reload(server:workers()[1]))
      local before, master = nginx.descriptors(pid), nginx.descriptors(server.pid)
      for _ = 1, 8 do pid = reload(pid) end
      local function grown(now, then_) return now - then_ > 4 end -- each would leak one or more
      assert.is_false(grown(nginx.descriptors(pid), before))
      assert.is_false(grown(nginx.descriptors(server.pid), master))
    end)

    it("keeps no descriptors but those of connections that can be used again", function()
      start()
      local pid = tonumber(get("/pid"))
      local before
      for i = 1, 10 do
        local transfers = begin("/held?id=%d", 10)
        await(10 * i, "GET /held")
        release()
        finish(transfers)
        before = before or nginx.descriptors(pid)
      end
      assert.is_true(nginx.descriptors(pid) - before <= 10)
    end)
  end)

  describe("a request that ends early", function()
    local ABORT = "lua_check_client_abort on;"

    local function assert_healthy(pid)
      assert.are.equal("/x", get("/call"))
      assert_idle(pid)
      assert.are.equal("", errors())
    end

    it("because its client has gone, ends its call; others go on", function()
      start { http = ABORT }
      local pid = tonumber(get("/pid"))
      local transfers = begin("/held?id=%d", 3)
      await(3, "GET /held")
      transfers[2]:cancel()
      await(1, "cancelled /held/2")
      assert.are.equal(1, count("^cancelled"))
      release()
      assert.are.equal("/held/1", finish(transfers)[1].body)
      assert.are.equal("/held/3", finish(transfers)[3].body)
      assert_healthy(pid)
    end)

    it("because its client has gone, ends the calls of its map, and one that waits to try again",
      function()
        start { http = ABORT, locations = location("/map", [[
            local function held(i) return call("/held/" .. i) end
            for _ in boltz.map({ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, held, { concurrency = 6 }) do end
          ]]) .. location("/busy", [[ return show(client:get("/busy", { max_retries = 1 })) ]]) }
        local pid = tonumber(get("/pid"))
        local transfers = { server:begin("/map"), server:begin("/busy") }
        await(6, "GET /held")
        await(1, "GET /busy")
        transfers[1]:cancel()
        await(6, "^cancelled /held")
        transfers[2]:cancel()
        assert_healthy(pid)
      end)

    it("by ngx.exit or ngx.thread.kill, ends the calls of its other threads", function()
      start { locations = location("/exit", [[
          ngx.thread.spawn(call, "/held/1")
          call()
          ngx.exit(200)
        ]]) .. location("/kill", [[
          local thread = ngx.thread.spawn(call, "/held/2")
          call()
          return ngx.thread.kill(thread) and "killed"
        ]]) }
      local pid = tonumber(get("/pid"))
      get("/exit")
      await(1, "cancelled /held/1")
      assert.are.equal("killed", get("/kill"))
      await(1, "cancelled /held/2")
      assert_healthy(pid)
    end)

    it("in the turn in which its other threads are woken, leaves nothing behind", function()
      start { locations = location("/race", [[
          local function held(i) return call("/held/" .. i) end
          local threads = {}
          for i = 1, 5 do threads[i] = ngx.thread.spawn(held, i) end
          ngx.thread.wait(unpack(threads))
          for i = 1, 5 do ngx.thread.kill(threads[i]) end
          return "won"
        ]]) }
      local pid = tonumber(get("/pid"))
      for i = 1, 3 do
        local transfer = server:begin("/race")
        await(5 * i, "GET /held")
        release()
        assert.are.equal("won", finish({ transfer })[1].body)
      end
      assert_healthy(pid)
    end)
  end)

  describe("a request", function()
    it("makes several calls at once by ngx.thread.spawn", function()
      start { locations = location("/threads", [[
        local threads, results = {}, {}
        for i = 1, 5 do threads[i] = ngx.thread.spawn(call, "/held/" .. i) end
        for i = 1, 5 do results[i] = select(2, ngx.thread.wait(threads[i])) end
        return table.concat(results, " ")
      ]]) }
      local transfer = server:begin("/threads")
      await(5, "GET /held")
      release()
      assert.are.equal("/held/1 /held/2 /held/3 /held/4 /held/5", finish({ transfer })[1].body)
    end)

    it("makes several calls at once by map and by gather", function()
      start { locations = location("/map", [[
          local results = {}
          for _, result in boltz.map({ 1, 2, 3, 4, 5, 6, 7 }, function(i)
            return call("/held/" .. i)
          end, { concurrency = 7, ordered = true }) do results[#results + 1] = result end
          return table.concat(results, " ")
        ]]) .. location("/gather", [[
          return table.concat(boltz.gather {
            function() return call("/held/8") end, function() return call("/held/9") end,
          }, " ")
        ]]) }
      local transfers = { server:begin("/map"), server:begin("/gather") }
      await(9, "GET /held")
      assert.are.equal("trivial", get("/trivial"))
      release()
      local results = finish(transfers)
      assert.are.equal("/held/1 /held/2 /held/3 /held/4 /held/5 /held/6 /held/7", results[1].body)
      assert.are.equal("/held/8 /held/9", results[2].body)
    end)

    it("tells where in the program calls have failed", function()
      start { locations = location("/where", [[
        local _, err = client:get("/busy")
        local function tail() return client:get("/busy") end

        local map = select(3, (boltz.map({ 1 }, tail))())
        local done, mistake = pcall(function() client:get(5) end)
        return err.where .. " " .. map.where .. " " .. mistake:match("^[^ ]+")
      ]]) }
      local file, first, second, third =
        get("/where"):match("^(content_by_lua%S*):(%d+) %1:(%d+) %1:(%d+):$")
      assert.is_truthy(file)
      assert.same({ 1, 4 }, { second - first, third - first })
    end)

    it("raises what a function of gather raises, when what changes has been logged", function()
      start { locations = location("/gather", [[
        local lines = {}
        local client = client:with { logger = function(level, _, fields)
          lines[#lines + 1] = level .. " " .. fields.method .. " " .. fields.url_path
        end }
        local done, raised = pcall(boltz.gather, {
          function() return client:put("/held/1", { body = {} }) end,
          function() error("mine", 0) end,
        })
        return tostring(done) .. " " .. raised:match("^[^\n]*") .. "; " .. table.concat(lines)
      ]]) }
      local transfer = server:begin("/gather")
      await(1, "PUT /held")
      assert.are.equal("trivial", get("/trivial"))
      release()
      assert.are.equal("false mine; warn PUT /held/1", finish({ transfer })[1].body)
    end)

    it("may wait for nginx inside a map's function", function()
      start { locations = location("/map", [[
        local results = {}
        for _, result in boltz.map({ 1, 2, 3, 4 }, function(i)
          local first = call("/x" .. i)
          ngx.sleep(0.01)
          return first .. call("/y" .. i)
        end, { ordered = true }) do results[#results + 1] = result end
        return table.concat(results, " ")
      ]]) }
      assert.are.equal("/x1/y1 /x2/y2 /x3/y3 /x4/y4", get("/map"))
      assert.are.equal("", errors())
    end)

    it("makes calls inside a generator, also one of map's function, and others go on", function()
      start { locations = location("/generator", [[
        local function generator(name)
          return coroutine.wrap(function()
            for i = 1, 3 do coroutine.yield(call("/" .. name .. i)) end
          end)
        end
        local results = {}
        for result in generator "held/" do results[#results + 1] = result end
        for _, result in boltz.map({ "a", "b" }, function(name)
          local own = {}
          for each in generator(name) do own[#own + 1] = each end
          return table.concat(own, " ")
        end, { ordered = true }) do results[#results + 1] = result end
        return table.concat(results, " ")
      ]]) }
      local transfer = server:begin("/generator")
      for i = 1, 3 do
        await(i, "GET /held")
        assert.are.equal("/x", get("/call"))
        release()
      end
      assert.are.equal("/held/1 /held/2 /held/3 /a1 /a2 /a3 /b1 /b2 /b3",
        finish({ transfer })[1].body)
      assert.are.equal("", errors())
    end)

    it("gets the error 'cancelled' when another closes the client", function()
      start { init = "other = client:with { loop = 'auto' }", locations =
        location("/wait", [[ return show(other:get("/held/" .. ngx.var.arg_id)) ]])
        .. location("/close", "other:close() return 'closed'") }
      local pid = tonumber(get("/pid"))
      local transfers = begin("/wait?id=%d", 5)
      await(5, "GET /held")
      assert.are.equal("closed", get("/close"))
      for _, result in ipairs(finish(transfers)) do
        assert.are.equal("cancelled: the client is closed", result.body)
      end
      await(5, "^cancelled /held")
      assert.are.equal("/x", get("/call"))
      assert_idle(pid)
    end)

    it("may use many clients, which share a session or have their own", function()
      start { init = [[
        clients = {}
        for i = 1, 10 do clients[i] = client:with { loop = "auto" } end
        for i = 11, 80 do clients[i] = boltz.new { max_retries = 0 } end
      ]], locations = location("/many", [[
        local results = {}
        for _, result in boltz.map({ unpack(clients) }, function(each)
          return show(each:get("/held"))
        end, { concurrency = 80 }) do results[#results + 1] = result end
        return table.concat(results, " ")
      ]]) }
      local transfer = server:begin("/many")
      await(80, "GET /held")
      release()
      assert.are.equal(("/held "):rep(79) .. "/held", finish({ transfer })[1].body)
    end)
  end)

  -- Requests that each cost the worker 60 ms, one behind the other, while the answer to a call
  -- drips for minutes.
  for what, options in pairs {
    timeout = "{ timeout = 0.5 }",
    deadline = "{ timeout = 60, deadline = 0.5 }",
  } do
    it("ends a call by its " .. what .. " in a worker that is busy", function()
      start { locations = location("/busy", [[
        local ends = boltz_now() + 0.06
        while boltz_now() < ends do end
        return "worked"
      ]]) .. location("/drip", ([[
        local started = boltz_now()
        local _, err = client:get("/drip", %s)
        return err.kind .. " " .. (boltz_now() - started)
      ]]):format(options)), init = [[ boltz_now = require("boltz.core").now ]] }
      local transfer, busy = server:begin("/drip"), {}
      while not transfer:done() do
        for i = 1, 4 do
          if not busy[i] or busy[i]:done() then busy[i] = server:begin("/busy") end
        end
        server._engine:step(1)
      end
      local kind, seconds = transfer:result().body:match("^(%S+) (%S+)$")
      assert.are.equal("timeout", kind)
      assert.is_true(tonumber(seconds) < 3, seconds)
      assert.are.equal("worked", finish({ busy[1] })[1].body)
    end)
  end

  it("logs of an uncaught error what its page says, and the error itself where a text is raised",
    function()
      start { locations = location("/uncaught", [[ assert(client:get("/busy")) ]])
        .. location("/told", [[
          local value, err = client:get("/busy")
          assert(value, tostring(err))
        ]]) .. location("/list", [[
          local done, problem = pcall(function() for _ in client:paginate("/busy") do end end)
          return tostring(problem)
        ]]) }
      local text = system.read(ROOT .. PAGE)
      local said = text:match("%[error%] %.%.%. (lua entry thread aborted: [^\n]+)")
      assert.are.equal(500, server:get("/uncaught").status)
      assert.matches(said, errors(), 1, true)
      assert.are.equal(500, server:get("/told").status)
      assert.matches("runtime error: [^\n]*internal_server: [^\n]* at content_by_lua", errors())
      assert.matches("^internal_server: ", get("/list"))
    end)

  it("has a page that passes on each variable which this module or libcurl's proxy is read from",
    function()
      local configuration = page.files(PAGE)["nginx.conf"]
      local found = 0
      for path, pattern in pairs {
        ["lua/boltz/options/environment.lua"] = '"([%u_]+)"',
        ["csrc/http/proxy.c"] = '"(%a+_[pP][rR][oO][xX][yY])"',
      } do
        for name in system.read(ROOT .. path):gmatch(pattern) do
          assert.matches("\nenv " .. name .. ";", configuration, 1, true)
          found = found + 1
        end
      end
      assert.is_true(found > 12, found)
    end)

  it("has a page whose lines for Debian load the Lua module", function()
    local lines = {}
    for line in page.files(PAGE)["nginx.conf"]:gmatch("#(load_module [^;]+;)") do
      lines[#lines + 1] = line
    end
    assert.are.equal(2, #lines)
    if not system.exists(lines[2]:match(" (%S+);")) then return pending("modules are elsewhere") end
    local folder = system.output("mktemp -d")
    local function try(first)
      system.write(folder .. "/nginx.conf", first .. "\nerror_log stderr;\npid " .. folder
        .. "/pid;\nevents {}\nhttp { lua_package_path \"/x/?.lua;;\"; }\n")
      return (system.run(("PATH=$PATH:/usr/sbin nginx -t -e stderr -p %s -c %s/nginx.conf 2>&1")
        :format(folder, folder)))
    end
    local with, without = try(table.concat(lines, "\n")), try ""
    os.execute("rm -r " .. folder)
    assert.matches("test is successful", with, 1, true)
    assert.matches('unknown directive "lua_package_path"', without, 1, true)
  end)

  it("makes calls also when no timer is left for it", function()
    start { http = "lua_max_running_timers 1;", locations = location("/occupy", [[
      ngx.timer.at(0, function()
        notes:set("occupied", "yes")
        while not ngx.worker.exiting() do ngx.sleep(0.05) end
      end)
    ]]) }
    get("/occupy")
    note("occupied")
    assert_serves(20)
    assert.matches("lua_max_running_timers are not enough", server:log(), 1, true)
  end)

  describe("with a service that takes 200 ms", function()
    local service

    after_each(function() service:stop() end)

    local function start_with(options, more)
      service = emulator.start(options)
      more = more or {}
      server = nginx.start {
        http = HTTP:format("", ""),
        locations = COMMON .. (more.locations or ""),
        configuration = more.configuration,
        files = more.files,
        environment = { BOLTZ_API_KEY = service.api_key, BOLTZ_BASE_URL = service.base_url },
      }
    end

    it("answers 200 requests together, which one after the other take 40 s", function()
      start_with({ latency = 200, workspaces = 200 }, { locations = location("/workspace",
        [[ return client.workspaces:retrieve(ngx.var.arg_id).id ]]) })
      local paths, ids = {}, {}
      for i, workspace in ipairs(service:state().workspaces) do
        ids[i] = workspace.id
        paths[i] = "/workspace?id=" .. workspace.id
      end
      assert.are.equal(200, #paths)
      local began = core.now()
      for i, result in ipairs(server:get_all(paths)) do assert.are.equal(ids[i], result.body) end
      assert.is_true(core.now() - began < 10)
    end)

    it("reads lists, the next page on its way while this one is read", function()
      start_with({ workspaces = 250 }, { locations = location("/list", [[
        local ids = {}
        for workspace in client.workspaces:list { limit = 20 } do ids[#ids + 1] = workspace.id end
        return table.concat(ids, " ")
      ]]) })
      local ids = {}
      for i, workspace in ipairs(service:state().workspaces) do ids[i] = workspace.id end
      assert.are.equal(table.concat(ids, " "), get("/list"))
      assert.are.equal("", errors())
    end)

    it("runs the example of docs/embedding/nginx.md", function()
      local files = page.files(PAGE)
      local configuration = files["nginx.conf"]
      files["nginx.conf"] = nil
      start_with({}, { configuration = configuration, files = files })
      local before = service:state().workspaces
      live.make_odd(service, before[3].id, before[4].id)
      local workspaces, limits = get("/workspaces"), get("/limits")
      for i, workspace in ipairs(service:state().workspaces) do
        local name = i == 3 and "(no name)" or workspace.name
        assert.matches(workspace.id .. " " .. name .. "\n", workspaces, 1, true)
        assert.matches(workspace.id .. " %w+\n", limits)
      end
      assert.matches(" 1000000\n", limits, 1, true)
      assert.are.equal("", errors())
    end)
  end)
end)
