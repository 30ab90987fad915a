-- SPDX-License-Identifier: MIT
-- Waits on the clock of a transport of the user's (`boltz.Clock` in meta.lua), which is moved on to
-- their end: they cost no time, and no engine. It has those methods of a transport that wait.

local core = require "boltz.core"
local Late = require "boltz.wait.late"
local task = require "boltz.wait.task"

local OwnTime = {}
OwnTime.__index = OwnTime

local LEAST = 1e-6 -- seconds: rounding may leave less than a clock can show

local NO_END = "this wait has no end: what it is for can no longer come"
local STOPPED = "the clock of the transport does not move on: its 'advance' left 'now' at %s"

--- Makes one.
-- @tparam table given the user's clock
function OwnTime.new(given)
  return setmetatable({
    _given = given,
    -- What the session and waiters read.
    clock = {
      now = function() return given:now() end,
      wall = function() return given:wall() end,
      random = core.random,
    },
  }, OwnTime)
end

local function never() return false end

function OwnTime:sleep(seconds, condition, user, when_cancelled)
  task.wait {
    condition = condition or never,
    cancel = when_cancelled,
    user = user,
    ends = self.clock.now() + seconds,
    transport = self,
  }
end

--- Moves the clock to the end of a wait.
function OwnTime:wait(waiter)
  while not waiter:is_over() do
    local left, before = waiter:left(), self.clock.now()
    if left == math.huge then error(NO_END, 0) end
    self._given:advance(math.max(left, LEAST))
    if self.clock.now() <= before then error(STOPPED:format(tostring(before)), 0) end
  end
end

--- A transfer whose answer comes after so many seconds.
function OwnTime:late(result, seconds)
  return Late.new(result, self.clock.now() + seconds, self.clock)
end

local function is_done(waiter) return waiter.transfer:done() end
local function cancel(waiter) waiter.transfer:cancel() end

function OwnTime:finish(transfer, timeout, deadline)
  if not transfer:done() then
    local ends = transfer:expire_in(timeout, deadline)
    task.wait { condition = is_done, cancel = cancel, transfer = transfer, ends = ends,
      transport = self }
  end
  return transfer:result()
end

function OwnTime.nudge() end
function OwnTime.wake() end
function OwnTime.release() end

return OwnTime
