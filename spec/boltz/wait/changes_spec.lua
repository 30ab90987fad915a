-- SPDX-License-Identifier: MIT
local changes = require "boltz.wait.changes"

local function change(is_under_way)
  return { is_under_way = function() return is_under_way end }
end

describe("the changes of a task", function()
  it("are handed over in their order, with the word whether one is under way", function()
    local one, other, task = change(false), change(true), {}
    changes.note(task, { one })
    local kept = {}
    assert.is_false(changes.hand_over(task, kept))
    changes.note(task, { other })
    assert.is_true(changes.hand_over(task, kept))
    assert.are.equal(3, #kept)
    for i, each in ipairs { one, one, other } do assert.are.equal(each, kept[i]) end
  end)

  it("are the latest hundred of a task that goes on for ever", function()
    local task, kept, last = {}, {}, nil
    for _ = 1, 250 do
      last = change(false)
      changes.note(task, { last })
    end
    changes.hand_over(task, kept)
    assert.are.equal(100, #kept)
    assert.are.equal(last, kept[100])
  end)

  it("are of no task where none runs", function()
    changes.note(nil, { change(false) })
    changes.note({}, nil)
    assert.is_false(changes.hand_over({}, {}))
  end)

  it("are those of the maps that it has opened and holds, too", function()
    local task, kept, made = {}, {}, change(false)
    local map = { _leave = function(_, list) list[#list + 1] = made end }
    changes.note_map(task, map)
    changes.hand_over(task, kept)
    assert.are.equal(made, kept[1])
    map = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    kept = {}
    changes.hand_over(task, kept)
    assert.are.same({}, kept)
  end)
end)
