-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local Waiter = require "boltz.wait.waiter"

local function never() return false end

describe("a waiter", function()
  it("without an end is for ever", function()
    local waiter = Waiter.new { condition = never }
    assert.are.equal(math.huge, waiter:left())
    assert.is_false(waiter:is_over())
  end)

  it("is over when its condition holds", function()
    local holds = false
    local waiter = Waiter.new { condition = function() return holds end, ends = core.now() + 3600 }
    assert.is_false(waiter:is_over())
    holds = true
    assert.is_true(waiter:is_over())
  end)

  it("is over when its time is", function()
    local waiter = Waiter.new { condition = never, ends = core.now() }
    assert.is_true(waiter:is_over())
    assert.are.equal(0, waiter:left())
  end)

  it("reads the clock of its transport, where that has one", function()
    local time = 7
    local transport = { clock = { now = function() return time end } }
    local waiter = Waiter.new { condition = never, ends = 9, transport = transport }
    assert.are.equal(2, waiter:left())
    assert.is_false(waiter:is_over())
    time = 9
    assert.is_true(waiter:is_over())
  end)

  it("has no time left below 0", function()
    assert.are.equal(0, Waiter.new { condition = never, ends = core.now() - 100 }:left())
    local left = Waiter.new { condition = never, ends = core.now() + 100 }:left()
    assert.is_true(left > 0 and left <= 100)
  end)

  it("given up ends what it waits for, if there is something to end", function()
    local ended = 0
    local waiter = Waiter.new { condition = never, cancel = function() ended = ended + 1 end }
    assert.are.equal(0, ended)
    waiter:give_up()
    assert.are.equal(1, ended)
    Waiter.new { condition = never }:give_up()
  end)

  it("can be told from everything else", function()
    assert.is_true(Waiter.is_waiter(Waiter.new { condition = never }))
    for _, value in ipairs { {}, "wait", 1, true, never, setmetatable({}, {}), io.stdout } do
      assert.is_false(Waiter.is_waiter(value))
    end
    assert.is_false(Waiter.is_waiter(nil))
  end)
end)
