-- SPDX-License-Identifier: MIT
-- Times on the wire: ISO 8601 as RFC 3339 narrows it, to and from seconds since the epoch.
-- Lua's own os.time reads the host's timezone, so the calendar is computed here.

local time = {}

local DAY = 86400

-- Days from 1970-01-01 to a date of the Gregorian calendar. A year is counted from March, so that
-- the leap day is its last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
local function days_from_date(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local era = math.floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = math.floor((153 * (month - 3) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + math.floor(year_of_era / 4)
    - math.floor(year_of_era / 100) + day_of_year
  return era * 146097 + day_of_era - 719468
end

local function date_from_days(days)
  days = days + 719468
  local era = math.floor(days / 146097)
  local day_of_era = days - era * 146097
  local year_of_era = math.floor((day_of_era - math.floor(day_of_era / 1460)
    + math.floor(day_of_era / 36524) - math.floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era
    - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
  local shifted = math.floor((5 * day_of_year + 2) / 153)
  local day = day_of_year - math.floor((153 * shifted + 2) / 5) + 1
  local month = shifted < 10 and shifted + 3 or shifted - 9
  return year_of_era + era * 400 + (month <= 2 and 1 or 0), month, day
end

local function days_in_month(year, month)
  local following = month == 12 and days_from_date(year + 1, 1, 1)
    or days_from_date(year, month + 1, 1)
  return following - days_from_date(year, month, 1)
end

-- Whether the second before a time may be a leap second: these come at the end of a month in UTC.
local function may_be_leap(seconds)
  local days = seconds / DAY
  if days ~= math.floor(days) then return false end
  local _, _, day = date_from_days(days)
  return day == 1
end

-- Seconds east of UTC, or nil where the text names no timezone.
local function parse_offset(text)
  if text == "Z" or text == "z" then return 0 end
  local sign, hours, minutes = text:match("^([+-])(%d%d):?(%d%d)$")
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then return nil end
  local offset = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -offset or offset
end

--- Reads a time such as `2026-04-08T18:56:46Z` or `2026-04-08T20:56:46.5+02:00`.
-- @param text
-- @treturn number|nil seconds since the epoch; nil when it is no such text, names no timezone, or a
--   date that does not exist
function time.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, hour, minute, rest =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d)(.+)$")
  if not year then return nil end
  local second, zone = rest:match("^:(%d%d)(.+)$")
  local fraction = 0
  if second then
    local digits, after = zone:match("^[.,](%d+)(.+)$")
    if digits then fraction, zone = tonumber("0." .. digits), after end
  else
    second, zone = 0, rest
  end
  local offset = parse_offset(zone)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if not offset or month < 1 or month > 12 or day < 1 or day > days_in_month(year, month)
    or hour > 23 or minute > 59 or second > 60 then
    return nil
  end
  local seconds = days_from_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second
    - offset
  if second == 60 and not may_be_leap(seconds) then return nil end
  return seconds + fraction
end

--- Writes a time in UTC, with milliseconds where it is not whole.
-- @tparam number seconds since the epoch, years 0 to 9999
-- @treturn string|nil such as `2026-04-08T18:56:46Z`; nil out of that range
function time.format(seconds)
  local milliseconds = math.floor(seconds * 1000.0 + 0.5)
  if milliseconds ~= milliseconds or milliseconds < -62167219200000
    or milliseconds > 253402300799999 then
    return nil
  end
  local whole = math.floor(milliseconds / 1000)
  local days = math.floor(whole / DAY)
  local year, month, day = date_from_days(days)
  local rest = whole - days * DAY
  local fraction = milliseconds - whole * 1000
  return ("%04d-%02d-%02dT%02d:%02d:%02d%sZ"):format(year, month, day, math.floor(rest / 3600),
    math.floor(rest / 60) % 60, rest % 60, fraction > 0 and (".%03d"):format(fraction) or "")
end

return time
