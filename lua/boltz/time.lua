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

local FRACTION_READ = 15 -- digits, more of which no double holds

-- Whole seconds have no fraction, so that they stay integers where Lua has them.
local function fraction_of(digits)
  digits = digits:sub(1, FRACTION_READ)
  local units = tonumber(digits)
  return units > 0 and units / 10 ^ #digits or 0
end

-- Takes the seconds off what follows the minutes: them, their fraction, and the rest.
local function parse_seconds(text)
  local second, zone = text:match("^:(%d%d)(.*)$")
  if not second then return 0, 0, text end
  local digits, after = zone:match("^[.,](%d+)(.*)$")
  if digits then return tonumber(second), fraction_of(digits), after end
  return tonumber(second), 0, zone
end

local NO_DATE, NO_CLOCK = "whose date does not exist", "whose time of day does not exist"

--- Reads a time such as `2026-04-08T18:56:46Z` or `2026-04-08T20:56:46.5+02:00`.
-- @param text
-- @treturn number|nil seconds since the epoch, with a fraction only where the text has one; nil
--   when it is no such text, names no timezone, or a time that does not exist
-- @treturn nil|string what is wrong with it, where the text alone does not show that
function time.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, hour, minute, rest =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d)(.*)$")
  if not year then return nil end
  local second, fraction, zone = parse_seconds(rest)
  if zone == "" then return nil, "which names no timezone" end
  local offset = parse_offset(zone)
  if not offset then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute = tonumber(hour), tonumber(minute)
  if month < 1 or month > 12 or day < 1 or day > days_in_month(year, month) then
    return nil, NO_DATE
  end
  local seconds = days_from_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second
    - offset
  if hour > 23 or minute > 59 or second > 60 or second == 60 and not may_be_leap(seconds) then
    return nil, NO_CLOCK
  end
  return seconds + fraction
end

--- Writes a time in UTC, with milliseconds where it is not whole: the nearest one.
-- @param seconds since the epoch, years 0 to 9999
-- @treturn string|nil such as `2026-04-08T18:56:46Z`; nil when it is no number, or out of range
function time.format(seconds)
  if type(seconds) ~= "number" then return nil end
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
