-- SPDX-License-Identifier: MIT
-- The page docs/embedding/luv.md and what it promises, in libuv's loop.

local child = require "support.child"
local host_cases = require "support.host_cases"

local installed, uv = pcall(require, "luv")

local PATIENCE = 20 -- seconds: for a spec that fails

-- What a script for `child` begins with. Its Lua may end in the midst of it.
local PRELUDE = [[
  io.stdout:setvbuf "no"
  local boltz, uv = require "boltz", require "luv"
  local client = boltz.new { loop = "luv", max_retries = 0 }
  local function go(fn, ...) assert(coroutine.resume(coroutine.create(fn), ...)) end
]]

describe("luv", function()
  if not installed then
    pending("is not installed for this Lua")
    return
  end

  local problem

  before_each(function() problem = nil end)

  -- Starts a coroutine. What it raises is kept for `run`: in a callback it would end the suite.
  local function go(fn)
    coroutine.wrap(function()
      local done, raised = pcall(fn)
      if not done then problem = problem or raised end
    end)()
  end

  -- Runs the loop until it ends by itself, since nothing is left that it waits for.
  local function run()
    local hangs = false
    local guard = uv.new_timer()
    guard:start(PATIENCE * 1000, 0, function()
      hangs = true
      uv.stop()
    end)
    guard:unref()
    uv.run()
    guard:close()
    uv.run "nowait"
    if problem then error(problem, 0) end
    assert.is_false(hangs, "the loop does not end")
    assert.is_falsy(uv.loop_alive())
  end

  local function after(seconds, fn)
    local timer = uv.new_timer()
    timer:start(seconds * 1000, 0, function()
      timer:close()
      fn()
    end)
  end

  local here = host_cases {
    loop = "luv",
    run = function(...)
      for _, fn in ipairs { ... } do go(fn) end
      run()
    end,
    page = "docs/embedding/luv.md",
    ticks = true,
  }

  local function run_script(script)
    return child.run(PRELUDE .. script, {
      BOLTZ_API_KEY = here.service.api_key,
      BOLTZ_BASE_URL = here.service.base_url,
    })
  end

  it("calls back whom it should while calls are in flight", function()
    here.service:fault { latency = 1 }
    local ticks, done = 0, false
    local timer = uv.new_timer()
    timer:start(10, 10, function()
      ticks = ticks + 1
      if done then timer:close() end
    end)
    go(function()
      assert(here.client.auth:me())
      done = true
    end)
    run()
    assert.is_true(ticks > 20, ticks)
  end)

  it("stands still outside a coroutine, and calls in coroutines go on meanwhile", function()
    local ticks, got = 0, 0
    local timer = uv.new_timer()
    timer:start(10, 10, function() ticks = ticks + 1 end)
    for _ = 1, 3 do
      go(function()
        assert(here.client.auth:me())
        got = got + 1
      end)
    end
    here.service:fault { latency = 0.5 }
    assert.is_table((here.client.auth:me()))
    assert.equal(0, ticks)
    timer:close()
    run()
    assert.equal(3, got)
  end)

  it("waits also where libuv calls back", function()
    local got
    after(0.01, function() got = here.client.auth:me() end)
    run()
    assert.is_table(got)
  end)

  it("leaves an error that nobody catches to luv, which ends the program", function()
    local output = run_script [[
      go(function()
        assert(client.auth:me())
        error "mine"
      end)
      uv.run()
      print "still here"
    ]]
    assert.matches("Uncaught Error", output)
    assert.matches("mine", output)
    assert.not_matches("still here", output)
  end)

  it("tells of a call inside a generator where its wait is used as an item", function()
    local items = coroutine.wrap(function()
      coroutine.yield((here.client.auth:me()))
    end)
    local item = items()
    assert.matches("no item, but the wait of a call", tostring(item), 1, true)
    local done, raised = pcall(function() return "name: " .. item.name end)
    assert.is_false(done)
    assert.matches("luv_spec.*no item, but the wait of a call", raised)
    run()
  end)

  it("ends the call of a coroutine that is resumed by other than the loop", function()
    local raised, got
    here.service:fault { latency = PATIENCE, times = 1, path = "/compute/v1/auth/me" }
    local thread = coroutine.create(function()
      raised = select(2, pcall(function() here.client.auth:me() end))
      got = here.client.workspaces:retrieve(here.ids[1])
    end)
    assert(coroutine.resume(thread))
    assert(coroutine.resume(thread))
    run()
    assert.matches("it was not the host that resumed it", raised, 1, true)
    assert.is_table(got)
  end)

  it("forgets a coroutine that was closed, and cancels its call", function()
    local close = rawget(coroutine, "close") -- since Lua 5.4
    if not close then return end
    here.service:fault { latency = 0.5, times = 1 }
    local thread = coroutine.create(function() here.client.auth:me() end)
    assert(coroutine.resume(thread))
    assert(close(thread))
    run()
  end)

  it("keeps no handle when nobody waits", function()
    local function handles()
      local count = 0
      uv.walk(function(handle)
        if not handle:is_closing() then count = count + 1 end
      end)
      return count
    end
    local before, within = handles(), nil
    for _ = 1, 2 do -- the client is used again
      go(function()
        after(0.01, function() within = handles() end)
        assert(here.client.auth:me())
      end)
      run()
      assert.is_true(within > before)
      assert.equal(before, handles())
    end
  end)

  it("ends the process without a word about a coroutine that still waits", function()
    local output = run_script [[
      go(function() client.auth:me() end)
      uv.run "nowait"
      print "end"
    ]]
    assert.equal("end\n", output)
  end)
end)
