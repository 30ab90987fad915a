-- SPDX-License-Identifier: MIT
-- What all calls of a client may spend on retries, so that a failing server is not hammered by
-- hundreds of calls that each believe in their own second chance. The figures are those of AWS's
-- standard retry mode (AWS SDKs and Tools Reference Guide, "Retry behavior").

local RetryBudget = {}
RetryBudget.__index = RetryBudget

local CAPACITY = 500
local COST, COST_AFTER_TIMEOUT = 5, 10
local REFUND = 1 -- for a call that succeeds at once

function RetryBudget.new()
  return setmetatable({ _left = CAPACITY }, RetryBudget)
end

--- Pays for one retry.
-- @tparam table result of the attempt that failed
-- @treturn integer|nil what was paid; nil when too little is left
function RetryBudget:take(result)
  local cost = result.failure == "timeout" and COST_AFTER_TIMEOUT or COST
  if cost > self._left then return nil end
  self._left = self._left - cost
  return cost
end

--- A call has succeeded: what its last retry cost comes back.
-- @tparam[opt] integer paid
function RetryBudget:give_back(paid)
  if self._left == CAPACITY then return end
  self._left = math.min(CAPACITY, self._left + (paid or REFUND))
end

return RetryBudget
