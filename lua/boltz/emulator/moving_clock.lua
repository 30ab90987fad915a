-- SPDX-License-Identifier: MIT
-- The time of an emulator, and of the clients in its process: that of the machine, or what a
-- function says, and in any case as much later as has been waited. So no wait takes real time.

local core = require "boltz.core"

local Clock = {}
Clock.__index = Clock

--- Makes one.
-- @param source[opt] function -> seconds since the epoch; absent: the machine's time
function Clock.new(source)
  return setmetatable({ _source = source, _began = source and source(), _moved = 0 }, Clock)
end

--- Seconds since the epoch.
function Clock:wall()
  return (self._source or core.wall)() + self._moved
end

--- Seconds since some time or other, for the time between two such. (Small numbers, so that their
-- fractions are exact.)
function Clock:now()
  local passed = self._source and self._source() - self._began or core.now()
  return passed + self._moved
end

--- Moves it on by so many seconds.
function Clock:advance(seconds)
  self._moved = self._moved + seconds
end

return Clock
