-- SPDX-License-Identifier: MIT
-- Rules for what a request may say. A rule is a function (value, path, report) that returns the
-- value to use and reports every fault it finds, so that one answer names them all.

local core = require "boltz.core"
local problem = require "boltz.emulator.problem"

local check = {}

local function between(low, high, unit)
  if not high then return ("at least %d%s"):format(low, unit) end
  return ("%d to %.0f%s"):format(low, high, unit)
end

--- A whole number within bounds; `high` is optional.
function check.whole(low, high)
  local expected = "must be a whole number, " .. between(low, high, "")
  return function(value, path, report)
    local fits = type(value) == "number" and value % 1 == 0 and value >= low
    if not fits or (high and value > high) then report(path, expected) end
    return value
  end
end

--- A text of so many characters (not bytes).
function check.text(low, high)
  local expected = "must be text of " .. between(low, high, " characters")
  return function(value, path, report)
    local length = type(value) == "string" and select(2, value:gsub("[^\128-\191]", ""))
    if not length or length < low or length > high then report(path, expected) end
    return value
  end
end

--- A text that `convert` can read.
-- @param convert function(text) -> value or nil
-- @param expected what it must be, for the message
function check.parsed(convert, expected)
  return function(value, path, report)
    local converted
    if type(value) == "string" then converted = convert(value) end
    if converted == nil then report(path, "must be " .. expected) end
    return converted
  end
end

--- One of the given texts.
function check.one_of(...)
  local known, expected = {}, "must be one of: " .. table.concat({ ... }, ", ")
  for _, name in ipairs{ ... } do known[name] = true end
  return function(value, path, report)
    if not known[value] then report(path, expected) end
    return value
  end
end

--- A list whose items follow a rule.
function check.list(rule)
  return function(value, path, report)
    if not core.is_array(value) then
      report(path, "must be a list")
      return value
    end
    local list = {}
    for i, item in ipairs(value) do list[i] = rule(item, path .. "[" .. i - 1 .. "]", report) end
    return list
  end
end

--- Null, or what the rule wants.
function check.nullable(rule)
  return function(value, path, report)
    if value == core.null then return value end
    return rule(value, path, report)
  end
end

--- A query parameter that may come only once.
function check.single(rule)
  return function(value, path, report)
    if #value > 1 then report(path, "must not be repeated") end
    return rule(value[1], path, report)
  end
end

--- A query parameter that is a whole number.
function check.digits(low, high)
  local rule = check.whole(low, high)
  return check.single(function(value, path, report)
    local number = value:match("^%-?%d+$") and tonumber(value)
    return rule(number, path, report)
  end)
end

local function sorted_names(fields)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- An object. Fields that no rule names are dropped: a service ignores what it does not know.
-- @param fields name to rule
-- @param required list of the names that must be there
function check.object(fields, required)
  local names, needed = sorted_names(fields), {}
  for _, name in ipairs(required or {}) do needed[name] = true end
  return function(value, path, report)
    if type(value) ~= "table" or core.is_array(value) then
      report(path, "must be an object")
      return {}
    end
    local object = {}
    for _, name in ipairs(names) do
      local field = path == "" and name or path .. "." .. name
      if value[name] ~= nil then
        object[name] = fields[name](value[name], field, report)
      elseif needed[name] then
        report(field, "is required")
      end
    end
    return object
  end
end

--- Applies a rule to a body or a query and refuses the request when it does not hold.
-- @return what the rule made of the value
function check.apply(rule, value)
  local details = core.array{}
  local result = rule(value, "", function(path, message)
    details[#details + 1] = { path = path, message = message }
  end)
  if #details > 0 then
    local first = details[1]
    local where = first.path == "" and "The body" or first.path
    problem.raise("VALIDATION_ERROR", where .. " " .. first.message, details)
  end
  return result
end

return check
