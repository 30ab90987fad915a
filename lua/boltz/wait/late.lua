-- SPDX-License-Identifier: MIT
-- A transfer whose result is known and comes later, by a clock that is moved on.

local tables = require "boltz.tables"

local Late = {}
Late.__index = Late

local LATE = "the answer took longer than the timeout"
local CANCELLED = "the call was cancelled"

--- Makes one.
-- @tparam table result
-- @tparam number ready when it comes
-- @tparam table clock with now
function Late.new(result, ready, clock)
  return setmetatable({ _result = result, _ready = ready, _clock = clock, _expires = math.huge },
    Late)
end

-- What it ends with in place of its result.
function Late:_fail(failure, message, transient)
  self._result = tables.merge(self._result, { status = 0, headers = {}, body = "",
    failure = failure, message = message, transient = transient })
  self._ready = -math.huge
end

--- Whether it has ended.
function Late:done()
  local now = self._clock.now()
  if now >= self._ready then return true end
  if now >= self._expires then self:_fail("timeout", LATE, true) end
  return self._ready == -math.huge
end

--- Limits it to so many seconds from now.
-- @treturn number when it ends
function Late:expire_in(timeout, deadline)
  self._expires = self._clock.now() + math.min(timeout, deadline or math.huge)
  return math.min(self._ready, self._expires)
end

function Late:cancel()
  if not self:done() then self:_fail("cancelled", CANCELLED, false) end
end

function Late:result()
  return self:done() and self._result or nil
end

return Late
