-- SPDX-License-Identifier: MIT
local core = require "boltz.core"

-- Functions of chunks that are named as one likes, one line each.
local function chunk(name, source)
  return assert((loadstring or load)(source, name)) -- luacheck: ignore 113
end

local OWN = "@own/"

describe("core.caller", function()
  local inner = chunk("@own/inner.lua", "local core, own = ...\nlocal place = core.caller(own)\n"
    .. "return place")

  it("is the line that runs in the nearest function from elsewhere", function()
    local outer = chunk("@audit.lua", "local inner = ...\n\nlocal place = inner(select(2, ...))\n"
      .. "return place")
    assert.equal("audit.lua:3", outer(inner, core, OWN))
  end)

  it("passes over functions in C and those of its own", function()
    local between = chunk("@own/between.lua", "local place = select(2, pcall(...))\nreturn place")
    local outer = chunk("@audit.lua", "local between = ...\nlocal place = between(select(2, ...))\n"
      .. "return place")
    assert.equal("audit.lua:2", outer(between, inner, core, OWN))
  end)

  it("passes over a function that has lost its lines", function()
    local bare = string.dump(chunk("@bare.lua", "local place = select(2, pcall(...))\n"
      .. "return place"), true)
    local outer = chunk("@audit.lua", "local bare = ...\nlocal place = bare(select(2, ...))\n"
      .. "return place")
    assert.equal("audit.lua:2", outer(chunk("bare", bare), inner, core, OWN))
  end)

  it("is nil in a coroutine where all functions are its own, or in C", function()
    assert.is_nil(coroutine.wrap(inner)(core, OWN))
    assert.is_nil(coroutine.wrap(core.caller)(OWN))
  end)

  it("names the source as Lua's messages do", function()
    for name, place in pairs {
      ["=(a chunk)"] = "(a chunk):1",
      ["return x"] = '[string "return x"]:1',
      ["@" .. ("d/"):rep(100) .. "audit.lua"] = "audit.lua:1",
    } do
      local outer = chunk(name, "local place = (...)(select(2, ...)) return place")
      local seen = outer(inner, core, OWN)
      assert.equal(place, seen:sub(-#place))
      assert.is_true(#seen < 70, seen)
    end
  end)

  it("takes a text", function()
    assert.has_error(function() core.caller() end)
    assert.has_error(function() core.caller {} end)
  end)
end)

describe("core.beginning", function()
  it("is where a function begins, and the source that it is from", function()
    local fn = chunk("@audit.lua", "\n\nreturn function()\nend")()
    local place, source = core.beginning(fn)
    assert.equal("audit.lua:3", place)
    assert.equal("@audit.lua", source)
  end)

  it("is nil for a function in C, and for one that has lost its lines", function()
    assert.is_nil((core.beginning(print)))
    assert.is_nil((core.beginning(chunk("=?", string.dump(chunk("@a.lua", "return 1"), true)))))
  end)

  it("takes a function", function()
    for _, value in ipairs { "audit.lua", 5, {} } do
      assert.has_error(function() core.beginning(value) end)
    end
    assert.has_error(function() core.beginning() end)
  end)
end)
