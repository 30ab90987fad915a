-- SPDX-License-Identifier: MIT
-- Queries: tables of names and values, and the text that a URL carries. A value is a string, a
-- number, a boolean, or a list of such, which is written as its name repeated.

local core = require "boltz.core"
local message = require "boltz.check.message"
local tables = require "boltz.tables"

local query = {}

local VALUES = "a string, a number, a boolean, or a list of such"
local THAT_FIT = "that fit%s into a URL of 8,000 bytes"

--- How long a URL may be, in bytes. Servers and proxies take a request line of 8 KiB at least; what
-- is left of that is for the cursor of a list's later pages.
query.LONGEST_URL = 8000

local function to_text(value)
  if type(value) == "string" then return core.utf8_length(value) and value or nil end
  if type(value) == "boolean" then return tostring(value) end
  if type(value) == "number" then return (core.encode(value)) end
end

-- The texts of a value, or nil and what is wrong with it.
local function to_texts(value)
  local elements = type(value) == "table" and value or { value }
  local texts, count = {}, 0
  for _ in tables.each(elements) do count = count + 1 end
  for i = 1, count do -- a table with names or holes has nil at one of these
    texts[i] = to_text(elements[i])
    if not texts[i] then
      local culprit = elements[i]
      if culprit == nil then culprit = value end
      return nil, message.describe(culprit)
    end
  end
  return texts
end

--- Checks that a table can be sent as a query.
-- @tparam table values
-- @tparam[opt] string path of the table in messages
-- @treturn table|nil the mistake
function query.check(values, path)
  for name, value in tables.each(values) do
    if type(name) ~= "string" or not core.utf8_length(name) then
      return { path = path, expected = "names as strings", got = message.describe(name) }
    end
    local _, got = to_texts(value)
    if got then
      local shown = message.show_name(name)
      return { path = path and path .. "." .. shown or shown, expected = VALUES, got = got }
    end
  end
end

--- Puts tables over one another: a later one's values replace an earlier one's. Lists are copied.
-- @param ... tables that `check` has passed, or nil
function query.merge(...)
  local merged = {}
  for i = 1, select("#", ...) do
    for name, value in tables.each((select(i, ...)) or {}) do
      merged[name] = type(value) == "table" and to_texts(value) or value
    end
  end
  return merged
end

--- Writes a table. Names are sorted, so that equal calls are equal bytes.
-- @tparam table values that `check` has passed
-- @treturn string without the question mark
function query.format(values)
  local names, flat = {}, {}
  for name in tables.each(values) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    for _, text in ipairs((to_texts(values[name]))) do
      flat[#flat + 1], flat[#flat + 2] = name, text
    end
  end
  return core.query(flat)
end

local function length_of(name, value)
  return #query.format { [name] = value }
end

-- The name whose value takes most bytes, and how many.
local function longest_of(values)
  local longest, most = nil, -1
  for name, value in tables.each(values) do
    local length = length_of(name, value)
    if length > most or length == most and name < longest then longest, most = name, length end
  end
  return longest, most
end

-- How many of some texts, from the first, a query has room for under a name.
local function count_that_fit(name, texts, room)
  local count, taken = 0, -1 -- an ampersand stands between two
  while count < #texts do
    taken = taken + 1 + length_of(name, texts[count + 1])
    if taken > room then break end
    count = count + 1
  end
  return count
end

--- What is wrong with values that a URL has no room for. The longest is to blame, unless the rest
-- has no room either.
-- @tparam table values that `check` has passed
-- @tparam integer before how many bytes of the URL stand before the query
-- @treturn table the mistake
-- @treturn string|nil the name to blame; nil: all of them are
function query.misfit(values, before)
  local name, length = longest_of(values)
  local total, room = #query.format(values), query.LONGEST_URL - before
  room = room - (total - length)
  if room < 0 then
    return { path = "query", expected = "names and values " .. THAT_FIT:format(""),
      got = ("%d bytes"):format(total) }
  end
  local texts = to_texts(values[name])
  local fitting = count_that_fit(name, texts, room)
  if fitting == 0 then
    return { path = "query." .. message.show_name(name), expected = "text " .. THAT_FIT:format("s"),
      got = ("%d bytes"):format(length) }, name
  end
  local what = name:find("_ids%[?%]?$") and "ids" or "values"
  return { path = "query." .. message.show_name(name), got = ("%d"):format(#texts),
    expected = ("at most %d %s %s"):format(fitting, what, THAT_FIT:format("")) }, name
end

local function decode(text)
  return (text:gsub("+", " "):gsub("%%([0-9A-Fa-f][0-9A-Fa-f])", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

--- Reads what a URL carries; of a name that is repeated the values as a list.
-- @tparam string text without the question mark
function query.parse(text)
  local values = {}
  for pair in text:gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name, value = decode(name), decode(value)
    local seen = values[name]
    if seen == nil then
      values[name] = value
    elseif type(seen) == "table" then
      seen[#seen + 1] = value
    else
      values[name] = { seen, value }
    end
  end
  return values
end

return query
