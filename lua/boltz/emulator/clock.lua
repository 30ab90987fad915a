-- SPDX-License-Identifier: MIT
-- Instants as the wire writes them: ISO 8601, always with a timezone, always UTC in answers. The
-- emulator reads dates with its own code, so that it does not share the client's misunderstandings.

local clock = { HOUR = 3600, DAY = 86400 }

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_before_year(year)
  local y = year - 1
  return 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
end

local EPOCH = days_before_year(1970)

local function days_since_epoch(year, month, day)
  local days = days_before_year(year) - EPOCH + day - 1
  for m = 1, month - 1 do days = days + MONTH_DAYS[m] end
  if month > 2 and is_leap(year) then days = days + 1 end
  return days
end

local function is_date(year, month, day)
  local longest = MONTH_DAYS[month]
  if month == 2 and is_leap(year) then longest = 29 end
  return longest ~= nil and day >= 1 and day <= longest
end

--- Seconds that a timezone is ahead of UTC.
local function offset_of(zone)
  if zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then return nil end
  local offset = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -offset or offset
end

--- Reads an ISO 8601 date-time.
-- @return seconds since the epoch, with a fraction where the text has one; or nil when it is not a
-- date-time or has no timezone
function clock.parse(text)
  local year, month, day, hour, minute, rest =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt](%d%d):(%d%d)(.+)$")
  if not year then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute = tonumber(hour), tonumber(minute)
  local second, fraction, zone = 0, 0, rest
  if rest:sub(1, 1) == ":" then
    local digits
    second, digits, zone = rest:match("^:(%d%d)(%.?%d*)(.+)$")
    second = tonumber(second)
    if not second or digits == "." or (digits ~= "" and digits:sub(1, 1) ~= ".") then return nil end
    if digits ~= "" then fraction = tonumber("0" .. digits) end
  end
  local offset = offset_of(zone)
  if not offset or not is_date(year, month, day) then return nil end
  if hour > 23 or minute > 59 or second > 59 then return nil end
  local midnight = days_since_epoch(year, month, day) * clock.DAY
  local seconds = midnight + hour * 3600 + minute * 60 + second - offset
  if fraction > 0 then seconds = seconds + fraction end
  return seconds
end

--- Writes whole seconds since the epoch as `2026-01-31T09:00:00Z`.
function clock.format(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
end

--- The last multiple of `size` seconds that is not after `seconds`.
function clock.floor(seconds, size)
  return math.floor(seconds / size) * size
end

--- The first multiple of `size` seconds that is not before `seconds`.
function clock.ceil(seconds, size)
  return -clock.floor(-seconds, size)
end

return clock
