-- SPDX-License-Identifier: MIT
local Late = require "boltz.wait.late"

describe("a transfer that comes later", function()
  local time, clock

  before_each(function()
    time = 100
    clock = { now = function() return time end }
  end)

  local function late(ready) return Late.new({ status = 200, body = "{}" }, ready, clock) end

  it("is done when its time has come, and has its result then", function()
    local transfer = late(105)
    assert.is_false(transfer:done())
    assert.is_nil(transfer:result())
    time = 105
    assert.is_true(transfer:done())
    assert.are.same({ status = 200, body = "{}" }, transfer:result())
  end)

  it("ends at its timeout or deadline if that is earlier", function()
    local transfer = late(105)
    assert.are.equal(105, transfer:expire_in(60))
    assert.are.equal(103, transfer:expire_in(60, 3))
    time = 103
    assert.are.equal("timeout", transfer:result().failure)
    assert.is_true(transfer:result().transient)
    time = 106
    assert.are.equal("timeout", transfer:result().failure)
  end)

  it("keeps what has arrived when time is up", function()
    local transfer = late(105)
    transfer:expire_in(3)
    time = 105
    assert.are.equal(200, transfer:result().status)
  end)

  it("can be cancelled while it is not done", function()
    local transfer, other = late(105), late(100)
    transfer:cancel()
    other:cancel()
    assert.is_true(transfer:done())
    assert.are.equal("cancelled", transfer:result().failure)
    assert.are.equal(200, other:result().status)
  end)
end)
