-- SPDX-License-Identifier: MIT
-- One call on the wire: build -> attempt -> decide (again, or not) -> decode. It begins with
-- `start`, and goes on when somebody wants its end with `finish`; its limits of time count from
-- then.

local answer = require "boltz.answer"
local headers = require "boltz.headers"
local log = require "boltz.log"
local outgoing = require "boltz.outgoing"
local retry = require "boltz.retry"

local request = {}

local CLOSED = "the client is closed"
local HELD_BACK = "too many requests (429): all calls wait for %.3g s, beyond the deadline"

-- Tells the log and the user's on_attempt; as with a logger, its failure is not the call's.
local function report(settings, call, result, attempt, duration)
  if not settings.on_attempt and not log.wants(settings, "info") then return end
  local event = {
    method = call.method,
    path = call.template,
    attempt = attempt,
    status = result.status > 0 and result.status or nil,
    error = result.failure,
    duration = duration,
  }
  log.write(settings, "info", "attempt", event)
  if not settings.on_attempt then return end
  local done, problem = pcall(settings.on_attempt, event)
  if not done then log.write(settings, "error", "on_attempt raised", { problem = problem }) end
end

local Exchange = {}
Exchange.__index = Exchange

local function new_exchange(client, call)
  local self = setmetatable({
    _client = client,
    _call = call,
    _retries = call.options.max_retries or client._settings.max_retries,
    _timeout = call.options.timeout or client._settings.timeout,
    _about = { attempts = 0, maybe_applied = false, secrets = {} }, -- see answer.read
    _started = client._connections.clock.now(),
    _wanted = nil, -- since when somebody waits for its end
    _transfer = nil, -- the attempt that is under way
    _sent = nil, -- when that began
  }, Exchange)
  client._calls[self] = true
  return self
end

-- How long others' too many requests hold this call back. Who tries only once wants no waiting.
function Exchange:_held_back()
  local connections = self._client._connections
  return self._retries > 0 and connections.throttle:left(connections.clock.now()) or 0
end

function Exchange:_seconds_left()
  local deadline = self._call.options.deadline or self._client._settings.deadline
  if not deadline or not self._wanted then return math.huge end
  return self._wanted + deadline - self._client._connections.clock.now()
end

-- How long the attempt may take: to the deadline, but never nothing.
function Exchange:_attempt_timeout()
  return math.min(self._timeout, math.max(self:_seconds_left(), 0.001))
end

-- Starts an attempt. Returns why none can be made, or nil.
function Exchange:_send()
  local client, call, about = self._client, self._call, self._about
  local settings, connections = client._settings, client._connections
  local attempt = outgoing.build(settings, call, about.attempts + 1)
  about.secrets = attempt.secrets
  if not self._wanted then attempt.connect_timeout = nil end -- nobody may look for a long time
  if log.wants(settings, "debug") then
    log.write(settings, "debug", "request", {
      method = call.method,
      path = call.template,
      headers = headers.describe(attempt.headers),
    })
  end
  local obstacle = client._closed and CLOSED or connections.transport:obstacle()
  if obstacle then return obstacle end
  self._sent = connections.clock.now()
  self._transfer = connections.transport:start(attempt, self:_attempt_timeout())
end

-- Waits for the attempt that has been started.
function Exchange:_receive()
  local call, about = self._call, self._about
  local settings, connections = self._client._settings, self._client._connections
  local timeout = self:_attempt_timeout()
  local result = connections.transport:finish(self._transfer, timeout)
  self._transfer = nil
  about.attempts = about.attempts + 1
  about.elapsed = connections.clock.now() - self._started
  about.maybe_applied = about.maybe_applied or retry.maybe_applied(call.method, result)
  report(settings, call, result, about.attempts, connections.clock.now() - self._sent)
  if result.failure == "cancelled" and self._client._closed then
    result.message = CLOSED
  elseif result.failure == "timeout" and timeout < self._timeout then
    result.message = ("the deadline of %g s has passed")
      :format(call.options.deadline or settings.deadline)
  end
  return result
end

-- The wait before another attempt and what it costs; nil when none is to be made.
function Exchange:_plan(result)
  local connections = self._client._connections
  if self._is_early and result.forsaken then -- begun before a fork, with nobody waiting for it
    self._is_early = false
    return 0, 0
  end
  local wait = retry.wait(self._call, result, self._about.attempts, connections.clock)
  if wait and result.status == 429 then
    connections.throttle:hold(connections.clock.now() + wait)
  end
  if not wait or self._about.attempts > self._retries or wait >= self:_seconds_left() then
    return nil
  end
  return wait, connections.budget:take(result)
end

local function is_closed(wait) return wait.client._closed end

-- Waits `seconds`, and as long as all calls are held back. Returns what is left of that if it is
-- more than the deadline allows.
function Exchange:_pause(seconds)
  local client = self._client
  repeat
    if seconds >= self:_seconds_left() then return seconds end
    client._connections.transport:sleep(seconds, is_closed, client)
    seconds = self:_held_back()
  until seconds == 0 or client._closed
end

--- Brings it to its end.
-- @return value, nil, response, text of the body | nil, error
function Exchange:finish()
  local client, call, about = self._client, self._call, self._about
  local connections = client._connections
  self._wanted = self._wanted or connections.clock.now()
  local wait, paid = self:_held_back(), nil
  repeat
    if not self._transfer then
      local too_long = (wait > 0 or paid) and self:_pause(wait)
      if too_long then
        return answer.unsent(call, "timeout", HELD_BACK:format(too_long), about)
      end
      local obstacle = self:_send()
      if obstacle then return answer.unsent(call, "cancelled", obstacle, about) end
    end
    local result = self:_receive()
    if not result.failure and result.status < 300 then connections.budget:give_back(paid) end
    wait, paid = self:_plan(result)
    if paid then
      log.write(client._settings, "info", "retry", {
        path = call.template,
        attempt = about.attempts,
        status = result.status > 0 and result.status or nil,
        error = result.failure,
        wait = wait,
      })
    else
      client._calls[self] = nil
      return answer.read(call, result, about)
    end
  until false
end

--- Ends the attempt that is under way; who waits for it gets the error `cancelled`. An answer that
-- is there is kept for who waits, and for nobody else.
function Exchange:cancel()
  if self._transfer then self._transfer:cancel() end
  if not self._wanted then self._transfer = nil end
end

--- Lets it go on, if there is something to be done without waiting.
function Exchange:nudge()
  if self._transfer and not self._transfer:done() then
    self._client._connections.transport:nudge()
  end
end

--- Begins a call that somebody will want the end of later. Nothing is sent yet if it has to wait
-- first.
-- @tparam table client
-- @tparam table call see call.lua
function request.start(client, call)
  local self = new_exchange(client, call)
  self._is_early = true
  if self:_held_back() == 0 then self:_send() end
  return self
end

--- Performs a call.
-- @return value, nil, response, text of the body | nil, error
function request.perform(client, call)
  local self = new_exchange(client, call)
  return self:finish()
end

return request
