-- SPDX-License-Identifier: MIT
-- Header fields: their names are the same in any case, and some of their values are secrets.

local ascii = require "boltz.ascii"
local core = require "boltz.core"
local message = require "boltz.check.message"
local tables = require "boltz.tables"

local headers = {}

-- What only the transport can know, or what would change how the request is framed.
local RESERVED = { ["content-length"] = true, ["transfer-encoding"] = true, ["connection"] = true }

-- Names of fields whose values are kept out of Lua's sight and of every log.
local SENSITIVE = {
  "auth", "cookie", "credential", "jwt", "key", "pass", "secret", "session", "signature", "token",
}

local function is_sensitive(lower)
  for _, word in ipairs(SENSITIVE) do
    if lower:find(word, 1, true) then return true end
  end
  return false
end

local function mistake_at(path, name, expected, got)
  return { path = ("%s[%s]"):format(path, message.describe(name)), expected = expected, got = got }
end

--- Checks a table of fields as a user writes it: `{["X-Trace"] = "1", ["user-agent"] = false}`.
-- @tparam table given name -> string, number or secret; false leaves the field out
-- @tparam string path the option's name in messages
-- @treturn table|nil lower-case name -> {name, value}
-- @treturn nil|table the mistake
function headers.check(given, path)
  local fields = {}
  for name, value in tables.each(given) do
    if type(value) == "number" then value = core.encode(value) or value end
    local reason = core.check_header(name, value or "")
    if reason then
      return nil, mistake_at(path, name, "a header's name and text for it, or false", reason)
    end
    local lower = ascii.lower(name)
    if RESERVED[lower] then
      return nil, mistake_at(path, name, "a field that the client does not set itself", "that one")
    end
    if is_sensitive(lower) and type(value) == "string" then value = core.secret(value) end
    fields[lower] = { name, value }
  end
  return fields
end

--- Puts one table of checked fields over another.
-- @treturn table a new one
headers.merge = tables.merge

--- A table of checked fields without one of them.
function headers.without(fields, lower)
  local rest = headers.merge(fields, {})
  rest[lower] = nil
  return rest
end

--- The flat list {name, value, ...} for the core. False has it leave out a field of libcurl's own.
function headers.flatten(fields)
  local list = {}
  for _, field in tables.each(fields) do
    list[#list + 1] = field[1]
    list[#list + 1] = field[2]
  end
  return list
end

--- The same list in one line for a log; of a secret only its start.
function headers.describe(list)
  local words = {}
  for i = 1, #list, 2 do
    if list[i + 1] then words[#words + 1] = ("%s: %s"):format(list[i], tostring(list[i + 1])) end
  end
  return table.concat(words, "; ")
end

local Received = {
  __index = function(self, name)
    return type(name) == "string" and rawget(self, ascii.lower(name)) or nil
  end,
  __pairs = function(self) return next, self end, -- it hides nothing: it can be written as JSON
}

local CREDENTIALS = { "authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key" }

--- An answer's fields: looked up in any case, in lower case by pairs, credentials left out.
function headers.received(fields)
  for _, lower in ipairs(CREDENTIALS) do fields[lower] = nil end
  return setmetatable(fields, Received)
end

return headers
