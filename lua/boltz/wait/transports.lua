-- SPDX-License-Identifier: MIT
-- The transports that tasks (task.lua) wait for: as a rule it is one, the same for all.

local core = require "boltz.core"
local tables = require "boltz.tables"
local Waiter = require "boltz.wait.waiter"

local transports = {}

-- How long one of several is waited for before it is the next one's turn.
local TURN = 0.001 -- seconds

-- How long tasks, or their caller, may be at work before it is the transfers' turn.
local WORK = 0.001 -- seconds

local function is_outer_over(waiter) return waiter.outer:is_over() end

-- A wait of one of them for an outer one, to its `ends`.
local function part_of(outer, transport, ends)
  return Waiter.new { condition = is_outer_over, outer = outer, ends = ends,
    transport = transport }
end

-- Moves the clock of a transport that has its own to the end of a wait, if there is such a one.
local function move_on(earliest, outer)
  for transport, ends in tables.each(earliest) do
    if transport.clock and ends < math.huge then
      transport:wait(part_of(outer, transport, ends))
      return true
    end
  end
  return false
end

local function together(earliest)
  return {
    wait = function(_, waiter)
      if waiter:is_over() or move_on(earliest, waiter) then return end
      repeat
        for transport in tables.each(earliest) do
          if not transport.clock then
            transport:wait(part_of(waiter, transport, math.min(waiter.ends, core.now() + TURN)))
          end
        end
      until waiter:is_over()
    end,

    nudge = function()
      for transport in tables.each(earliest) do transport:nudge() end
    end,
  }
end

--- What stands for the transports of all tasks that wait, and when the first of these waits ends:
-- on the clock of that transport. Where several have clocks of their own it is that of core.now.
-- @tparam table tasks a list
-- @return a transport as far as it can `wait` and `nudge`, or nil
-- @treturn number
function transports.of(tasks)
  local earliest, ends = {}, math.huge
  for i = 1, #tasks do
    local waiter = tasks[i].waiter
    local transport = waiter and waiter.transport
    if transport then
      earliest[transport] = math.min(earliest[transport] or math.huge, waiter.ends)
    end
    if waiter and not (transport and transport.clock) then ends = math.min(ends, waiter.ends) end
  end
  local first = next(earliest)
  if not first then return nil, ends end
  if next(earliest, first) then return together(earliest), ends end
  return first, first.clock and earliest[first] or ends
end

local nudged = setmetatable({}, { __mode = "k" }) -- when, by transport

--- Lets the transfers go on that tasks wait for, unless they just have: what is at work meanwhile
-- may never come to wait itself, and keep them from the ends of their times.
function transports.nudge(tasks)
  local now = core.now()
  for i = 1, #tasks do
    local waiter = tasks[i].waiter
    local transport = waiter and waiter.transport
    if transport and now - (nudged[transport] or -math.huge) >= WORK then
      nudged[transport] = now
      transport:nudge()
    end
  end
end

return transports
