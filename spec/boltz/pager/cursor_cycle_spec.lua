-- SPDX-License-Identifier: MIT
local CursorCycle = require "boltz.pager.cursor_cycle"

-- Follows cursors 1, 2, ... of which the last leads back to `entry`. Returns how many requests
-- have been made when that is noticed; nil: not within ten times as many as there are cursors.
local function follow(entry, last)
  local cycle, position = CursorCycle.new(), 1
  for requests = 1, 10 * last do
    cycle:add(tostring(position))
    position = position < last and position + 1 or entry
    if cycle:closes_with(tostring(position)) then return requests end
  end
end

describe("a cycle of cursors", function()
  it("is noticed at once, where it leads back to one of the first thousand", function()
    for _, case in ipairs { { 1, 1 }, { 1, 2 }, { 2, 2 }, { 1, 1000 }, { 999, 1000 },
      { 1, 20000 }, { 1000, 20000 } } do
      assert.are.equal(case[2], follow(case[1], case[2]))
    end
  end)

  it("is noticed before it has been gone through thrice, wherever it begins", function()
    for _, case in ipairs { { 1001, 1001 }, { 1001, 1002 }, { 1500, 1501 }, { 3000, 3000 },
      { 5000, 20000 }, { 19999, 20000 }, { 1001, 30000 } } do
      local entry, last = case[1], case[2]
      local noticed = follow(entry, last)
      assert.is_truthy(noticed)
      assert.is_true(noticed <= 2 * last + 2 * (last - entry + 1), ("%d"):format(noticed))
    end
  end)

  it("is not seen where there is none", function()
    local cycle = CursorCycle.new()
    for i = 1, 10000 do
      cycle:add(tostring(i))
      assert.is_false(cycle:closes_with(tostring(i + 1)))
    end
  end)

  it("takes no more memory for a longer list", function()
    local function entries(value)
      local count = 0
      for _, field in pairs(type(value) == "table" and value or {}) do
        count = count + 1 + entries(field)
      end
      return count
    end
    local cycle = CursorCycle.new()
    for i = 1, 2000 do cycle:add(tostring(i)) end
    local before = entries(cycle)
    for i = 2001, 50000 do cycle:add(tostring(i)) end
    assert.are.equal(before, entries(cycle))
  end)
end)
