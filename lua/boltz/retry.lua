-- SPDX-License-Identifier: MIT
-- What a failed attempt says about another one.

local retry = {}

local WORTH_IT = { [408] = true, [409] = true, [429] = true } -- and every 5xx

--- Whether the same attempt may succeed later.
-- @tparam table result of the attempt
function retry.is_retryable(result)
  local advice = result.headers["x-should-retry"]
  if advice == "true" or advice == "false" then return advice == "true" end
  if result.status >= 300 then
    return WORTH_IT[result.status] == true or (result.status >= 500 and result.status <= 599)
  end
  return result.failure == "connection" or result.failure == "timeout"
    or result.failure == "invalid_response"
end

-- Answers by which the server says that it has done nothing.
local REFUSED = { [503] = true }

--- Whether the server may have carried out the request although its answer is no success.
-- @tparam string method of HTTP
-- @tparam table result of the attempt
function retry.maybe_applied(method, result)
  if method == "GET" or not result.sent then return false end
  if result.status < 300 then return true end -- none, or a 2xx that cannot be read
  return result.status == 408 or (result.status >= 500 and not REFUSED[result.status])
end

return retry
