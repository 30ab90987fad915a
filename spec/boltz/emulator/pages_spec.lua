-- SPDX-License-Identifier: MIT
local service = require "support.service"

describe("boltz.emulator.pages", function()
  local subject

  before_each(function() subject = service.new{ workspaces = 120 } end)

  local function list(query)
    return subject:get("/admin/workspaces", { query = query })
  end

  it("holds a hundred items unless asked otherwise", function()
    local _, page = list()
    assert.equal(100, #page.data)
    assert.is_true(page.has_more)
    assert.equal(page.data[1].id, page.first_id)
    assert.equal(page.data[100].id, page.last_id)
  end)

  it("leads from page to page without losing or doubling an item", function()
    local seen, count, after_id = {}, 0, nil
    repeat
      local _, page = list{ limit = 7, after_id = after_id }
      for _, item in ipairs(page.data) do
        assert.is_nil(seen[item.id])
        seen[item.id] = true
        count = count + 1
      end
      after_id = page.last_id
    until not page.has_more
    assert.equal(120, count)
  end)

  it("has null for both cursors when it is empty", function()
    local _, page, _, _, text = list{ name = "no such name" }
    assert.same({}, page.data)
    assert.is_false(page.has_more)
    assert.matches('"data":[]', text, 1, true)
    assert.matches('"first_id":null', text, 1, true)
    assert.matches('"last_id":null', text, 1, true)
  end)

  it("refuses limits out of bounds, unknown cursors, and both cursors at once", function()
    local _, page = list{ limit = 2 }
    for _, query in ipairs{
      "limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=ten", "limit=", "limit=1&limit=2",
      "after_id=", "after_id=ws_unknown", "before_id=ws_unknown",
      "after_id=" .. page.first_id .. "&before_id=" .. page.last_id,
    } do
      assert.equal(400, (list(query)), query)
    end
    assert.equal(200, (list("limit=1")))
    assert.equal(200, (list("limit=100")))
  end)
end)
