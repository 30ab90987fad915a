-- SPDX-License-Identifier: MIT
local Collection = require "boltz.emulator.collection"

describe("boltz.emulator.collection", function()
  local collection

  before_each(function()
    collection = Collection.new()
    for i = 1, 7 do collection:add{ id = "r" .. i, odd = i % 2 == 1 } end
  end)

  local function page(cursor, keep)
    local records, has_more = collection:page(cursor, keep)
    local ids = {}
    for i, record in ipairs(records) do ids[i] = record.id end
    return table.concat(ids, " "), has_more
  end

  local function is_odd(record) return record.odd end

  it("reads forward from the start", function()
    assert.same({ "r1 r2 r3", true }, { page{ limit = 3 } })
    assert.same({ "r1 r2 r3 r4 r5 r6 r7", false }, { page{ limit = 7 } })
  end)

  it("reads on behind a cursor", function()
    assert.same({ "r4 r5 r6", true }, { page{ limit = 3, after_id = "r3" } })
    assert.same({ "r7", false }, { page{ limit = 3, after_id = "r6" } })
    assert.same({ "", false }, { page{ limit = 3, after_id = "r7" } })
  end)

  it("reads back to what stands directly before a cursor, in list order", function()
    assert.same({ "r4 r5 r6", true }, { page{ limit = 3, before_id = "r7" } })
    assert.same({ "r1 r2 r3", false }, { page{ limit = 3, before_id = "r4" } })
    assert.same({ "", false }, { page{ limit = 3, before_id = "r1" } })
  end)

  it("says that more follow only when a filter lets more through", function()
    assert.same({ "r1 r3", true }, { page({ limit = 2 }, is_odd) })
    assert.same({ "r5 r7", false }, { page({ limit = 2, after_id = "r3" }, is_odd) })
    assert.same({ "r3 r5", true }, { page({ limit = 2, before_id = "r7" }, is_odd) })
  end)

  it("understands a cursor whose record the filter keeps out", function()
    assert.same({ "r5 r7", false }, { page({ limit = 9, after_id = "r4" }, is_odd) })
    assert.same({ "r1 r3", false }, { page({ limit = 9, before_id = "r4" }, is_odd) })
  end)

  it("finds the same records in pages of any size and both ways", function()
    for limit = 1, 8 do
      local forward, backward, cursor = {}, {}, { limit = limit }
      repeat
        local records, has_more = collection:page(cursor)
        for _, record in ipairs(records) do forward[#forward + 1] = record.id end
        cursor.after_id = forward[#forward]
      until not has_more
      cursor = { limit = limit, before_id = "r7" }
      repeat
        local records, has_more = collection:page(cursor)
        for i = #records, 1, -1 do table.insert(backward, 1, records[i].id) end
        cursor.before_id = backward[1]
      until not has_more
      assert.equal("r1 r2 r3 r4 r5 r6 r7", table.concat(forward, " "))
      assert.equal("r1 r2 r3 r4 r5 r6", table.concat(backward, " "))
    end
  end)

  it("refuses an unknown cursor, and two at once", function()
    assert.has_error(function() collection:page{ limit = 1, after_id = "x" } end)
    assert.has_error(function() collection:page{ limit = 1, before_id = "x" } end)
    assert.has_error(function() collection:page{ limit = 1, after_id = "r1", before_id = "r3" } end)
  end)

  it("finds records by id", function()
    assert.equal("r3", collection:get("r3").id)
    assert.is_nil(collection:get("x"))
    assert.equal(7, collection:count())
  end)
end)
