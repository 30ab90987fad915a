-- SPDX-License-Identifier: MIT
-- How a map ends before its time: when a function of its raises, which is raised by the loop, or
-- when the loop is left. What was changed meanwhile does not vanish. Its methods.

local caller = require "boltz.check.caller"
local tables = require "boltz.tables"
local task = require "boltz.wait.task"

local Ending = {}

local debug = rawget(_G, "debug") -- a sandbox may have none
local traceback = type(debug) == "table" and debug.traceback

local function with_traceback(raised)
  if type(raised) ~= "string" or not traceback then return raised end
  return traceback(raised, 2)
end

--- Calls the function as pcall does, and returns the results packed.
function Ending:_call(item)
  return tables.pack(xpcall(caller.runs(self._fn), with_traceback, item))
end

-- Ends the tasks. Their changes go to `kept`: those that are under way, and those of which the
-- results have not been taken.
function Ending:_end_tasks(kept)
  task.cancel_all(self._tasks, kept)
  for _, results in tables.each(self._results) do
    for _, change in ipairs(results.changes or {}) do kept[#kept + 1] = change end
  end
end

--- A function has raised: no other goes on.
function Ending:_fail(raised)
  if self._closed or self._raised then return end
  self._raised = { value = raised, changes = {} }
  self:_end_tasks(self._raised.changes)
end

--- Ends it without a word to its caller, who has gone. Changes are handed over, or else ended and
-- told to the log.
-- @tparam[opt] table kept the list that gets them
function Ending:_leave(kept)
  if self._closed then return end
  self._closed = true
  local left = kept or {}
  self:_end_tasks(left)
  for _, change in ipairs(self._raised and self._raised.changes or {}) do
    left[#left + 1] = change
  end
  for _, change in ipairs(kept and {} or left) do change:abandon() end
end

-- A task that waits for a change that is under way, and tells what became of it.
local function settling(change)
  local settler = task.new(function()
    change:settle()
    change:report()
  end)
  settler.changes = { change } -- which it hands over if it is cancelled, too
  return settler
end

--- Raises what a function has raised, when what is under way has ended.
function Ending:_raise()
  self._closed = true
  local raised, settlers = self._raised, {}
  for _, change in ipairs(raised.changes) do
    if change:is_under_way() then
      settlers[#settlers + 1] = settling(change)
    else
      change:report(raised.value)
    end
  end
  task.run(settlers, function()
    for _, each in ipairs(settlers) do
      if not each.done then return false end
    end
    return true
  end)
  error(raised.value, 0)
end

return Ending
