-- SPDX-License-Identifier: MIT
-- When one call of a client is told that there are too many (429), all of them wait as long as the
-- server asked, so that it is told once and not by each.

local Cooldown = {}
Cooldown.__index = Cooldown

function Cooldown.new()
  return setmetatable({ _ends = nil }, Cooldown)
end

--- Holds back what has not been sent yet.
-- @tparam number ends on the clock that `left` is asked by
function Cooldown:hold(ends)
  self._ends = math.max(self._ends or ends, ends)
end

--- How long calls have to wait, in seconds; 0: not at all.
-- @tparam function now the clock
function Cooldown:left(now)
  return self._ends and math.max(0, self._ends - now()) or 0
end

return Cooldown
