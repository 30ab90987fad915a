-- SPDX-License-Identifier: MIT
-- The page docs/embedding/luv.md and what it promises, in libuv's loop.

local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"
local live = require "support.live"
local page = require "support.page"
local wire = require "support.wire"

local installed, uv = pcall(require, "luv")

local ME = "/compute/v1/auth/me"
local WORKSPACES = 100
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

  local service, client, ids, problem

  setup(function()
    service, client = live.start { latency = 100, workspaces = WORKSPACES }
    ids = {}
    for workspace in client.workspaces:list { limit = 100 } do ids[#ids + 1] = workspace.id end
    client:close()
  end)
  teardown(function() service:stop() end)
  before_each(function()
    service:reset_faults()
    client = live.client(service, { loop = "luv" })
    problem = nil
  end)
  after_each(function()
    client:close()
    wire.stop_all()
  end)

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

  local function sleep(seconds)
    local thread = coroutine.running()
    after(seconds, function() coroutine.resume(thread) end)
    coroutine.yield()
  end

  local function run_script(script)
    return child.run(PRELUDE .. script, {
      BOLTZ_API_KEY = service.api_key,
      BOLTZ_BASE_URL = service.base_url,
    })
  end

  it("has 100 calls in flight in one thread, and each gets its own answer", function()
    local got = {}
    local began = core.now()
    for i, id in ipairs(ids) do
      go(function() got[i] = assert(client.workspaces:retrieve(id)).id end)
    end
    run()
    assert.is_true(core.now() - began < 3) -- and not 100 times 100 ms
    assert.equal(WORKSPACES, #got)
    assert.same(ids, got)
  end)

  it("calls back whom it should while calls are in flight", function()
    service:fault { latency = 1 }
    local ticks, done = 0, false
    local timer = uv.new_timer()
    timer:start(10, 10, function()
      ticks = ticks + 1
      if done then timer:close() end
    end)
    go(function()
      assert(client.auth:me())
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
        assert(client.auth:me())
        got = got + 1
      end)
    end
    service:fault { latency = 0.5 }
    assert.is_table((client.auth:me()))
    assert.equal(0, ticks)
    timer:close()
    run()
    assert.equal(3, got)
  end)

  it("waits also where libuv calls back", function()
    local got
    after(0.01, function() got = client.auth:me() end)
    run()
    assert.is_table(got)
  end)

  it("lets others run while a call waits before it tries again", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = 1 }
    local order, attempts = {}, nil
    go(function()
      attempts = select(3, assert(patient.auth:me())).attempts
      order[#order + 1] = "again"
    end)
    go(function()
      sleep(0.3) -- the fault is for the first
      assert(client.auth:me())
      order[#order + 1] = "other"
    end)
    run()
    assert.same({ "other", "again" }, order)
    assert.equal(2, attempts)
  end)

  it("ends waits of several lengths, each in its time", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = 1 }
    service:fault { status = 503, retry_after = 0.3, after = 1 }
    local ended = 0
    for _ = 1, 3 do
      go(function()
        assert(patient.auth:me())
        ended = ended + 1
      end)
    end
    run()
    assert.equal(3, ended)
  end)

  it("gives up at the timeout and at the deadline, and the others get their answers", function()
    service:fault { latency = PATIENCE, path = ME, times = 2 }
    local late, too_late, got
    go(function() late = select(2, client:get(ME, { timeout = 0.2 })) end)
    go(function() too_late = select(2, client:get(ME, { deadline = 0.3 })) end)
    go(function() got = client.workspaces:retrieve(ids[7]) end)
    run()
    assert.equal("timeout", late.kind)
    assert.matches("^timed out after ", late.message)
    assert.equal("timeout", too_late.kind)
    assert.equal("the deadline of 0.3 s has passed", too_late.message)
    assert.equal(ids[7], got.id)
  end)

  it("lets the others go on when a coroutine catches its error", function()
    local ended, caught = 0, {}
    for i = 1, 5 do
      go(function()
        local done, message = pcall(function()
          assert(client.auth:me())
          if i % 2 == 0 then error("mine", 0) end
        end)
        caught[#caught + 1] = not done and message or nil
        ended = ended + 1
      end)
    end
    run()
    assert.same({ "mine", "mine" }, caught)
    assert.equal(5, ended)
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

  it("runs map over a list in several coroutines", function()
    local found = {}
    for i = 1, 3 do
      found[i] = {}
      go(function()
        local list = client.workspaces:list { limit = 30 }
        local retrieve = function(workspace) return client.workspaces:retrieve(workspace.id) end
        local options = { concurrency = 25, ordered = true }
        for _, workspace, err in boltz.map(list, retrieve, options) do
          table.insert(found[i], assert(workspace, err).id)
        end
      end)
    end
    run()
    assert.same({ ids, ids, ids }, found)
  end)

  it("requests each page once, ahead of a loop that works in between", function()
    local before, found = service:state().counts.requests, {}
    go(function()
      for workspace in client.workspaces:list { limit = 20 } do
        found[#found + 1] = workspace.id
        if #found % 10 == 0 then sleep(0.01) end
      end
    end)
    run()
    assert.same(ids, found)
    assert.equal(5, service:state().counts.requests - before)
  end)

  it("returns `cancelled` where coroutines wait when the client is closed", function()
    service:fault { latency = PATIENCE, times = 5 }
    local kinds, burnt = {}, nil
    for _ = 1, 5 do
      go(function() table.insert(kinds, select(2, client.auth:me()).kind) end)
    end
    after(0.1, function()
      client:close()
      local began = os.clock()
      after(0.5, function() burnt = os.clock() - began end)
    end)
    run()
    assert.same({ "cancelled", "cancelled", "cancelled", "cancelled", "cancelled" }, kinds)
    assert.is_true(burnt < 0.2)
  end)

  it("returns `cancelled` where a coroutine waits before it tries again", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = PATIENCE }
    local before, err = service:state().counts.requests, nil
    go(function() err = select(2, patient.auth:me()) end)
    go(function()
      repeat sleep(0.05) until service:state().counts.requests > before
      sleep(0.2)
      patient:close()
    end)
    run()
    assert.equal("cancelled", err.kind)
  end)

  it("forgets a coroutine that was closed, and cancels its call", function()
    local close = rawget(coroutine, "close") -- since Lua 5.4
    if not close then return end
    service:fault { latency = 0.5, times = 1 }
    local thread = coroutine.create(function() client.auth:me() end)
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
        assert(client.auth:me())
      end)
      run()
      assert.is_true(within > before)
      assert.equal(before, handles())
    end
  end)

  it("watches one descriptor after another that have the same number", function()
    local got = 0
    for _ = 1, 10 do
      local other = live.client(service, { loop = "luv" })
      go(function()
        assert(other.auth:me())
        got = got + 1
      end)
      run()
      other:close()
    end
    assert.equal(10, got)
  end)

  it("watches for several clients at once", function()
    local got, others = 0, {}
    for i = 1, 5 do
      others[i] = live.client(service, { loop = "luv" })
      go(function()
        assert(others[i].auth:me())
        got = got + 1
        others[i]:close()
      end)
    end
    run()
    assert.equal(5, got)
  end)

  it("ends the process without a word about a coroutine that still waits", function()
    local output = run_script [[
      go(function() client.auth:me() end)
      uv.run "nowait"
      print "end"
    ]]
    assert.equal("end\n", output)
  end)

  it("runs the page's example", function()
    local output = child.run(page.files("docs/embedding/luv.md")["limits.lua"], {
      BOLTZ_API_KEY = service.api_key,
      BOLTZ_BASE_URL = service.base_url,
    })
    local lines = {}
    for line in output:gmatch("[^\n]+") do lines[#lines + 1] = line end
    assert.equal(WORKSPACES + 1, #lines)
    assert.matches("screening\t1000000", output)
    assert.is_true(tonumber(lines[#lines]:match("^ticks\t(%d+)$")) > 5, output)
  end)
end)
