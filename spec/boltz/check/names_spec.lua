-- SPDX-License-Identifier: MIT
local mistake = require "support.mistake"
local names = require "boltz.check.names"

describe("names.guard", function()
  local methods = { paint = function() end, _hide = function() end, new = function() end, size = 1 }
  local Class = { __index = names.guard(methods, { name = "thing", fields = { "part" },
    meant = { colour = "paint" }, position = "a thing has no positions" }) }
  local object = setmetatable({ part = 1 }, Class)

  it("leaves alone what is there", function()
    assert.are.equal(methods.paint, object.paint)
    assert.are.equal(1, object.part)
    assert.are.equal(1, object.size)
  end)

  it("raises for any other name, with the nearest or the one that is meant", function()
    assert.are.equal("thing has no 'piant'; did you mean 'paint'?",
      mistake(function() object:piant() end))
    assert.are.equal("thing has no 'parts'; did you mean 'part'?",
      mistake(function() local _ = object.parts end))
    assert.are.equal("thing has no 'colour'; did you mean 'paint'?",
      mistake(function() local _ = object.colour end))
    assert.are.equal("thing has no 'something'; known are paint, part",
      mistake(function() local _ = object.something end))
  end)

  it("knows methods that come later", function()
    methods.polish = function() end
    assert.are.equal("thing has no 'polsh'; did you mean 'polish'?",
      mistake(function() object:polsh() end))
    methods.polish = nil
  end)

  it("raises for a position what is said of it, and is nil for all else", function()
    assert.are.equal("a thing has no positions", mistake(function() local _ = object[3] end))
    assert.is_nil(object._part)
    assert.is_nil(object[{}])
    assert.is_nil(setmetatable({}, { __index = names.guard({}, { name = "other" }) })[3])
  end)

  it("cuts a long name short, and shows no control character of it", function()
    assert.is_true(#mistake(function() local _ = object[("x"):rep(1e5)] end) < 200)
    assert.is_nil(mistake(function() local _ = object["x\27[1m\n"] end):find("%c"))
  end)
end)
