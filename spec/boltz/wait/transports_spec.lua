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
  local tasks = { {}, { waiter = {} } }
  for i = 1, select("#", ...) do
    tasks[#tasks + 1] = { waiter = { transport = (select(i, ...)) } }
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
    assert.are.equal(transport, transports.of(waiting_for(transport, transport)))
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
