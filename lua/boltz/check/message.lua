-- SPDX-License-Identifier: MIT
-- What is said about a mistake: of a mistake, as schema.lua returns it, the text that is raised.
--
-- A mistake is {path =, expected =, got =}, or {path =, unknown = true, hint =} for a name that
-- is not known; `is_variable` where the path is that of an environment variable. Values are shown
-- short, on one line, and without keys.

local core = require "boltz.core"
local sanitize = require "boltz.check.sanitize"

local message = {}

local SHOWN = 60 -- bytes of a string that a message quotes

--- A name, as far as a message shows it.
function message.shorten(name)
  return tostring(name):sub(1, SHOWN)
end

--- A name that the program wrote, as a message shows it: it may be a key in the wrong place.
function message.show_name(name)
  return name:find("sk_bc_", 1, true) and "(an API key)" or sanitize(name)
end

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

local words_for = {}

function words_for.string(description)
  if description.min == 1 and not description.max then return "a non-empty string" end
  return "a string" .. bounds(description, " characters")
end

function words_for.integer(description) return "an integer" .. bounds(description) end

function words_for.number(description) return "a number" .. bounds(description) end

function words_for.enum(description)
  local quoted = {}
  for i, value in ipairs(description.values) do quoted[i] = '"' .. value .. '"' end
  return join(quoted)
end

function words_for.ip() return "an IPv4 or IPv6 address" end

function words_for.time() return "an ISO 8601 time with a timezone or seconds since the epoch" end

function words_for.list(description)
  return description.single and message.expectation(description.of) .. ", or a list of such"
    or "a list"
end

function words_for.object() return "a table" end

--- What a description (schema.lua) expects, in words.
function message.expectation(description)
  local words_of = words_for[description.type]
  local words = description.expected or words_of and words_of(description)
    or "a " .. description.type
  return description.null and words .. ", or boltz.null" or words
end

--- Whether a value is an API key where an id belongs, which is not to be sent: proxies log URLs.
function message.is_secret(value)
  return type(value) == "string" and value:find("^%s*sk_bc_") ~= nil
end

--- The mistake that this is.
function message.secret(path)
  return { path = path, expected = "an id", got = "a secret, as it begins with sk_bc_",
    is_secret = true }
end

--- A value.
function message.describe(value)
  if value == nil then return "nothing" end
  if value == core.null then return "boltz.null" end
  if type(value) == "number" then
    if value ~= value then return "NaN" end
    return core.encode(value) or tostring(value)
  elseif type(value) == "string" then
    if not core.utf8_length(value) then return "text that is not UTF-8" end
    if value:find("sk_bc_", 1, true) then return "text with an API key" end
    if #value > SHOWN then return ("a string of %d bytes"):format(#value) end
    return '"' .. sanitize(value) .. '"'
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  return "a " .. type(value)
end

--- What came in place of a table: not quoted, because it may well be a key.
function message.describe_table(value)
  return type(value) == "string" and "a string" or message.describe(value)
end

--- The text to raise.
-- @tparam string what "parameter" or "option"
-- @tparam string callee the function that was called, such as "workspaces:create"
-- @tparam table mistake
function message.of(what, callee, mistake)
  local reason = mistake.unknown and "unknown; " .. mistake.hint
    or ("expected %s, got %s"):format(mistake.expected, mistake.got)
  if mistake.is_variable then what = "environment variable" end
  return ("bad %s '%s' to '%s' (%s)"):format(what, mistake.path, callee, reason)
end

return message
