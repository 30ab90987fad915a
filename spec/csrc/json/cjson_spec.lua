-- SPDX-License-Identifier: MIT
local real = require "cjson"

-- The core as it is when `require "cjson"` gives that.
local function load_with(module)
  local core, cjson = package.loaded["boltz.core"], package.loaded.cjson
  package.loaded["boltz.core"], package.loaded.cjson = nil, module
  local loaded, result = pcall(require, "boltz.core")
  package.loaded["boltz.core"], package.loaded.cjson = core, cjson
  return loaded, result
end

-- An imitation of lua-cjson: another one's functions, of which some are changed.
local function imitate(changes)
  return {
    new = function()
      local made = real.new()
      for name, value in pairs(changes) do made[name] = value or nil end
      return made
    end,
  }
end

describe("the core beside another cjson", function()
  it("takes cjson.safe, for which bad JSON is no success", function()
    local loaded, core = load_with(require "cjson.safe")
    assert.is_true(loaded)
    assert.same({ { a = 1 }, {} }, core.decode '[{"a":1},{}]')
    for _, text in ipairs { "<html>", "", "[1", "nul" } do
      local value, message = core.decode(text)
      assert.is_nil(value)
      assert.matches("^Expected ", message)
    end
    assert.equal("\239\191\189", core.decode [["\ud83d"]])
  end)

  local others = {
    { "a text", "a text" }, { "a number", 1 }, { "true", true }, { "an empty table", {} },
    { "encode and decode only", { encode = print, decode = function() return nil, "bad" end } },
    { "a new that makes nothing", { new = function() end } },
    { "a new that is no function", { new = {} } },
    { "no settings", imitate { decode_max_depth = false } },
    { "no decode", imitate { decode = false } },
    { "a decode that reads nothing", imitate { decode = function() end } },
    { "a decode that always fails", imitate { decode = error } },
    { "a decode that reads all", imitate { decode = function() return { 1, real.null } end } },
    { "another null", imitate { decode = function(text)
      return text == "[1,null]" and { 1, "null" } or error "bad"
    end } },
  }
  for _, other in ipairs(others) do
    it("says so at require: " .. other[1], function()
      local loaded, message = load_with(other[2])
      assert.is_false(loaded)
      assert.matches('^boltz needs lua%-cjson, and require "cjson" gives ', message)
    end)
  end
end)
