-- SPDX-License-Identifier: MIT
-- For hosts that can wait for a descriptor: a function lets the host run until the engine's
-- (`pollfd`, `events`, `timeout`) is ready.

local tables = require "boltz.tables"

-- How often a coroutine is called that does not look: its host may never resume it again.
local CALLS = 100

-- After a step: what it ended may be what another coroutine waits for, which still watches a
-- descriptor that is quiet by now. And a call is used up by the step of the one that looks first.
local function call_others(engine, waiters)
  for waiter, calls in tables.each(waiters) do
    if calls < CALLS and waiter:is_over() then
      waiters[waiter] = calls + 1
      engine:wake()
    end
  end
end

--- @tparam function poll function(engine, seconds): returns when the descriptor is ready, or some
-- seconds have passed
return function(poll)
  local waiters_of = setmetatable({}, { __mode = "k" }) -- each engine
  return {
    yields = true,

    wait = function(engine, waiter)
      local waiters = waiters_of[engine]
      if not waiters then
        waiters = setmetatable({}, { __mode = "k" })
        waiters_of[engine] = waiters
      end
      while not waiter:is_over() do
        waiters[waiter] = 0
        poll(engine, waiter:left())
        waiters[waiter] = nil
        if engine:step() > 0 then call_others(engine, waiters) end
      end
    end,
  }
end
