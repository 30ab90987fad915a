-- SPDX-License-Identifier: MIT
-- For hosts that have a timer and cannot watch a descriptor, such as HAProxy: sleeps by the host's
-- own function and looks again, soon after something has ended and later when nothing does.

local core = require "boltz.core"

local SHORTEST, LONGEST = 0.001, 0.01 -- seconds

--- @tparam function sleep function(seconds) that lets the host run meanwhile
return function(sleep)
  return {
    wait = function(engine, waiter)
      local pause = SHORTEST
      while not waiter:is_over() do
        local seconds = math.min(waiter:left(), pause)
        local began = core.now()
        sleep(seconds)
        -- HAProxy's returns at once where it cannot sleep, such as in a coroutine of the user's:
        -- without a wait here this would keep a processor busy.
        local left = math.min(seconds, SHORTEST) - (core.now() - began)
        pause = engine:step(math.max(0, left)) > 0 and SHORTEST or math.min(2 * pause, LONGEST)
      end
    end,
  }
end
