-- SPDX-License-Identifier: MIT
-- What a task has changed: calls that change something (request/change.lua), and the maps that it
-- has opened, which may have changed more. All that must not vanish with a task that is ended.

local tables = require "boltz.tables"

local changes = {}

local MOST = 100 -- that a task remembers: it may make calls for ever

--- Notes them as those of a task.
-- @tparam[opt] table task absent: they are of none, and not noted
-- @tparam[opt] table list
function changes.note(task, list)
  if not task or not list then return end
  task.changes = task.changes or {}
  for _, change in ipairs(list) do
    if #task.changes == MOST then table.remove(task.changes, 1) end
    table.insert(task.changes, change)
  end
end

--- Notes a map, which can `_leave(kept)`, as one that a task has opened.
function changes.note_map(task, map)
  if not task then return end
  task.maps = task.maps or setmetatable({}, { __mode = "k" })
  task.maps[map] = true
end

--- Hands over what a task has changed.
-- @tparam table task
-- @tparam table kept the list that gets it
-- @treturn boolean whether the task waits for one that is under way
function changes.hand_over(task, kept)
  local is_under_way = false
  for _, change in ipairs(task.changes or {}) do
    kept[#kept + 1] = change
    is_under_way = is_under_way or change:is_under_way()
  end
  for map in tables.each(task.maps or {}) do map:_leave(kept) end
  return is_under_way
end

return changes
