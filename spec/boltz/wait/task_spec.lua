-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local task = require "boltz.wait.task"

local HOUR = 3600 -- seconds: nobody waits for it

local function nothing() end

-- A transport whose transfers come to an end in the order of a list, one in each round of waiting;
-- `rounds` counts them. It stands for a host that lets things happen.
local function fake(events)
  local transport = { rounds = 0, nudge = nothing }
  function transport:wait(wait)
    while not wait:is_over() do
      self.rounds = self.rounds + 1
      local event = assert(table.remove(events, 1), "everybody waits for what never comes")
      event()
    end
  end
  return transport
end

-- Something that can be waited for.
local function thing()
  local self = { cancelled = 0 }
  function self.come() self.here = true end
  function self.wait(transport, ends)
    task.wait {
      condition = function() return self.here end,
      ends = ends,
      transport = transport,
      cancel = function() self.cancelled = self.cancelled + 1 end,
    }
  end
  return self
end

local function all_done(tasks)
  return function()
    for _, each in ipairs(tasks) do
      if not each.done then return false end
    end
    return true
  end
end

-- Runs functions as tasks until all are done.
local function run(...)
  local tasks = {}
  for i, fn in ipairs { ... } do tasks[i] = task.new(fn) end
  task.run(tasks, all_done(tasks))
  return tasks
end

describe("waiting", function()
  it("outside of tasks is the host's", function()
    local it = thing()
    local transport = fake { function() end, it.come }
    it.wait(transport)
    assert.are.equal(2, transport.rounds)
  end)

  it("does not begin where the condition holds", function()
    local it = thing()
    it.come()
    local transport = fake {}
    it.wait(transport)
    assert.are.equal(0, transport.rounds)
  end)

  it("in a coroutine of the host, which is no task, is the host's", function()
    local it = thing()
    local transport = { wait = function(_, wait)
      while not wait:is_over() do coroutine.yield "host" end
    end }
    local thread = coroutine.create(function()
      it.wait(transport)
      return "end"
    end)
    assert.are.same({ true, "host" }, { coroutine.resume(thread) })
    it.come()
    assert.are.same({ true, "end" }, { coroutine.resume(thread) })
  end)

  it("that an error ends cancels what was waited for, and passes the error on", function()
    local it, problem = thing(), { "interrupted!" }
    local transport = { wait = function() error(problem) end }
    local done, err = pcall(it.wait, transport)
    assert.is_false(done)
    assert.is_true(err == problem)
    assert.are.equal(1, it.cancelled)
  end)
end)

describe("tasks", function()
  it("begin when they are first stepped, with their arguments", function()
    local got
    local one = task.new(function(...) got = { n = select("#", ...), ... } end, 1, nil, 3, nil)
    assert.is_nil(got)
    assert.is_true(one:is_ready())
    one:step()
    assert.are.same({ n = 4, 1, nil, 3, nil }, got)
    assert.is_true(one.done)
    assert.is_false(one:is_ready())
  end)

  it("have what pcall would return as their results", function()
    local tasks = run(function() return 1, nil, nil end, function() error({ "x" }, 0) end)
    assert.are.same({ n = 4, true, 1, nil, nil }, tasks[1].results)
    assert.are.same({ n = 2, false, { "x" } }, tasks[2].results)
  end)

  it("wait side by side, in whatever order things come", function()
    local things, order = { thing(), thing(), thing() }, {}
    local transport = fake { things[3].come, things[1].come, things[2].come }
    local function taker(i)
      return function()
        things[i].wait(transport)
        order[#order + 1] = i
      end
    end
    run(taker(1), taker(2), taker(3))
    assert.are.same({ 3, 1, 2 }, order)
    assert.are.equal(3, transport.rounds)
  end)

  it("go on without the host when one brings what another waits for", function()
    local one, order = thing(), {}
    run(function()
      one.wait(nil) -- no transport: another task of ours
      order[#order + 1] = "taken"
    end, function()
      order[#order + 1] = "brought"
      one.come()
    end)
    assert.are.same({ "brought", "taken" }, order)
  end)

  it("may be added by one that runs", function()
    local tasks, order = {}, {}
    tasks[1] = task.new(function()
      for i = 1, 3 do
        tasks[#tasks + 1] = task.new(function() order[#order + 1] = i end)
      end
    end)
    task.run(tasks, all_done(tasks))
    assert.are.same({ 1, 2, 3 }, order)
  end)

  it("are run no longer than a caller wants", function()
    local things = { thing(), thing() }
    local transport = fake { things[1].come }
    local tasks = {}
    for i = 1, 2 do tasks[i] = task.new(function() things[i].wait(transport) end) end
    task.run(tasks, function() return tasks[1].done end)
    assert.are.equal(1, transport.rounds)
    assert.is_false(tasks[2].done)
    task.cancel_all(tasks)
    assert.are.same({ 0, 1 }, { things[1].cancelled, things[2].cancelled })
  end)

  it("go on when the time of their wait is over", function()
    local never = thing()
    local ends = core.now() + 0.01
    local went_on
    local transport = { nudge = nothing, wait = function(_, wait)
      assert.are.equal(ends, wait.ends) -- the first of all
      while not wait:is_over() do end
    end }
    local tasks = { task.new(function()
      never.wait(transport, ends)
      went_on = core.now()
    end), task.new(function() never.wait(transport, ends + HOUR) end) }
    task.run(tasks, function() return tasks[1].done end)
    assert.is_true(went_on >= ends)
    assert.is_false(tasks[2].done)
    task.cancel_all(tasks)
  end)

  it("may have tasks, and theirs wait along with them", function()
    local things, order = {}, {}
    for i = 1, 4 do things[i] = thing() end
    local transport = fake { things[4].come, things[1].come, things[3].come, things[2].come }
    local function taker(i)
      return function()
        things[i].wait(transport)
        order[#order + 1] = i
      end
    end
    local function of_two(i)
      return function() run(taker(i), taker(i + 1)) end
    end
    run(of_two(1), of_two(3))
    assert.are.same({ 4, 1, 3, 2 }, order)
    assert.are.equal(4, transport.rounds)
  end)

  it("let what others wait for go on while one of them is at work", function()
    local one, is_over, pieces = thing(), false, 0
    local transport = fake {}
    function transport.nudge() one.come() end
    run(function()
      one.wait(transport)
      is_over = true
    end, function()
      repeat
        local ends = core.now() + 0.005
        while core.now() < ends do end
        task.give_way()
        pieces = pieces + 1
      until is_over or pieces == 3
    end)
    assert.are.same({ 0, 1 }, { transport.rounds, pieces })
  end)

  it("give way only if they have been at work for long", function()
    local order = {}
    local function taker(i)
      return function()
        order[#order + 1] = i
        task.give_way()
        order[#order + 1] = i
      end
    end
    local now = core.now
    core.now = function() return 0 end
    local done, problem = pcall(run, taker(1), taker(2))
    core.now = now
    assert.is_true(done, problem)
    assert.are.same({ 1, 1, 2, 2 }, order)
    task.give_way() -- outside of tasks
  end)

  it("of several transports are waited for in turns", function()
    local one, other = thing(), thing()
    local order, waits = {}, { 0, 0 }
    -- Each lets its own come at its third turn, and never waits longer than its turn.
    local function transport(i, what)
      return { nudge = nothing, wait = function(_, wait)
        waits[i] = waits[i] + 1
        assert.is_true(wait:left() < 1)
        if waits[i] == 3 then what.come() end
      end }
    end
    local first, second = transport(1, one), transport(2, other)
    run(function()
      one.wait(first)
      order[#order + 1] = 1
    end, function()
      other.wait(second)
      order[#order + 1] = 2
    end)
    table.sort(order)
    assert.are.same({ 1, 2 }, order)
    assert.is_true(waits[1] >= 3 and waits[2] >= 3)
  end)
end)

describe("a task that yields something of the host's", function()
  it("hands it to the host and gets what the host answers", function()
    local got
    local thread = coroutine.create(function()
      run(function()
        got = { coroutine.yield("please", nil, 2) }
        got.again = coroutine.yield()
      end)
      return "end"
    end)
    assert.are.same({ true, "please", nil, 2 }, { coroutine.resume(thread) })
    assert.are.same({ true }, { coroutine.resume(thread, "here", nil, 3) })
    assert.are.same({ true, "end" }, { coroutine.resume(thread, "again") })
    assert.are.same({ "here", nil, 3, again = "again" }, got)
  end)

  it("does so through tasks of tasks, and waits between", function()
    local one = thing()
    local transport = fake { one.come }
    local thread = coroutine.create(function()
      run(function()
        run(function()
          local first = coroutine.yield "one"
          one.wait(transport)
          assert(coroutine.yield "two" == first + 1)
        end)
      end)
      return "end"
    end)
    assert.are.same({ true, "one" }, { coroutine.resume(thread) })
    assert.are.same({ true, "two" }, { coroutine.resume(thread, 1) })
    assert.are.same({ true, "end" }, { coroutine.resume(thread, 2) })
  end)
end)

describe("cancelling a task", function()
  it("that waits ends what it waits for, once, and nothing after it runs", function()
    local one, went_on = thing(), false
    local it = task.new(function()
      one.wait { nudge = nothing }
      went_on = true
    end)
    it:step()
    assert.is_false(it:is_ready())
    it:cancel()
    it:cancel()
    assert.is_true(it.done)
    assert.are.equal(1, one.cancelled)
    one.come()
    assert.is_false(it:is_ready())
    assert.is_false(went_on)
  end)

  it("that has not begun keeps it from beginning", function()
    local begun = false
    local it = task.new(function() begun = true end)
    it:cancel()
    task.advance { it }
    assert.is_true(it.done)
    assert.is_false(begun)
  end)

  it("that is done changes nothing", function()
    local it = run(function() return "result" end)[1]
    it:cancel()
    assert.are.same({ n = 2, true, "result" }, it.results)
  end)

  it("from within lets it run to its next wait and no further", function()
    local it, one, went_on, after
    one = thing()
    it = task.new(function()
      it:cancel()
      went_on = true
      one.wait { nudge = nothing }
      after = true
    end)
    it:step()
    assert.is_true(it.done)
    assert.is_true(went_on)
    assert.is_nil(after)
    one.come()
    task.advance { it }
    assert.is_nil(after)
  end)

  it("by another of the same list, which goes on", function()
    local one, order, tasks = thing(), {}, {}
    tasks[1] = task.new(function()
      one.wait { nudge = nothing }
      order[#order + 1] = "cancelled"
    end)
    tasks[2] = task.new(function()
      tasks[1]:cancel()
      order[#order + 1] = "went on"
    end)
    task.run(tasks, all_done(tasks))
    assert.are.same({ "went on" }, order)
    assert.are.equal(1, one.cancelled)
  end)

  it("cancels the tasks that it runs", function()
    local things, transport = { thing(), thing() }, { nudge = nothing }
    local outer = task.new(function()
      run(function() things[1].wait(transport) end, function() things[2].wait(transport) end)
    end)
    outer:step()
    outer:cancel()
    assert.are.same({ 1, 1 }, { things[1].cancelled, things[2].cancelled })
  end)

  it("happens to all when an error ends the host's waiting for them", function()
    local things = { thing(), thing() }
    local transport = { nudge = nothing, wait = function() error("interrupted!", 0) end }
    local done, problem = pcall(run, function() things[1].wait(transport) end,
      function() things[2].wait(transport) end)
    assert.are.same({ false, "interrupted!" }, { done, problem })
    assert.are.same({ 1, 1 }, { things[1].cancelled, things[2].cancelled })
  end)

  if rawget(coroutine, "close") then
    it("closes its variables that are to be closed, where it waits", function()
      local one, closed = thing(), {}
      local body = load [[
        local one, closed = ...
        local outer <close> = setmetatable({}, { __close = function() closed[#closed + 1] = 1 end })
        local inner <close> = setmetatable({}, { __close = function() closed[#closed + 1] = 2 end })
        one.wait { nudge = nothing }
      ]]
      local it = task.new(body, one, closed)
      it:step()
      assert.are.same({}, closed)
      it:cancel()
      assert.are.same({ 2, 1 }, closed)
      assert.are.equal(1, one.cancelled)
    end)

    it("is not stopped by an error that one of these raises", function()
      local one = thing()
      local it = task.new(load [[
        local one = ...
        local guard <close> = setmetatable({}, { __close = function() error "x" end })
        one.wait { nudge = nothing }
      ]], one)
      it:step()
      it:cancel()
      assert.is_true(it.done)
      assert.are.equal(1, one.cancelled)
    end)
  end
end)
