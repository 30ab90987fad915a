-- SPDX-License-Identifier: MIT
-- Checks values against descriptions that are plain data, and brings them into the form that is
-- sent. A description is a table:
--
--   type      "string" "integer" "number" "boolean" "enum" "ip" "time" "list" "object" "table"
--             "function" "any"
--   required  must be there        default  what stands in where it is absent
--   null      boltz.null may stand for it
--   min, max  of a number, or of a string's number of characters
--   values    of an enum           of       a list's elements
--   single    a list may be given as its only element
--   fields    of an object: {name = description}
--   wire      its name in the request, where that is not its name in Lua
--
-- With `lenient`, what does not fit passes as it is: enums are open on the wire, and the service
-- may know more than this file. Names are still mapped, defaults filled in and times converted.
--
-- Nothing here raises: a problem is returned as {path, expected, got} or {path, unknown, hint}, and
-- whoever knows the caller says whose fault it is. What the caller gave is never changed.

local core = require "boltz.core"
local printable = require "boltz.check.sanitize"
local spelling = require "boltz.check.suggest"
local time = require "boltz.time"

local schema = {}

local function join(words)
  if #words < 2 then return words[1] or "nothing" end
  return table.concat(words, ", ", 1, #words - 1) .. " or " .. words[#words]
end

local function bounds(description, unit)
  local min, max = description.min, description.max
  if min and max then
    return (" %s %s to %s%s"):format(unit and "of" or "from", core.encode(min), core.encode(max),
      unit or "")
  elseif min then
    return (" of at least %s%s"):format(core.encode(min), unit or "")
  end
  return ""
end

-- What a description expects, in words.
local function expectation(description)
  local kind = description.type
  local words
  if kind == "string" and description.min == 1 and not description.max then
    words = "a non-empty string"
  elseif kind == "string" then
    words = "a string" .. bounds(description, " characters")
  elseif kind == "integer" then
    words = "an integer" .. bounds(description)
  elseif kind == "number" then
    words = "a number" .. bounds(description)
  elseif kind == "enum" then
    local quoted = {}
    for i, value in ipairs(description.values) do quoted[i] = '"' .. value .. '"' end
    words = join(quoted)
  elseif kind == "ip" then
    words = "an IPv4 or IPv6 address"
  elseif kind == "time" then
    words = "an ISO 8601 time with a timezone or seconds since the epoch"
  elseif kind == "list" then
    words = "a list"
    if description.single then words = expectation(description.of) .. ", or a list of such" end
  elseif kind == "object" or kind == "table" then
    words = "a table"
  else
    words = "a " .. kind
  end
  return description.null and words .. ", or boltz.null" or words
end

local SHOWN = 60 -- bytes of a string that a message quotes

--- What came in place of a table: not quoted, because it may well be a key.
function schema.describe_table(value)
  return type(value) == "string" and "a string" or schema.describe(value)
end

--- A value as a message shows it: short, on one line, and safe to print.
function schema.describe(value)
  if value == nil then return "nothing" end
  if value == core.null then return "boltz.null" end
  if type(value) == "number" then
    if value ~= value then return "NaN" end
    return core.encode(value) or tostring(value)
  elseif type(value) == "string" then
    if not core.utf8_length(value) then return "text that is not UTF-8" end
    if value:find("sk_bc_", 1, true) then return "text with an API key" end
    if #value > SHOWN then return ("a string of %d bytes"):format(#value) end
    return '"' .. printable(value) .. '"'
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  return "a " .. type(value)
end

local function problem(path, description, value)
  return { path = path, expected = expectation(description), got = schema.describe(value) }
end

local function is_whole(value)
  return type(value) == "number" and value % 1 == 0 and value - value == 0
end

local function within(description, amount)
  return amount >= (description.min or amount) and amount <= (description.max or amount)
end

local function unknown(path, name, fields)
  local known = {}
  for candidate in pairs(fields) do
    if candidate:sub(1, 1) ~= "_" then known[#known + 1] = candidate end
  end
  table.sort(known)
  local hint = spelling.hint(tostring(name):sub(1, SHOWN), known)
  if path:find("sk_bc_", 1, true) then path = "(an API key)" end
  return { path = printable(path), unknown = true, hint = hint }
end

local checks = {}

function checks.string(description, value)
  local length = type(value) == "string" and core.utf8_length(value)
  if length and within(description, length) then return value end
end

function checks.integer(description, value)
  if is_whole(value) and within(description, value) then return value end
end

function checks.number(description, value)
  if type(value) == "number" and value - value == 0 and within(description, value) then
    return value
  end
end

function checks.enum(description, value)
  for _, known in ipairs(description.values) do
    if value == known then return value end
  end
end

function checks.ip(_, value)
  return type(value) == "string" and core.ip_version(value) and value or nil
end

function checks.time(_, value)
  if type(value) == "number" then return time.format(value) end
  return type(value) == "string" and time.parse(value) and value or nil
end

function checks.list(description, value, path, lenient)
  if description.single and type(value) ~= "table" then
    local only, trouble = schema.check(description.of, value, path, lenient)
    if trouble then return nil, trouble end
    return core.array { only }
  end
  if type(value) ~= "table" then return nil end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  if count ~= #value then return nil end -- names or holes
  local checked = core.array {}
  for i, element in ipairs(value) do
    local result, trouble =
      schema.check(description.of, element, ("%s[%d]"):format(path, i), lenient)
    if trouble then return nil, trouble end
    checked[i] = result
  end
  return checked
end

function checks.object(description, value, path, lenient)
  if type(value) ~= "table" then return nil end
  return schema.check_fields(description.fields, value, path .. ".", lenient)
end

for _, kind in ipairs { "boolean", "function", "table" } do
  checks[kind] = function(_, value)
    if type(value) == kind then return value end
  end
end

function checks.any(_, value)
  return value
end

--- Checks one value that is not nil.
-- @tparam table description
-- @param value
-- @tparam string path its name in messages
-- @tparam[opt=false] boolean lenient
-- @return the value as it is sent, or nil and the problem
function schema.check(description, value, path, lenient)
  if value == core.null and description.null then return value end
  local checked, trouble = checks[description.type](description, value, path, lenient)
  if checked ~= nil then return checked end
  if lenient then return value end
  return nil, trouble or problem(path, description, value)
end

local function sorted_names(fields)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Checks a table of named values: unknown ones, absent ones, then each.
-- @tparam table fields {name = description}
-- @tparam table values
-- @tparam[opt=""] string prefix of the names in messages
-- @tparam[opt=false] boolean lenient
-- @treturn table|nil the values as they are sent, under their names in Lua
-- @treturn nil|table the problem
function schema.check_fields(fields, values, prefix, lenient)
  prefix = prefix or ""
  local checked = {}
  for name, value in pairs(values) do
    if fields[name] == nil then
      if not lenient then
        return nil, unknown(prefix .. tostring(name):sub(1, SHOWN), name, fields)
      end
      checked[name] = value
    end
  end
  for _, name in ipairs(sorted_names(fields)) do
    local description, value = fields[name], values[name]
    if value == nil then value = description.default end
    if value ~= nil then
      local result, trouble = schema.check(description, value, prefix .. name, lenient)
      if trouble then return nil, trouble end
      checked[name] = result
    elseif description.required and not lenient then
      return nil, problem(prefix .. name, description, nil)
    end
  end
  return checked
end

--- A problem as the message to raise.
-- @tparam string what "parameter" or "option"
-- @tparam string callee the function that was called, such as "workspaces:create"
function schema.message(what, callee, trouble)
  local reason = trouble.unknown and "unknown; " .. trouble.hint
    or ("expected %s, got %s"):format(trouble.expected, trouble.got)
  return ("bad %s '%s' to '%s' (%s)"):format(what, trouble.path, callee, reason)
end

return schema
