-- SPDX-License-Identifier: MIT
-- Makes engines. Each has descriptors, of which a process has few, and a program that drops its
-- clients leaves them to the garbage collector. That does not know how much hangs on an engine: it
-- has to be asked before descriptors end.

local core = require "boltz.core"

local engines = {}

-- Descriptors that are taken between two collections at most, as the engines' memory counts, too. A
-- full collection takes its time where there is much other data.
local MOST = 768

local left_at_best = 0 -- since the last collection

-- In LuaJIT a collector that the program has stopped would run on.
local function collect()
  local runs = collectgarbage "isrunning"
  collectgarbage()
  if not runs then collectgarbage "stop" end
end

--- Calls a function that returns nil for want of a descriptor, and once more when what has been
-- dropped is collected.
function engines.insist(fn, ...)
  local value = fn(...)
  if value then return value end
  collect()
  collect() -- a cycle that had begun may have passed by what was dropped since
  return fn(...)
end

--- Sees to it that another attempt has descriptors, where one has failed for want of them.
-- @tparam string message of its failure
-- @treturn boolean whether that is worth it at once: for an engine it has been tried already
function engines.heed(message)
  local what = message:match("^no descriptor left for (.*)$")
  if what then collect() end
  return what ~= nil and what:find("^a connection") ~= nil
end

--- Collects what is dropped when half of the descriptors are used up that were left the last time,
-- so that the program finds some, too, however few there are.
function engines.relieve()
  local left = core.descriptors_left()
  left_at_best = math.max(left_at_best, left)
  if left_at_best - left >= math.min(left_at_best / 2, MOST) then
    collect()
    left_at_best = core.descriptors_left()
  end
end

--- Makes an engine.
-- @treturn table|nil
-- @treturn nil|string that there is no descriptor left
function engines.new()
  engines.relieve()
  return engines.insist(core.engine)
end

return engines
