-- SPDX-License-Identifier: MIT
-- Makes engines. Each has descriptors, of which a process has few, and a program that drops its
-- clients leaves them to the garbage collector. That does not know how much hangs on an engine: it
-- has to be asked before descriptors end.

local core = require "boltz.core"

local engines = {}

-- Engines that are made between two collections at least: a full one takes its time where there is
-- much other data. The more so where the last was in vain.
local FEWEST, MOST = 4, 256

local made, enough = 0, FEWEST

-- A cycle that has begun may have passed by what was dropped since.
local function collect()
  collectgarbage()
  collectgarbage()
end

--- Calls a function that returns nil for want of a descriptor, and once more when what has been
-- dropped is collected.
function engines.insist(fn, ...)
  local value = fn(...)
  if value then return value end
  collect()
  return fn(...)
end

--- Sees to it that another attempt has descriptors, where a transfer has failed for want of one.
-- @tparam string message of its failure
function engines.heed(message)
  if message:find("no descriptor left", 1, true) then collect() end
end

--- Makes an engine.
-- @treturn table|nil
-- @treturn nil|string that there is no descriptor left
function engines.new()
  made = made + 1
  if made >= enough and core.is_short_of_descriptors() then
    collect()
    made = 0
    enough = core.is_short_of_descriptors() and math.min(2 * enough, MOST) or FEWEST
  end
  return engines.insist(core.engine)
end

return engines
