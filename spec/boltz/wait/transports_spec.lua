-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local transports = require "boltz.wait.transports"

-- A transport that counts, and tasks that wait for it or for nothing.
local function counting()
  local transport = { nudges = 0 }
  function transport:nudge() self.nudges = self.nudges + 1 end
  return transport
end

local function waiting_for(...)
  local tasks = { {}, { waiter = { ends = math.huge } } }
  for i = 1, select("#", ...) do
    tasks[#tasks + 1] = { waiter = { transport = (select(i, ...)), ends = i } }
  end
  return tasks
end

local function work(seconds)
  local ends = core.now() + seconds
  while core.now() < ends do end
end

describe("the transports of tasks", function()
  it("are none where all tasks wait for each other", function()
    assert.is_nil(transports.of(waiting_for()))
  end)

  it("are one where all wait for the same", function()
    local transport = counting()
    local found, ends = transports.of(waiting_for(transport, transport))
    assert.are.equal(transport, found)
    assert.are.equal(1, ends)
  end)

  it("wait to the earliest end of those without a clock of their own", function()
    local clocked, plain = { clock = {} }, {}
    assert.are.equal(2, select(2, transports.of(waiting_for(clocked, plain, plain))))
    assert.are.equal(1, select(2, transports.of(waiting_for(clocked, clocked))))
  end)

  it("are nudged one by one where there are several", function()
    local one, other = counting(), counting()
    transports.of(waiting_for(one, other, one)):nudge()
    assert.are.same({ 1, 1 }, { one.nudges, other.nudges })
  end)

  it("are nudged once where many tasks wait for them, and again after a while", function()
    local one, other = counting(), counting()
    local tasks = waiting_for(one, other, one)
    transports.nudge(tasks)
    assert.are.same({ 1, 1 }, { one.nudges, other.nudges })
    work(0.002)
    transports.nudge(tasks)
    assert.are.same({ 2, 2 }, { one.nudges, other.nudges })
  end)
end)
