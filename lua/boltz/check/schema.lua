-- SPDX-License-Identifier: MIT
-- Checks values against descriptions that are plain data, and brings them into the form that is
-- sent. A description is a table:
--
--   type      "string" "integer" "number" "boolean" "enum" "ip" "time" "list" "object" "table"
--             "function" "any"
--   required  must be there        default  what stands in where it is absent
--   null      boltz.null may stand for it
--   id        true: it names something, and a secret does not, also with `lenient`
--   min, max  of a number, or of a string's number of characters
--   values    of an enum           of       a list's elements
--   single    a list may be given as its only element
--   fields    of an object: {name = description}
--   wire      its name in the request, where that is not its name in Lua
--   check     optional function(value, path) -> value | nil, mistake: what no type says; it comes
--             after the type's own check
--   expected  optional: what messages expect, in place of the type's words
--
-- With `lenient`, what does not fit passes as it is: enums are open on the wire, and the service
-- may know more than this file. Names are still mapped, defaults filled in and times converted.
--
-- Nothing here raises: a mistake is returned (see message.lua), and the public function that was
-- called raises it. What the caller gave is never changed.

local core = require "boltz.core"
local message = require "boltz.check.message"
local suggest = require "boltz.check.suggest"
local tables = require "boltz.tables"
local time = require "boltz.time"

local schema = {}

local function mistake_of(path, description, value)
  return { path = path, expected = message.expectation(description), got = message.describe(value) }
end

local function is_whole(value)
  return type(value) == "number" and value % 1 == 0 and value - value == 0
end

local function within(description, amount)
  return amount >= (description.min or amount) and amount <= (description.max or amount)
end

local function unknown(path, name, fields)
  local known = {}
  for candidate in tables.each(fields) do
    if candidate:sub(1, 1) ~= "_" then known[#known + 1] = candidate end
  end
  table.sort(known)
  local hint = suggest.hint(message.shorten(name), known)
  return { path = message.show_name(path), unknown = true, hint = hint }
end

local checks = {}

function checks.string(description, value, path)
  if description.id and message.is_secret(value) then return nil, message.secret(path) end
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
  if type(value) == "userdata" and core.is_array(value) then value = {} end -- cjson.empty_array
  if description.single and type(value) ~= "table" then
    local only, mistake = schema.check(description.of, value, path, lenient)
    if mistake then return nil, mistake end
    return core.array { only }
  end
  if type(value) ~= "table" then return nil end
  if tables.hides(value) then
    return nil, { path = path, expected = message.expectation(description),
      got = "a table that hides its contents" }
  end
  local count, length = 0, tables.length(value)
  for _ in tables.each(value) do count = count + 1 end
  if count ~= length then return nil end -- names or holes
  local checked = core.array {}
  for i = 1, length do
    local element = value[i]
    local result, mistake =
      schema.check(description.of, element, ("%s[%d]"):format(path, i), lenient)
    if mistake then return nil, mistake end
    checked[i] = result
  end
  return checked
end

function checks.object(description, value, path, lenient)
  if type(value) ~= "table" then return nil end
  return schema.check_fields(description.fields, value, path .. ".", lenient)
end

-- As it is seen: who looks into it later looks at what is stored.
function checks.table(description, value, path)
  if type(value) ~= "table" then return nil end
  local plain, got = tables.plain(value)
  if plain then return plain end
  return nil, { path = path, expected = message.expectation(description), got = got }
end

for _, kind in ipairs { "boolean", "function" } do
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
-- @return the value as it is sent, or nil and the mistake
function schema.check(description, value, path, lenient)
  if value == core.null and description.null then return value end
  local checked, mistake = checks[description.type](description, value, path, lenient)
  if checked ~= nil and description.check then
    checked, mistake = description.check(checked, path)
  end
  if checked ~= nil then return checked end
  if lenient and not (mistake and mistake.is_secret) then return value end
  return nil, mistake or mistake_of(path, description, value)
end

-- The names of fields in the order of their checks, so that of several mistakes it is always the
-- same that is told.
local sorted = setmetatable({}, { __mode = "k" })

local function sorted_names(fields)
  local names = sorted[fields]
  if names then return names end
  names = {}
  for name in tables.each(fields) do names[#names + 1] = name end
  table.sort(names)
  sorted[fields] = names
  return names
end

--- Checks a table of named values: unknown ones, absent ones, then each.
-- @tparam table fields {name = description}
-- @tparam table values
-- @tparam[opt=""] string prefix before their names in messages, such as "limit."
-- @tparam[opt=false] boolean lenient
-- @treturn table|nil the values as they are sent, under their names in Lua
-- @treturn nil|table the mistake
function schema.check_fields(fields, values, prefix, lenient)
  prefix = prefix or ""
  local checked = {}
  for name, value in tables.each(values) do
    if fields[name] == nil then
      if not lenient then
        return nil, unknown(prefix .. message.shorten(name), name, fields)
      end
      checked[name] = value
    end
  end
  local names = sorted_names(fields)
  for i = 1, #names do
    local name = names[i]
    local description, value = fields[name], values[name]
    if value == nil then value = description.default end
    if value ~= nil then
      local result, mistake = schema.check(description, value, prefix .. name, lenient)
      if mistake then return nil, mistake end
      checked[name] = result
    elseif description.required and not lenient then
      return nil, mistake_of(prefix .. name, description, nil)
    end
  end
  return checked
end

return schema
