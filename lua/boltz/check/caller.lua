-- SPDX-License-Identifier: MIT
-- Where in the caller's program something went wrong: the nearest function outside of this module,
-- or, in a task that has none left below a tail call, the beginning of the task's function.

local core = require "boltz.core"

local caller = {}

-- What the sources of this module's functions begin with: the folder of its files, or what stands
-- for that in the names that a program with the module in it gives them; true if all of these names
-- are the same.
local function own_sources()
  local _, source = core.beginning(own_sources)
  local folder = source:match("^(.*boltz[/\\.])check[/\\.]caller")
  return folder or source, folder == nil
end

local OWN, IS_ONE_CHUNK = own_sources()
local BEYOND = 3 -- level: it called the function that called `raise`

local running = coroutine.running

-- By coroutine: the function of the caller's that it runs.
local functions = setmetatable({}, { __mode = "kv" })

--- From now on this coroutine, which is one of ours, runs a function of the caller's.
-- @tparam function|table fn or what can be called like one
-- @return fn
function caller.runs(fn)
  functions[running()] = fn
  return fn
end

-- Where the function that this coroutine runs begins, or nil.
local function beginning()
  local thread = running()
  local fn = thread and functions[thread]
  if type(fn) == "table" then fn = getmetatable(fn).__call end
  return type(fn) == "function" and core.beginning(fn) or nil
end

--- The place, such as "audit.lua:12"; nil where there is none.
-- @treturn string|nil
function caller.place()
  return core.caller(OWN) or (beginning())
end

--- Raises a mistake of the caller's, with its place. The function that the caller called, and no
-- other, is to call this, and not as a tail call.
-- @tparam string text
function caller.raise(text)
  if IS_ONE_CHUNK then error(text, BEYOND) end -- which may be the program's chunk, too
  local place = caller.place()
  error(place and place .. ": " .. text or text, 0)
end

return caller
