-- SPDX-License-Identifier: MIT
local Cooldown = require "boltz.request.cooldown"

local function at(time)
  return function() return time end
end

describe("a cooldown", function()
  it("holds nobody back at first", function()
    for _, now in ipairs { -10, 0, 1e9 } do assert.are.equal(0, Cooldown.new():left(at(now))) end
  end)

  it("holds back until the time that it was told", function()
    local cooldown = Cooldown.new()
    cooldown:hold(105)
    assert.are.equal(5, cooldown:left(at(100)))
    assert.are.equal(0.5, cooldown:left(at(104.5)))
    assert.are.equal(0, cooldown:left(at(105)))
    assert.are.equal(0, cooldown:left(at(200)))
  end)

  it("told several times holds back until the last of them", function()
    local cooldown = Cooldown.new()
    for _, ends in ipairs { 103, 107, 101 } do cooldown:hold(ends) end
    assert.are.equal(7, cooldown:left(at(100)))
  end)

  it("can be told again when its time is over", function()
    local cooldown = Cooldown.new()
    cooldown:hold(1)
    assert.are.equal(0, cooldown:left(at(50)))
    cooldown:hold(60)
    assert.are.equal(10, cooldown:left(at(50)))
  end)

  it("is one client's", function()
    local one, other = Cooldown.new(), Cooldown.new()
    one:hold(10)
    assert.are.equal(0, other:left(at(0)))
  end)
end)
