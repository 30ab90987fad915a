-- SPDX-License-Identifier: MIT
-- Inside cqueues, which asks an object for `pollfd`, `events` and `timeout` as the engine has them.
-- One of the coroutines that wait polls the engine. The others sleep on conditions of their own,
-- so that an event wakes those whose wait is over and not all.

local core = require "boltz.core"
local cqueues = require "cqueues"
local condition = require "cqueues.condition"

-- How long one poll may take. Whoever waits then looks whether somebody still polls: the one that
-- did may be in a controller that nobody runs any more.
local PULSE = 1 -- seconds
local SILENCE = 2 * PULSE

-- Of each engine: who sleeps, by waits, and until when somebody polls.
local crowds = setmetatable({}, { __mode = "k" })

local function crowd_of(engine)
  local crowd = crowds[engine]
  if not crowd then
    -- Who is abandoned sleeps until it is collected.
    crowd = { sleeping = setmetatable({}, { __mode = "k" }), polled_until = -math.huge }
    crowds[engine] = crowd
  end
  return crowd
end

local function wake(crowd)
  for wait, bell in pairs(crowd.sleeping) do
    if wait:is_over() then bell:signal() end
  end
end

local function poll(engine, crowd, wait)
  crowd.polled_until = core.now() + SILENCE
  cqueues.poll(engine:pollfd() and engine or 0.001, math.min(wait:left(), PULSE))
  crowd.polled_until = -math.huge
  if engine:step() > 0 then wake(crowd) end
end

local function sleep(crowd, wait)
  local bell = condition.new()
  crowd.sleeping[wait] = bell
  bell:wait(math.min(wait:left(), SILENCE))
  crowd.sleeping[wait] = nil
end

-- Somebody else polls from now on: the first of a few, as one may not be run any more.
local function hand_over(crowd)
  local called = 0
  for _, bell in pairs(crowd.sleeping) do
    bell:signal()
    called = called + 1
    if called == 3 then return end
  end
end

return {
  yields = true,

  wait = function(engine, wait)
    local crowd = crowd_of(engine)
    while not wait:is_over() do
      if core.now() < crowd.polled_until then
        sleep(crowd, wait)
      else
        poll(engine, crowd, wait)
      end
    end
    hand_over(crowd)
  end,

  forget = function(engine)
    local descriptor = engine:pollfd()
    if descriptor then cqueues.cancel(descriptor) end
  end,
}
