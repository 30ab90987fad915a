-- SPDX-License-Identifier: MIT
-- How an execution waits: before it tries again, and for others' 429 (cooldown.lua). Its methods.

local core = require "boltz.core"
local duration = require "boltz.request.duration"
local response = require "boltz.request.response"
local retry = require "boltz.request.retry"

local Paced = {}

local HELD_BACK = "too many requests (429): all calls wait for %s s, beyond the deadline"
local LEFT = "the function that made the call was ended before another attempt"

local LONG = 5 -- seconds for which others' 429 holds a call back, of which the log tells
local TURN = 1 -- seconds until a call that waits for its turn looks, if nothing else makes it

--- What is said when its deadline has passed.
function Paced:_deadline_passed()
  return ("the deadline of %s s has passed"):format(core.encode(self._deadline))
end

-- How long others' too many requests hold this call back. One that is tried only once does not
-- wait.
function Paced:_held_back()
  local session = self._session
  return self._retries > 0 and session.cooldown:left(session.clock.now(), self) or 0
end

function Paced:_seconds_left()
  if not self._deadline or not self._wanted then return math.huge end
  return self._wanted + self._deadline - self._session.clock.now()
end

-- A 429 holds back the calls of the session. One that is tried only once makes no hold longer.
function Paced:_hold_others(result, delay)
  local session = self._session
  local now = session.clock.now()
  self.refusals = self.refusals + 1
  if delay and not (self._retries == 0 and session.cooldown:is_holding(now)) then
    session.cooldown:hold(now, delay)
  elseif not delay then
    local long = retry.long_delay(result, session.clock.wall())
    if long then session.cooldown:close(now, long) end
  end
end

local function is_closed(waiter) return waiter.user._user.is_closed end

-- For a caller that goes while it waits: it is no longer its turn.
local function leave(waiter)
  local session = waiter.user._session
  session.cooldown:leave(waiter.user)
  session.transport:wake()
end

local function is_its_turn(waiter)
  return waiter.user._user.is_closed or waiter.user:_held_back() < math.huge
end

-- Tells the log of a wait for others' 429, if it is long. Returns whether it did.
-- @tparam number seconds that it takes, or has taken
-- @tparam[opt] number left of it; absent: that is not known
function Paced:_tell_if_long(seconds, left)
  if seconds < LONG then return false end
  self:_tell_held(left)
  return true
end

-- Waits before an attempt: the delay of a retry, if it is one, and as long as all calls are held
-- back. Returns why it does not, and the error's kind: if that is longer than the deadline allows,
-- or nothing can wait for want of descriptors.
function Paced:_pause(delay)
  local session, user = self._session, self._user
  local too_long, lack, ready, began, told
  session.cooldown:join(self)
  repeat
    local held, left = self:_held_back(), self:_seconds_left()
    local known = math.max(delay or 0, held < math.huge and held or 0)
    ready = not delay and held == 0
    if not ready and known >= left then
      local by_others = known > (delay or 0)
      if by_others then self.retry_after = held end
      too_long = by_others and HELD_BACK:format(duration.seconds(held))
        or self:_deadline_passed()
    elseif delay or known > 0 then
      if held < math.huge and held > (delay or 0) then
        told = told or self:_tell_if_long(held, held)
      end
      lack = session.transport:sleep(known, is_closed, self, leave)
      delay = nil
    elseif not ready then
      began = began or session.clock.now()
      told = told or self:_tell_if_long(session.clock.now() - began)
      lack = session.transport:sleep(math.min(TURN, left), is_its_turn, self, leave)
    end
  until too_long or lack or ready or user.is_closed
  session.cooldown:leave(self)
  return too_long or lack, too_long and "timeout" or "connection"
end

--- Whether an attempt is under way.
function Paced:is_under_way() return self._transfer ~= nil end

--- Waits for the attempt that is under way, in what is left of its time, and makes no other: for a
-- caller that has gone.
-- @return as of Execution:finish
function Paced:settle()
  if not self._transfer then return response.unsent(self._call, "cancelled", LEFT, self) end
  local passed = self._session.clock.now() - self._sent
  self._retries, self._timeout = 0, math.max(0.001, self._timeout - passed)
  return self:finish()
end

return Paced
