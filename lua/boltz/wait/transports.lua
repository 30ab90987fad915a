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

local function together(set)
  return {
    wait = function(_, waiter)
      repeat
        for transport in tables.each(set) do
          transport:wait(Waiter.new {
            condition = is_outer_over,
            outer = waiter,
            ends = math.min(waiter.ends, core.now() + TURN),
          })
        end
      until waiter:is_over()
    end,

    nudge = function()
      for transport in tables.each(set) do transport:nudge() end
    end,
  }
end

--- What stands for the transports of all tasks that wait.
-- @tparam table tasks a list
-- @return a transport as far as it can `wait` and `nudge`, or nil
function transports.of(tasks)
  local set = {}
  for i = 1, #tasks do
    local waiter = tasks[i].waiter
    if waiter and waiter.transport then set[waiter.transport] = true end
  end
  local first = next(set)
  return next(set, first) and together(set) or first
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
