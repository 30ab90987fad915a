-- SPDX-License-Identifier: MIT
local MovingClock = require "boltz.emulator.moving_clock"
local core = require "boltz.core"

describe("boltz.emulator.moving_clock", function()
  it("shows the machine's time until it is moved on", function()
    local clock, now, wall = MovingClock.new(), core.now(), core.wall()
    assert.is_true(clock:now() >= now and clock:now() < now + 60)
    clock:advance(3600)
    assert.is_true(clock:now() >= now + 3600 and clock:now() < now + 3660)
    assert.is_true(clock:wall() >= wall + 3590 and clock:wall() < wall + 3660)
  end)

  it("shows what a function says, and how far it was moved, with fractions", function()
    local time = 1775044800
    local clock = MovingClock.new(function() return time end)
    clock:advance(0.3)
    assert.are.equal(0.3, clock:now())
    time = time + 10
    assert.are.equal(10.3, clock:now())
    assert.is_true(math.abs(clock:wall() - 1775044810.3) < 1e-6)
  end)
end)
