-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"
local poll = require "boltz.wait.host.poll"
local host = require "boltz.wait.host"
local mistake = require "support.mistake"
local servers = require "support.servers"
local Transport = require "boltz.wait.transport"
local wire = require "support.wire"

local KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"
local MISTAKE = "bad option 'loop' to 'boltz.new' (expected %s, got %s)"
local KINDS = [["auto", "blocking", "nginx", "cqueues", "luv", "copas", ]]
  .. "a function that sleeps, or a table with 'poll'"

-- A waiter that is over after so many looks.
local function waiter_of(looks)
  return {
    ends = math.huge,
    left = function() return math.huge end,
    is_over = function()
      looks = looks - 1
      return looks < 0
    end,
  }
end

describe("the option loop", function()
  local WRONG = {
    { "fast", "a string" }, { "", "a string" }, { "Nginx", "a string" }, { 5, "5" },
    { false, "false" }, { {}, "a table" }, { { poll = "poll" }, "a table" },
    { { wait = true }, "a table" },
  }
  for _, case in ipairs(WRONG) do
    local shown = type(case[1]) == "string" and ("%q"):format(case[1]) or case[2]
    it("refuses " .. shown, function()
      assert.equal(MISTAKE:format(KINDS, case[2]),
        mistake(function() boltz.new { api_key = KEY, loop = case[1] } end))
    end)
  end

  it("is checked in a copy of a client, too", function()
    local client = boltz.new { api_key = KEY }
    assert.equal(MISTAKE:format(KINDS, "a string"):gsub("boltz.new", "client:with"),
      mistake(function() client:with { loop = "fast" } end))
    client:close()
  end)

  for _, name in ipairs { "cqueues", "copas", "luv" } do
    it(("says that %s is not installed where that is so"):format(name), function()
      local output = child.run(([[
        package.preload["%s"] = function() error("module '%s' not found: nowhere", 0) end
        print(pcall(require("boltz").new, { api_key = "sk_bc_x", loop = "%s" }))
      ]]):format(name, name, name))
      assert.matches(("bad option 'loop' to 'boltz.new' (expected a loop that this host has, "
        .. [[got "%s", and module '%s' not found]]):format(name, name), output, 1, true)
    end)
  end

  it("says that nginx is not there", function()
    local message = mistake(function() boltz.new { api_key = KEY, loop = "nginx" } end)
    assert.matches([[(expected a loop that this host has, got "nginx", and ]], message, 1, true)
  end)

  for _, name in ipairs { "auto", "blocking" } do
    it(("takes %q"):format(name), function()
      assert.equal(require "boltz.wait.host.blocking", host.check(name)())
    end)
  end

  it("takes a table with 'wait' as it is", function()
    local own = { wait = function() end }
    assert.equal(own, host.check(own)())
  end)
end)

describe("the automatic host", function()
  it("blocks in a plain script", function()
    assert.equal(require "boltz.wait.host.blocking", host.automatic())
  end)

  it("blocks in a coroutine whose host is not known", function()
    local chosen = coroutine.wrap(function() return host.automatic() end)()
    assert.equal(require "boltz.wait.host.blocking", chosen)
  end)

  it("loads no library by itself", function()
    local output = child.run [[
      require("boltz").new { api_key = "sk_bc_x" }
      require("boltz.wait.host").automatic()
      for _, name in ipairs { "cqueues", "luv", "copas", "socket" } do
        io.write(tostring(package.loaded[name]), " ")
      end
    ]]
    assert.equal("nil nil nil nil ", output)
  end)

  it("is cqueues only where a controller runs", function()
    local running = false
    local had, ours = package.loaded.cqueues, package.loaded["boltz.wait.host.cqueues"]
    package.loaded.cqueues = { running = function() return running end }
    package.loaded["boltz.wait.host.cqueues"] = { is = "cqueues" }
    finally(function()
      package.loaded.cqueues, package.loaded["boltz.wait.host.cqueues"] = had, ours
    end)
    assert.equal(require "boltz.wait.host.blocking", host.automatic())
    running = true
    assert.same({ is = "cqueues" }, host.automatic())
  end)

  it("is not nginx's where a table merely has that name", function()
    finally(function() rawset(_G, "ngx", nil) end)
    for _, stub in ipairs { {}, { log = print, config = {} }, true } do
      rawset(_G, "ngx", stub)
      assert.equal(require "boltz.wait.host.blocking", host.automatic())
    end
  end)

  it("is nginx where there is ngx", function()
    local ours = package.loaded["boltz.wait.host.nginx"]
    package.loaded["boltz.wait.host.nginx"] = { is = "nginx" }
    rawset(_G, "ngx", { config = { nginx_version = 1022001 } })
    finally(function()
      rawset(_G, "ngx", nil)
      package.loaded["boltz.wait.host.nginx"] = ours
    end)
    assert.same({ is = "nginx" }, host.automatic())
  end)
end)

describe("the host of a function that polls", function()
  after_each(wire.stop_all)

  it("polls and steps until the wait is over", function()
    local events = {}
    local engine = {
      step = function()
        events[#events + 1] = "step"
        return 0
      end,
    }
    local own = poll(function(given, seconds)
      assert.equal(engine, given)
      events[#events + 1] = seconds
    end)
    own.wait(engine, waiter_of(2))
    assert.same({ math.huge, "step", math.huge, "step" }, events)
  end)

  it("does not poll when there is nothing to wait for", function()
    poll(function() error "polled" end).wait({}, waiter_of(0))
  end)

  it("gives the seconds that are left", function()
    local least
    local own = host.check { poll = function(_, seconds) least = seconds end }
    local transport = Transport.new(own)
    transport:sleep(0.02)
    assert.is_true(least < 0.02)
    transport:release()
  end)

  it("raises what the function raises, and cancels the call", function()
    local server = wire.start(servers.SILENCE)
    local client = boltz.new { api_key = KEY, base_url = server.url,
      loop = { poll = function(engine)
        if #server:records() > 0 then error("stop", 0) end
        engine:step(0.01)
      end } }
    assert.error_matches(function() client.auth:me() end, "^stop$")
    local limit = core.now() + 20
    repeat until server:records()[2] or core.now() > limit
    assert.equal("gone /compute/v1/auth/me", server:records()[2])
    client:close()
  end)

  it("wakes the engine until the waiter that is over has looked", function()
    local is_awake, is_done, ended = false, false, 0
    local engine = {
      step = function()
        local news = ended + (is_awake and 1 or 0)
        is_awake, ended = false, 0
        return news
      end,
      wake = function() is_awake = true end,
    }
    local own = poll(function() coroutine.yield() end)
    local function start(is_over)
      local resume = coroutine.wrap(function()
        own.wait(engine, { is_over = is_over, left = function() return math.huge end })
      end)
      resume()
      return resume
    end
    local one = start(function() return is_done end)
    local two, three = start(function() return false end), start(function() return false end)
    one()
    is_done, ended = true, 1 -- what the first waits for, by the step of the second
    two()
    assert.is_true(is_awake)
    three()
    assert.is_true(is_awake) -- the first has not looked yet
    one()
    three()
    assert.is_false(is_awake)
  end)

  -- A host with an event loop of its own: it resumes all of them when the descriptor is readable.
  it("lets coroutines of a host make calls side by side", function()
    local server = wire.start [[
      local waiting = {}
      serve(function(c)
        local request = c:request()
        waiting[#waiting + 1] = function() c:send(answer('{"id":"' .. request.target .. '"}')) end
        if #waiting < 10 then return c:hang() end
        for _, send in ipairs(waiting) do send() end
        c:hang()
      end)
    ]]
    local client = boltz.new { api_key = KEY, base_url = server.url, max_retries = 0,
      loop = { poll = function(...) coroutine.yield(...) end } }
    local threads, ids = {}, {}
    for i = 1, 10 do
      threads[i] = coroutine.create(function()
        ids[i] = assert(client.workspaces:retrieve("ws_" .. i)).id
      end)
    end
    local left
    repeat
      left = 0
      local engine, shortest = nil, math.huge
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          local done, yielded, seconds = coroutine.resume(thread)
          assert(done, yielded)
          if coroutine.status(thread) ~= "dead" then
            left = left + 1
            engine, shortest = yielded, math.min(shortest, seconds)
          end
        end
      end
      if engine then engine:step(math.min(shortest, 20)) end
    until left == 0
    for i = 1, 10 do assert.matches("/ws_" .. i .. "$", ids[i]) end
    client:close()
  end)

  it("runs map inside a coroutine of a host", function()
    local server = wire.start(servers.ECHO)
    local client = boltz.new { api_key = KEY, base_url = server.url,
      loop = { poll = function(...) coroutine.yield(...) end } }
    local count = 0
    local thread = coroutine.wrap(function()
      for _, _, err in boltz.map({ "a", "b", "c" }, function(id)
        return client.workspaces:retrieve(id)
      end) do
        assert.equal("invalid_response", err.kind) -- a path is not JSON
        count = count + 1
      end
      return nil
    end)
    local engine, seconds = thread()
    while engine do
      engine:step(math.min(seconds, 20))
      engine, seconds = thread()
    end
    assert.equal(3, count)
    client:close()
  end)
end)
