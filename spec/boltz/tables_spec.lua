-- SPDX-License-Identifier: MIT
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
