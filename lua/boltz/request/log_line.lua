-- SPDX-License-Identifier: MIT
-- A line of the log as a person reads it:
--
--     2026-11-26T20:59:54.123Z boltz warn: retry attempt=1 call=3 duration="0.8 ms" ...
--
-- A value stands in quotes where it could not be told from what is around it.

local core = require "boltz.core"
local duration = require "boltz.request.duration"
local redact = require "boltz.request.redact"
local sanitize = require "boltz.check.sanitize"
local tables = require "boltz.tables"
local time = require "boltz.time"

local log_line = {}

local DURATIONS = { duration = true, wait = true } -- fields that are seconds
local SCALARS = { string = true, number = true, boolean = true }
local CONTEXT_SHOWN = 256 -- bytes
local CONTEXT_FIELDS = 16 -- that are looked at

--- A time in UTC, always with milliseconds.
-- @tparam number seconds since the epoch
function log_line.stamp(seconds)
  local text = time.format(seconds) or "0000-00-00T00:00:00Z"
  return text:find(".", 1, true) and text or text:sub(1, -2) .. ".000Z"
end

-- What a table that is the program's own has to show: its plain fields, as far as they are few.
local function shown_fields(given)
  local fields, seen = {}, 0
  for name, value in tables.each(given) do
    seen = seen + 1
    if seen > CONTEXT_FIELDS then break end
    if type(name) == "string" and SCALARS[type(value)] then fields[name] = value end
  end
  return core.encode(fields)
end

-- The program's own value. A key in it is masked: a context is not meant to be a secret's place.
local function context_text(context)
  local meta = getmetatable(context)
  local has_text = type(context) ~= "table" or type(meta) == "table" and meta.__tostring
  local done, text = pcall(has_text and tostring or shown_fields, context)
  if not done or type(text) ~= "string" then text = "a " .. type(context) end
  return redact.text(text:sub(1, CONTEXT_SHOWN))
end

local function text_of(name, value)
  if name == "context" then return context_text(value) end
  if type(value) ~= "number" then return tostring(value) end
  return DURATIONS[name] and duration.readable(value) or core.encode(value) or tostring(value)
end

local function quoted(text)
  if text ~= "" and not text:find("[ \"=]") then return text end
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

--- Puts one together, without its end.
-- @tparam number wall seconds since the epoch
-- @tparam string level
-- @tparam string message
-- @tparam table fields name -> value; `reason` are words, which follow the message
-- @treturn string
function log_line.of(wall, level, message, fields)
  local names, words = {}, {}
  for name in tables.each(fields) do
    if name ~= "reason" then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    words[i] = (" %s=%s"):format(name, quoted(sanitize(text_of(name, fields[name]))))
  end
  if fields.reason then message = message .. ": " .. fields.reason end
  return ("%s boltz %s: %s%s"):format(log_line.stamp(wall), level, sanitize(message),
    table.concat(words))
end

return log_line
