-- SPDX-License-Identifier: MIT
-- What is told of an execution, to the client's on_attempt and to its log. Its methods. What is
-- told costs nothing while none of it is asked for.

local duration = require "boltz.request.duration"
local headers = require "boltz.request.headers"
local log = require "boltz.request.log"
local response = require "boltz.request.response"

local Observed = {}

local ASKED, BACKOFF = "the server asked for it (Retry-After)", "backoff after a failure"
local HELD = "waits %s: all calls do after too many requests (429)"
local TURN = "waits for its turn: calls start slowly after too many requests (429)"

-- The fields by which a line or an event is known to be of this call, and those given.
function Observed:_about(fields)
  local call = self._call
  fields.method, fields.path = call.method, call.template
  fields.call, fields.context = self.number, call.options.context
  return fields
end

-- The event of the attempt that has ended last.
function Observed:_event(result)
  return self:_about {
    attempt = self.attempts,
    status = result.status > 0 and result.status or nil,
    error = result.failure,
    duration = self._duration,
    request_id = response.request_id(result, self.secrets),
  }
end

-- Tells of a request that is about to be sent.
function Observed:_tell_request(attempt)
  local settings = self._settings
  if not log.wants(settings, "debug") then return end
  log.write(settings, "debug", "request", self:_about {
    attempt = self.attempts + 1,
    headers = headers.describe(attempt.headers),
  })
end

-- Tells of an attempt that has ended. As with a logger, what on_attempt raises is not the call's
-- failure.
function Observed:_tell_attempt(result)
  local settings = self._settings
  if not (settings.on_attempt or log.wants(settings, "info")) then return end
  local event = self:_event(result)
  log.write(settings, "info", "attempt", event)
  if not settings.on_attempt then return end
  local done, raised = pcall(settings.on_attempt, event)
  if not done then log.write(settings, "error", "on_attempt raised", { problem = raised }) end
end

-- Tells that the attempt is made again, after so many seconds. At warn, as the program's user sees
-- nothing else of a minute's wait.
function Observed:_tell_retry(result, delay)
  local settings = self._settings
  if not log.wants(settings, "warn") then return end
  local fields = self:_event(result)
  fields.wait = delay
  fields.reason = ("waits %s: %s"):format(duration.readable(delay),
    self.retry_after and ASKED or BACKOFF)
  log.write(settings, "warn", "retry", fields)
end

-- Tells that the call waits, for so many seconds or until it is its turn, for others' 429.
function Observed:_tell_held(seconds)
  local settings = self._settings
  if not log.wants(settings, "warn") then return end
  log.write(settings, "warn", "held back", self:_about {
    wait = seconds,
    reason = seconds and HELD:format(duration.readable(seconds)) or TURN,
  })
end

return Observed
