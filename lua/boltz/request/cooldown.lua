-- SPDX-License-Identifier: MIT
-- When one call of a client is told that there are too many (429), all of them wait as long as the
-- server asked, and then start slowly: one, then one more for each full round of answers. Those
-- that were refused most often go first.
--
-- Times are those of the session's clock, passed in. A ticket stands for a call that waits: a table
-- with `refusals`, their number.

local tables = require "boltz.tables"

local Cooldown = {}
Cooldown.__index = Cooldown

local LONGEST = 60 -- seconds that calls are held back without a break

function Cooldown.new()
  return setmetatable({
    _ends = nil, -- until when nothing is sent
    _began = nil, -- since when
    _closed_until = nil, -- until when calls fail at once
    _limit = nil, -- how many calls may be under way; nil: as many as there are
    _answered = 0, -- since that was last changed
    _under_way = setmetatable({}, { __mode = "k" }), -- what was sent since; the dropped count not
    _waiting = setmetatable({}, { __mode = "k" }), -- tickets, with the number of their coming
    _came = 0, -- the latest of these
  }, Cooldown)
end

--- Holds back what has not been sent yet.
-- @tparam number now
-- @tparam number seconds
function Cooldown:hold(now, seconds)
  if not self._ends or now >= self._ends then self._began = now end
  self._ends = math.min(math.max(self._ends or now, now + seconds), self._began + LONGEST)
  self._limit, self._answered = 1, 0
end

--- Whether calls are held back.
function Cooldown:is_holding(now)
  return self._ends ~= nil and now < self._ends
end

--- The server asks for a wait that is too long to be waited out: calls are to fail at once.
function Cooldown:close(now, seconds)
  self._closed_until = math.max(self._closed_until or now, now + seconds)
end

--- For how many seconds calls are to fail at once; 0: they are not.
function Cooldown:closed_for(now)
  return self._closed_until and math.max(0, self._closed_until - now) or 0
end

local function count(set)
  local number = 0
  for _ in tables.each(set) do number = number + 1 end
  return number
end

-- Of the tickets that wait the one that goes first.
function Cooldown:_first()
  local first, place
  for ticket, number in tables.each(self._waiting) do
    if not first or ticket.refusals > first.refusals
      or (ticket.refusals == first.refusals and number < place) then
      first, place = ticket, number
    end
  end
  return first
end

--- How long a call has to wait.
-- @tparam number now
-- @tparam[opt] table ticket absent: it does not wait yet
-- @treturn number seconds; 0: not at all; math.huge: until it is its turn
function Cooldown:left(now, ticket)
  if not self._limit then return 0 end
  if now < self._ends then return self._ends - now end
  local first = self:_first()
  local has_room = count(self._under_way) < self._limit
  return has_room and (first == ticket or first == nil) and 0 or math.huge
end

--- A call waits from now on, and no longer.
function Cooldown:join(ticket)
  self._came = self._came + 1
  self._waiting[ticket] = self._came
end

function Cooldown:leave(ticket)
  self._waiting[ticket] = nil
end

--- An attempt is sent.
-- @param attempt any key
function Cooldown:sent(attempt)
  if self._limit then self._under_way[attempt] = true end
end

--- It was answered, or has ended otherwise.
-- @tparam number now
-- @treturn boolean whether one that waits may go now
function Cooldown:ended(attempt, now)
  if not self._limit or not self._under_way[attempt] then return false end
  self._under_way[attempt] = nil
  self._answered = self._answered + 1
  if self._answered >= self._limit then self._limit, self._answered = self._limit + 1, 0 end
  if next(self._waiting) == nil and next(self._under_way) == nil and now >= self._ends then
    self._limit = nil
  end
  return next(self._waiting) ~= nil
end

return Cooldown
