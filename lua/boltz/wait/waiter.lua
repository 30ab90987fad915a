-- SPDX-License-Identifier: MIT
-- What somebody waits for: a condition, and a time at which to wait no longer.

local core = require "boltz.core"

local Wait = {}
Wait.__index = Wait

--- Makes one.
-- @tparam table fields
--   condition  function(wait) -> whether to go on
--   ends       on the clock of core.now; absent: never
--   transport  whose transfers may make the condition true; absent: another task of ours does
--   ...        what these functions need: nginx clears the locals of a thread that it ends, so that
--              they may not be closures over those
--   cancel     optional function(wait): ends what is waited for, when nobody waits any more
function Wait.new(fields)
  fields.ends = fields.ends or math.huge
  return setmetatable(fields, Wait)
end

function Wait.is_wait(value)
  return getmetatable(value) == Wait
end

function Wait:left()
  return self.ends < math.huge and math.max(0, self.ends - core.now()) or math.huge
end

function Wait:is_over()
  return self:condition() or (self.ends < math.huge and core.now() >= self.ends)
end

function Wait:give_up()
  if self.cancel then self:cancel() end
end

return Wait
