-- SPDX-License-Identifier: MIT
-- Requests a page before it is wanted. Of the first page the next is requested when half is taken,
-- so that a loop that stops early costs no request; from the second page on as soon as a page is
-- there.

local LookAhead = {}
LookAhead.__index = LookAhead

--- Makes one.
-- @tparam boolean wanted the option `prefetch`
-- @tparam function start function() -> what has been started, with its `execution`; may raise
function LookAhead.new(wanted, start)
  return setmetatable({ _wanted = wanted, _start = start, _ahead = nil, _pages = 0 }, LookAhead)
end

--- A page has come.
function LookAhead:note_page()
  self._pages = self._pages + 1
end

--- How many items of a page may be taken before there is anything to do.
-- @tparam integer count of the page's items
function LookAhead:free(count)
  if not self._wanted then return count end
  if self._pages > 1 then return 0 end
  return math.ceil(count / 2) - 1
end

--- Begins the next request if it is time for it, or lets it go on. A request that cannot be made is
-- left for the time when its page is wanted.
-- @tparam integer position items of the page that have been taken
-- @tparam integer count of the page's items
-- @treturn boolean whether there is nothing more to do until the page is wanted
function LookAhead:go_on(position, count)
  if self._ahead then return self._ahead.execution:nudge() end
  if self._wanted and (self._pages > 1 or 2 * position >= count) then
    local done, started = pcall(self._start)
    self._ahead = done and started or nil
  end
  return false
end

--- Hands over what has been started, or nil.
function LookAhead:take()
  local started = self._ahead
  self._ahead = nil
  return started
end

--- Ends the request that is under way.
function LookAhead:cancel()
  local started = self:take()
  if started then started.execution:cancel() end
end

return LookAhead
