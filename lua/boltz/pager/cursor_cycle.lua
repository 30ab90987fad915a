-- SPDX-License-Identifier: MIT
-- Notices that a list goes round in a cycle, because its server repeats a cursor, in memory that
-- does not grow with the list. A cycle that leads back to one of the first cursors is noticed at
-- once. For any other there is a milestone, which moves on to the newest cursor whenever there are
-- twice as many (Brent's algorithm): it ends up inside the cycle, and the cycle leads back to it.

local CursorCycle = {}
CursorCycle.__index = CursorCycle

local FIRST = 1000 -- cursors that are remembered

function CursorCycle.new()
  return setmetatable({ _first = {}, _count = 0 }, CursorCycle)
end

--- Takes note of the cursor of a request.
-- @tparam string cursor
function CursorCycle:add(cursor)
  self._count = self._count + 1
  if self._count <= FIRST then
    self._first[cursor] = true
  elseif not self._milestone or self._count >= 2 * self._passed then
    self._milestone, self._passed = cursor, self._count
  end
end

--- Whether a cursor is known to have been there before.
-- @tparam string cursor
-- @treturn boolean
function CursorCycle:closes_with(cursor)
  return self._first[cursor] == true or cursor == self._milestone
end

return CursorCycle
