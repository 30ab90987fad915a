-- SPDX-License-Identifier: MIT
-- An execution: a call with its attempts and the waits between them. It begins with `start`, and
-- goes on when its end is wanted, with `finish`; its limits of time count from then.
--
-- What it needs of a client comes with that client's user of the session (session.lua): `settings`,
-- `is_closed`, the `executions` under way, and the session with transport, clock, budget and
-- cooldown.

local Observed = require "boltz.request.observed"
local Paced = require "boltz.request.paced"
local attempts = require "boltz.request.attempt"
local duration = require "boltz.request.duration"
local response = require "boltz.request.response"
local retry = require "boltz.request.retry"
local tables = require "boltz.tables"

local execution = {}

local CLOSED = "the client is closed"
local CLOSED_FOR = "too many requests (429): the server asked for a long wait, of which %s s are "
  .. "left"

local NO_SECRETS = {}
local BYTES_A_VALUE = 64 -- an empty table of Lua has as many
local FEWEST_VALUES = 1024 -- that any answer may have: 64 KiB of Lua's memory do no harm
local NUDGE = 0.001 -- seconds

local Execution = tables.merge(Paced, Observed)
Execution.__index = Execution

local function new(user, call)
  local options, settings, session = call.options, user.settings, user.session
  session.calls = session.calls + 1
  local self = setmetatable({
    _session = session,
    _user = user,
    _settings = settings,
    _call = call,
    _retries = options.max_retries or settings.max_retries,
    _timeout = options.timeout or settings.timeout,
    _deadline = options.deadline or settings.deadline, -- seconds from `_wanted`
    _started = session.clock.now(),
    _wanted = nil, -- since when its end is wanted
    _transfer = nil, -- the attempt that is under way
    _sent = nil, -- when that began
    _nudged = nil, -- when it was last nudged
    _duration = nil, -- of the attempt that has ended last, in seconds
    number = session.calls, -- by which its attempts are known among those of other calls
    refusals = 0, -- answers of 429: its place among those that wait, see cooldown.lua
    attempts = 0, -- this and the rest: see response.read
    elapsed = nil,
    maybe_applied = false,
    _went_at_once = false, -- an attempt, where the one before had no descriptor
    secrets = NO_SECRETS,
    retry_after = nil,
    max_values = math.max(FEWEST_VALUES, settings.max_response_bytes / BYTES_A_VALUE),
  }, Execution)
  user.executions[self] = true
  return self
end

-- How long the attempt may take: to the deadline, but never nothing.
function Execution:_attempt_timeout()
  if not self._deadline then return self._timeout end
  return math.min(self._timeout, math.max(self:_seconds_left(), 0.001))
end

-- Starts an attempt. Returns why none can be made, or nil.
function Execution:_send()
  local settings, session, call = self._settings, self._session, self._call
  local attempt = attempts.build(settings, call, self.attempts + 1)
  self.secrets = attempt.secrets
  if not self._wanted then attempt.connect_timeout = nil end -- it may be long until it is stepped
  self:_tell_request(attempt)
  local reason = self._user.is_closed and CLOSED or session.transport:cannot_wait()
  if reason then return reason end
  self._sent = session.clock.now()
  session.cooldown:sent(self)
  self._transfer = session.transport:start(attempt, self:_attempt_timeout())
end

-- Waits for the attempt that has been started.
function Execution:_receive()
  local session = self._session
  local timeout = self:_attempt_timeout()
  local result = session.transport:finish(self._transfer, timeout, self:_seconds_left())
  local now = session.clock.now()
  self._transfer = nil
  if session.cooldown:ended(self, now) then session.transport:wake() end
  self.attempts = self.attempts + 1
  self.elapsed = now - self._started
  self.maybe_applied = self.maybe_applied or retry.maybe_applied(self._call.method, result)
  self._duration = now - self._sent
  self:_tell_attempt(result)
  if result.failure then self:_explain(result, timeout) end
  return result
end

-- Says why an attempt failed where that is not the world's doing.
function Execution:_explain(result, timeout)
  if result.failure == "cancelled" and self._user.is_closed then
    result.message = CLOSED
  elseif result.failure == "timeout" and timeout < self._timeout then
    result.message = self:_deadline_passed()
  end
end

-- The delay before another attempt and what it costs; nil when none is to be made. A retry after a
-- 429 is paced, and costs nothing.
function Execution:_plan(result)
  local session = self._session
  if self._is_early and result.forsaken then -- begun before a fork, when its end was not wanted
    self._is_early = false
    return 0, 0
  end
  -- Once, whatever max_retries is: what the program has dropped was in the way.
  if result.may_go_at_once and not self._went_at_once then
    self._went_at_once = true
    return 0, 0
  end
  self.retry_after = retry.requested_delay(result.headers, session.clock.wall())
  local delay = retry.delay(self._call, result, self.attempts, session.clock)
  if result.status == 429 then self:_hold_others(result, delay) end
  if not delay or self.attempts > self._retries or delay >= self:_seconds_left() then return nil end
  local paid = result.status == 429 and 0 or session.budget:take(result)
  if paid then self:_tell_retry(result, delay) end
  return delay, paid
end

--- Brings it to its end.
-- @return value, nil, response, text of the body | nil, error
function Execution:finish()
  local session, call = self._session, self._call
  self._wanted = self._wanted or session.clock.now()
  local delay, paid
  repeat
    if not self._transfer then
      local closed = session.cooldown:closed_for(session.clock.now())
      if closed > 0 then
        local reason = CLOSED_FOR:format(duration.seconds(closed))
        self.retry_after = closed
        return response.unsent(call, "rate_limit", reason, self)
      end
      local reason, kind
      if paid or self:_held_back() > 0 then reason, kind = self:_pause(delay) end
      if reason then
        session.budget:give_back(paid)
        return response.unsent(call, kind, reason, self)
      end
      reason = self:_send()
      if reason then return response.unsent(call, "cancelled", reason, self) end
    end
    local result = self:_receive()
    if not result.failure and result.status < 300 then
      session.budget:give_back(paid)
      paid, self.retry_after = nil, nil
    else
      delay, paid = self:_plan(result)
    end
    if not paid then
      self._user.executions[self] = nil
      return response.read(call, result, self)
    end
  until false
end

--- Ends the attempt that is under way; a caller that waits for it gets the error `cancelled`. An
-- answer that is there is kept for such a caller, and for no other.
function Execution:cancel()
  if self._transfer then self._transfer:cancel() end
  self._session.cooldown:ended(self, self._session.clock.now())
  if not self._wanted then self._transfer = nil end
end

--- Lets it go on, if there is something to be done without waiting; not more often than pays.
-- @treturn boolean whether that is no longer needed
function Execution:nudge()
  if not self._transfer or self._transfer:done() then return true end
  local session = self._session
  local now = session.clock.now()
  if self._nudged and now < self._nudged + NUDGE then return false end
  self._nudged = now
  session.transport:nudge()
  return self._transfer:done()
end

local function session_is_open(session)
  return session.cooldown:closed_for(session.clock.now()) == 0
end

--- Begins a call whose end will be wanted later. Nothing is sent yet if it has to wait first.
-- @tparam table user of the session
-- @tparam table call see call.lua
function execution.start(user, call)
  local self = new(user, call)
  self._is_early = true
  if self:_held_back() == 0 and session_is_open(self._session) then self:_send() end
  return self
end

--- Instead of a call that may change something, what would have been sent: nil, error
function execution.withhold(user, call)
  local attempt = attempts.build(user.settings, call, 1)
  return response.withheld(call, { attempts = 0, elapsed = 0, secrets = attempt.secrets })
end

--- Begins a call whose end is wanted at once.
function execution.begin(user, call)
  local self = new(user, call)
  self._wanted = self._started
  return self
end

return execution
