-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local tables = require "boltz.tables"

describe("tables.merge", function()
  it("lays one table over another, and changes neither", function()
    local under, over = { a = 1, b = 2 }, { b = 3, c = 4 }
    assert.same({ a = 1, b = 3, c = 4 }, tables.merge(under, over))
    assert.same({ { a = 1, b = 2 }, { b = 3, c = 4 } }, { under, over })
  end)

  it("copies a table where there is only one", function()
    local one = { a = 1 }
    local copy = tables.merge(one)
    assert.same(one, copy)
    assert.are_not.equal(one, copy)
  end)
end)

describe("tables.pack and tables.unpack", function()
  it("keep nils, also at the end", function()
    local packed = tables.pack(nil, 2, nil)
    assert.equal(3, packed.n)
    assert.equal(3, select("#", tables.unpack(packed, 1, packed.n)))
    assert.equal(2, (select(2, tables.unpack(packed, 1, packed.n))))
  end)
end)

-- Tables that show what they do not hold: by pairs and #, and by names only.
local function proxy(t)
  return setmetatable({}, { __index = t, __pairs = function() return next, t, nil end,
    __len = function() return #t end })
end
local function classic(t) return setmetatable({}, { __index = t }) end

describe("a table as it is seen", function()
  it("has the fields that its metatable shows, on every Lua", function()
    local seen = {}
    for name, value in tables.each(proxy { a = 1, b = 2 }) do seen[name] = value end
    assert.same({ a = 1, b = 2 }, seen)
    assert.equal(2, tables.length(proxy { "x", "y" }))
    assert.equal(1, tables.length { "x" })
  end)

  it("may hide its contents, but for a class's methods and the mark of an array", function()
    assert.is_true(tables.hides(classic { a = 1 }))
    assert.is_true(tables.hides(setmetatable({}, { __index = function() end })))
    assert.is_true(tables.hides(setmetatable({}, { __metatable = false })))
    for _, open in ipairs { {}, { 1 }, proxy { 1 }, core.array {}, classic { method = print } } do
      assert.is_false(tables.hides(open))
    end
  end)

  it("may be an object of a class that is its own metatable, with a name", function()
    local Class = { __name = "class", method = print }
    Class.__index = Class
    local object = setmetatable({ a = 1 }, Class)
    assert.is_false(tables.hides(object))
    Class.default = 1
    assert.is_true(tables.hides(object))
  end)

  it("may contain itself in many ways", function()
    local value = { {}, {} }
    for i = 1, 2 do
      for j = 1, 4 do value[i][j], value[2 + j] = value, value end
    end
    assert.are.equal(value, tables.plain(value))
  end)

  it("is made plain, at any depth, and left as it is where it is that", function()
    local value = { a = { { b = 1 } }, c = core.array {} }
    assert.equal(value, tables.plain(value))
    assert.same({ a = { { b = 1 } }, c = { "x" } },
      tables.plain(proxy { a = { proxy { b = 1 } }, c = proxy { "x" } }))
    assert.same({ nil, "a table that hides its contents" },
      { tables.plain { a = { classic { b = 1 } } } })
    local cycle = {}
    cycle.self = cycle
    assert.equal(cycle, tables.plain(cycle))
  end)
end)
