-- SPDX-License-Identifier: MIT
-- `deadline` on a real clock: it ends a call wherever that hangs. What hangs here would do so for
-- 20 seconds and more, so a call that is over much sooner was ended by its deadline.

local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"
local libcurl = require "support.libcurl"
local run = require "reliability.run"
local socket = require "socket"
local wire = require "support.wire"

local HANGS = 20 -- seconds

local function seconds_of(call)
  local started = core.now()
  local value, err = call()
  return core.now() - started, err, value
end

describe("a deadline", function()
  local function assert_ended_by_it(url, call)
    local client = boltz.new { api_key = run.KEY, base_url = url, timeout = HANGS, deadline = 0.2 }
    local seconds, err = seconds_of(function() return call(client) end)
    client:close()
    assert.equal("timeout", err.kind)
    assert.matches("deadline of 0.2 s", err.message)
    assert.is_true(seconds < HANGS / 2)
    return err
  end

  local PLACES = {
    ["before the answer"] = "c:request() c:hang()",
    ["in the headers"] = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nX: ") c:hang()',
    ["in the body"] = [[
      c:request() c:send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") c:hang()
    ]],
    ["in a body that drips"] = [[
      c:request() c:send("HTTP/1.1 200 OK\r\n\r\n") c:drip((" "):rep(9999), 0.01)
    ]],
  }
  for place, script in pairs(PLACES) do
    it("ends a call that hangs " .. place, function()
      local server = wire.start("while true do local c = accept() " .. script .. " end")
      local err = assert_ended_by_it(server.url, function(client)
        return client.workspaces:retrieve("ws_1")
      end)
      assert.equal(1, err.attempts)
      err = assert_ended_by_it(server.url, function(client) return client.workspaces:create() end)
      assert.is_true(err.maybe_applied)
      server:stop()
    end)
  end

  it("ends a call that hangs in its third attempt", function()
    local server = wire.start [[
      for _ = 1, 2 do
        local c = accept()
        c:request() c:send(answer("{}", "Retry-After: 0.01\r\nConnection: close\r\n", "503 No"))
        c:close()
      end
      local c = accept()
      c:request() c:hang()
    ]]
    local err = assert_ended_by_it(server.url, function(client)
      return client.workspaces:retrieve("ws_1", { deadline = 0.2 })
    end)
    assert.equal(3, err.attempts)
    server:stop()
  end)

  it("ends a call whose server asks for a longer wait, without waiting", function()
    local server = wire.start [[
      local c = accept()
      c:request() c:send(answer("{}", "Retry-After: 30\r\n", "503 No"))
    ]]
    local client = boltz.new { api_key = run.KEY, base_url = server.url, deadline = 10 }
    local seconds, err = seconds_of(function() return client.workspaces:retrieve("ws_1") end)
    assert.equal("internal_server", err.kind)
    assert.is_true(seconds < 5)
    client:close()
    server:stop()
  end)

  -- A host whose timer is coarse: each step comes half a second late, or later.
  describe("in a host that steps rarely", function()
    local function coarse(url, options)
      local given = { api_key = run.KEY, base_url = url, max_retries = 0,
        loop = function(seconds) socket.sleep(seconds + 0.5) end }
      for name, value in pairs(options) do given[name] = value end
      return boltz.new(given)
    end

    it("ends a call at the step after it, whatever the timeout is", function()
      for _, script in pairs(PLACES) do
        local server = wire.start("while true do local c = accept() " .. script .. " end")
        local client = coarse(server.url, { timeout = HANGS, deadline = 0.2 })
        local seconds, err = seconds_of(function() return client.workspaces:retrieve("ws_1") end)
        client:close()
        server:stop()
        assert.equal("timeout", err.kind)
        assert.is_true(seconds < HANGS / 2)
      end
    end)

    it("lengthens a timeout by no more than a step", function()
      local script = "while true do local c = accept() %s end"
      local server = wire.start(script:format(PLACES["in a body that drips"]))
      local client = coarse(server.url, { timeout = 0.2 })
      local seconds, err = seconds_of(function() return client.workspaces:retrieve("ws_1") end)
      client:close()
      server:stop()
      assert.equal("timeout", err.kind)
      assert.is_true(seconds < HANGS / 2)
    end)

    it("costs no call an answer that was there in time", function()
      local server = wire.start [[
        serve(function(c) while c:request() do c:send(answer '{"id":"ws_1"}') end end)
      ]]
      local function late() -- the server has done all that it can when it tells its records
        server:records()
        socket.sleep(0.3)
      end
      for _, limit in ipairs { "timeout", "deadline" } do
        local client = coarse(server.url, { [limit] = HANGS, loop = late })
        assert(client.workspaces:retrieve("ws_1")) -- connects
        local value, err = client:with({ [limit] = 0.25 }).workspaces:retrieve("ws_1")
        client:close()
        assert.equal("ws_1", value and value.id, tostring(err))
      end
      server:stop()
    end)
  end)

  -- A resolver that hangs, put in front of the C library's.
  it("ends a call whose host's name takes for ever to resolve", function()
    if os.getenv("BOLTZ_UNDER") then return pending("LD_PRELOAD is taken, see tools/lua") end
    local folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir -m 700 " .. folder)
    local file = assert(io.open(folder .. "/hang.c", "w"))
    file:write(([[
      #include <netdb.h>
      #include <unistd.h>
      int getaddrinfo (const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result) {
        (void)node; (void)service; (void)hints; (void)result;
        write(1, "asked ", 6);
        sleep(%d);
        return EAI_AGAIN;
      }
    ]]):format(HANGS))
    file:close()
    local build = io.popen(("cd %s && cc -shared -fPIC -o hang.so hang.c 2>&1; ls"):format(folder))
    local built = build:read("*a")
    build:close()
    if not built:find("hang.so", 1, true) then
      os.execute("rm -r " .. folder)
      pending("there is no cc, or it made no library: " .. built)
      return
    end
    local seconds, _, output = seconds_of(function()
      return child.run([[
        local client = require("boltz").new { base_url = "https://slow.example.invalid",
          deadline = 0.2 }
        local _, err = client.workspaces:retrieve("ws_1")
        io.write(err.kind, " ", tostring(err.maybe_applied), " ", err.message)
      ]], { BOLTZ_API_KEY = run.KEY, LD_PRELOAD = folder .. "/hang.so" })
    end)
    os.execute("rm -r " .. folder)
    assert.matches("asked timeout false the deadline of 0.2 s has passed", output)
    -- Before curl 7.87 the end of a transfer waits for the resolver: the call fails, but late.
    assert.is_true(seconds < HANGS / 2 or libcurl.before(7, 87), output)
  end)
end)

-- What a program does beside a call must not keep it from its end. The call's answer drips for
-- minutes; what works beside it, works in pieces.
describe("a limit of time beside work", function()
  after_each(wire.stop_all)

  local LIMIT, PIECE = 0.5, 0.3 -- seconds
  local ENDS = 3 -- seconds: a call that ends for another reason than its limit takes far longer

  local DRIP = [[
    serve(function(c)
      c:request() c:send("HTTP/1.1 200 OK\r\n\r\n") c:drip((" "):rep(9999), 0.02)
    end)
  ]]
  local QUICK = "serve(function(c) while c:request() do c:send(answer '{}') end end)"

  local function work(seconds)
    local ends = core.now() + seconds
    while core.now() < ends do end
  end

  local function new(url, options)
    options.api_key, options.base_url, options.max_retries = run.KEY, url, 0
    return boltz.new(options)
  end

  -- A call whose answer drips, and what ends it.
  local function dripping(options)
    local client = new(wire.start(DRIP).url, options)
    local seconds, err
    return {
      client = client,
      perform = function()
        seconds, err = seconds_of(function() return client.workspaces:retrieve("ws_1") end)
        client:close()
      end,
      is_over = function() return seconds ~= nil end,
      check = function()
        assert.equal("timeout", err.kind)
        assert.is_true(seconds < ENDS, ("took %.1f s"):format(seconds))
      end,
    }
  end

  local LIMITS = {
    timeout = { timeout = LIMIT },
    deadline = { deadline = LIMIT, timeout = HANGS },
  }
  for what, limits in pairs(LIMITS) do
    local function options(loop)
      return { [what] = LIMIT, timeout = limits.timeout, loop = loop }
    end

    it("ends a call of a host that looks every 60 ms: " .. what, function()
      local call = dripping(options(function(seconds) work(math.max(seconds, 0.06)) end))
      call.perform()
      call.check()
    end)

    -- Each call of the other task ends, where it can, without a wait.
    it("ends a call beside a task that is busy: " .. what, function()
      local call = dripping(options())
      local other = new(wire.start(QUICK).url, {})
      boltz.gather {
        call.perform,
        function()
          repeat
            work(PIECE)
            other.workspaces:retrieve("ws_2")
          until call.is_over()
        end,
      }
      call.check()
      other:close()
    end)

    -- There is always a result, so that it never comes to wait.
    it("ends a call in a map whose caller is busy: " .. what, function()
      local call = dripping(options())
      local other = call.client:with { base_url = wire.start(QUICK).url }
      local function items() return not call.is_over() and other or nil end
      local begun = false
      for _ in boltz.map(items, function()
        if begun then return other.workspaces:retrieve("ws_2") end
        begun = true
        return call.perform()
      end) do
        work(PIECE)
      end
      call.check()
    end)
  end
end)
