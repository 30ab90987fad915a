-- SPDX-License-Identifier: MIT
-- A waiter: what is suspended until a condition holds or a time has come.

local core = require "boltz.core"

local Waiter = { now = core.now }
Waiter.__index = Waiter

--- Makes one.
-- @tparam table fields
--   condition  function(waiter) -> whether to go on
--   ends       on the transport's clock, or that of core.now; absent: never
--   transport  whose transfers may make the condition true; absent: another task of ours does
--   ...        what these functions need: nginx clears the locals of a thread that it ends, so that
--              they may not be closures over those
--   cancel     optional function(waiter, kept): ends what is waited for, when the waiter goes
--              early; changes of tasks go to `kept`, see changes.lua
function Waiter.new(fields)
  fields.ends = fields.ends or math.huge
  local clock = fields.transport and fields.transport.clock
  if clock then fields.now = clock.now end
  return setmetatable(fields, Waiter)
end

function Waiter.is_waiter(value)
  return getmetatable(value) == Waiter
end

--- Seconds until its time has come.
function Waiter:left()
  return self.ends < math.huge and math.max(0, self.ends - self.now()) or math.huge
end

function Waiter:is_over()
  return self:condition() or (self.ends < math.huge and self.now() >= self.ends)
end

function Waiter:give_up(kept)
  if self.cancel then self:cancel(kept) end
end

return Waiter
