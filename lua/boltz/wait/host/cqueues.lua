-- SPDX-License-Identifier: MIT
-- Inside cqueues, which asks an object for `pollfd`, `events` and `timeout` as the engine has them.
-- One of the coroutines that wait polls the engine. The others sleep on conditions of their own,
-- so that an event wakes those whose wait is over and not all.

local core = require "boltz.core"
local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local tables = require "boltz.tables"
local nested = require "boltz.wait.nested"

-- How long one poll may take. After it the waiters look whether one of them still polls: the one
-- that did may be in a controller that no longer runs.
local PULSE = 1 -- seconds
local SILENCE = 2 * PULSE

-- Of each engine: its waiters that sleep, with their conditions, and until when one of them polls.
local groups = setmetatable({}, { __mode = "k" })

local function group_of(engine)
  local group = groups[engine]
  if not group then
    -- One that is abandoned sleeps until it is collected.
    group = { sleeping = setmetatable({}, { __mode = "k" }), polled_until = -math.huge }
    groups[engine] = group
  end
  return group
end

local function wake(group)
  for waiter, bell in tables.each(group.sleeping) do
    if waiter:is_over() then bell:signal() end
  end
end

-- Whether it was a controller that resumed this coroutine: it says what has come, be it the time. A
-- coroutine of its own it has always resumed; one of cqueues.auxlib.wrap gets what it says.
local function is_from_controller(came)
  if came ~= nil then return true end
  local controller, is_its_own = cqueues.running()
  return controller == nil or is_its_own
end

-- Like `sleep` it returns whether a controller resumed it.
local function poll(engine, group, waiter)
  group.polled_until = core.now() + SILENCE
  local came = cqueues.poll(engine:pollfd() and engine or 0.001, math.min(waiter:left(), PULSE))
  group.polled_until = -math.huge
  if engine:step() > 0 then wake(group) end
  return is_from_controller(came)
end

local function sleep(group, waiter)
  local bell = condition.new()
  group.sleeping[waiter] = bell
  local is_called, passed = bell:wait(math.min(waiter:left(), SILENCE))
  group.sleeping[waiter] = nil
  return is_from_controller(is_called or passed)
end

-- Another one polls from now on: the first of a few, as one may not be run any more.
local function hand_over(group)
  local called = 0
  for _, bell in tables.each(group.sleeping) do
    bell:signal()
    called = called + 1
    if called == 3 then return end
  end
end

return {
  yields = true,

  wait = function(engine, waiter)
    local group = group_of(engine)
    local is_resumed = true
    while is_resumed and not waiter:is_over() do
      if core.now() < group.polled_until then
        is_resumed = sleep(group, waiter)
      else
        is_resumed = poll(engine, group, waiter)
      end
    end
    hand_over(group)
    if not is_resumed then nested.refuse ", or use cqueues.auxlib.wrap" end
  end,

  forget = function(engine)
    local descriptor = engine:pollfd()
    if descriptor then cqueues.cancel(descriptor) end
  end,
}
