-- SPDX-License-Identifier: MIT
-- A transport (lua/boltz/wait/transport.lua) whose attempts are a function.
--
--   client._user.session.transport = carrier(function(request, timeout) return result end)

--- @tparam function attempt function(request, timeout) -> result
return function(attempt)
  local function nothing() end
  return {
    cannot_wait = nothing,
    start = function(_, request)
      return {
        done = function() return false end,
        cancel = nothing,
        request = request,
      }
    end,
    finish = function(_, transfer, timeout) return attempt(transfer.request, timeout) end,
    sleep = nothing,
    nudge = nothing,
    wake = nothing,
    release = nothing,
  }
end
