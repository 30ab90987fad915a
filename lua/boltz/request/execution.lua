-- SPDX-License-Identifier: MIT
-- One call on the wire: build -> attempt -> decide (again, or not) -> decode. It begins with
-- `start`, and goes on when somebody wants its end with `finish`; its limits of time count from
-- then.

local answer = require "boltz.request.response"
local headers = require "boltz.request.headers"
local log = require "boltz.request.log"
local outgoing = require "boltz.request.attempt"
local retry = require "boltz.request.retry"

local request = {}

local CLOSED = "the client is closed"
local HELD_BACK = "too many requests (429): all calls wait for %.3g s, beyond the deadline"

local NO_SECRETS = {}
local NUDGE = 0.001 -- seconds

-- Tells the log and the user's on_attempt; as with a logger, its failure is not the call's.
local function report(settings, call, result, attempt, duration)
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
  local options, settings = call.options, client._settings
  local self = setmetatable({
    _client = client,
    _call = call,
    _retries = options.max_retries or settings.max_retries,
    _timeout = options.timeout or settings.timeout,
    _deadline = options.deadline or settings.deadline, -- seconds from `_wanted`
    _started = client._connections.clock.now(),
    _wanted = nil, -- since when somebody waits for its end
    _transfer = nil, -- the attempt that is under way
    _sent = nil, -- when that began
    _nudged = -math.huge,
    attempts = 0, -- this and the rest: see answer.read
    elapsed = nil,
    maybe_applied = false,
    secrets = NO_SECRETS,
  }, Exchange)
  client._calls[self] = true
  return self
end

-- How long others' too many requests hold this call back. Who tries only once wants no waiting.
function Exchange:_held_back()
  local connections = self._client._connections
  return self._retries > 0 and connections.throttle:left(connections.clock.now) or 0
end

function Exchange:_seconds_left()
  if not self._deadline or not self._wanted then return math.huge end
  return self._wanted + self._deadline - self._client._connections.clock.now()
end

-- How long the attempt may take: to the deadline, but never nothing.
function Exchange:_attempt_timeout()
  if not self._deadline then return self._timeout end
  return math.min(self._timeout, math.max(self:_seconds_left(), 0.001))
end

-- Starts an attempt. Returns why none can be made, or nil.
function Exchange:_send()
  local client, call = self._client, self._call
  local settings, connections = client._settings, client._connections
  local attempt = outgoing.build(settings, call, self.attempts + 1)
  self.secrets = attempt.secrets
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
  local call, settings = self._call, self._client._settings
  local connections = self._client._connections
  local timeout = self:_attempt_timeout()
  local result = connections.transport:finish(self._transfer, timeout)
  local now = connections.clock.now()
  self._transfer = nil
  self.attempts = self.attempts + 1
  self.elapsed = now - self._started
  self.maybe_applied = self.maybe_applied or retry.maybe_applied(call.method, result)
  if settings.on_attempt or log.wants(settings, "info") then
    report(settings, call, result, self.attempts, now - self._sent)
  end
  if result.failure == "cancelled" and self._client._closed then
    result.message = CLOSED
  elseif result.failure == "timeout" and timeout < self._timeout then
    result.message = ("the deadline of %g s has passed"):format(self._deadline)
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
  local wait = retry.wait(self._call, result, self.attempts, connections.clock)
  if wait and result.status == 429 then
    connections.throttle:hold(connections.clock.now() + wait)
  end
  if not wait or self.attempts > self._retries or wait >= self:_seconds_left() then
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
  local client, call = self._client, self._call
  local connections = client._connections
  self._wanted = self._wanted or connections.clock.now()
  local wait, paid = self:_held_back(), nil
  repeat
    if not self._transfer then
      local too_long = (wait > 0 or paid) and self:_pause(wait)
      if too_long then
        return answer.unsent(call, "timeout", HELD_BACK:format(too_long), self)
      end
      local obstacle = self:_send()
      if obstacle then return answer.unsent(call, "cancelled", obstacle, self) end
    end
    local result = self:_receive()
    if not result.failure and result.status < 300 then
      connections.budget:give_back(paid)
      wait, paid = nil, nil
    else
      wait, paid = self:_plan(result)
    end
    if paid then
      log.write(client._settings, "info", "retry", {
        path = call.template,
        attempt = self.attempts,
        status = result.status > 0 and result.status or nil,
        error = result.failure,
        wait = wait,
      })
    else
      client._calls[self] = nil
      return answer.read(call, result, self)
    end
  until false
end

--- Ends the attempt that is under way; who waits for it gets the error `cancelled`. An answer that
-- is there is kept for who waits, and for nobody else.
function Exchange:cancel()
  if self._transfer then self._transfer:cancel() end
  if not self._wanted then self._transfer = nil end
end

--- Lets it go on, if there is something to be done without waiting; not more often than pays.
-- @treturn boolean whether that is no longer needed
function Exchange:nudge()
  if not self._transfer or self._transfer:done() then return true end
  local connections = self._client._connections
  local now = connections.clock.now()
  if now < self._nudged + NUDGE then return false end
  self._nudged = now
  connections.transport:nudge()
  return self._transfer:done()
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
  self._wanted = self._started
  return self:finish()
end

return request
