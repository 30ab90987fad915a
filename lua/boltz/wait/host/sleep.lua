-- SPDX-License-Identifier: MIT
-- For hosts that have a timer and cannot watch a descriptor, such as HAProxy: sleeps by the host's
-- own function and looks again, soon after something has ended and later when nothing does.

local SHORTEST, LONGEST = 0.001, 0.01 -- seconds

--- @tparam function sleep function(seconds) that lets the host run meanwhile
return function(sleep)
  return {
    wait = function(engine, waiter)
      local pause = SHORTEST
      while not waiter:is_over() do
        sleep(math.min(waiter:left(), pause))
        pause = engine:step() > 0 and SHORTEST or math.min(2 * pause, LONGEST)
      end
    end,
  }
end
