-- SPDX-License-Identifier: MIT
--- The admin side of the Boltz API: workspaces, API keys and usage.
-- @module boltz

require "boltz.supported"

local Client = require "boltz.client"
local caller = require "boltz.check.caller"
local concurrent = require "boltz.concurrent"
local core = require "boltz.core"
local errors = require "boltz.request.errors"
local json = require "boltz.json"
local message = require "boltz.check.message"
local money = require "boltz.money"
local names = require "boltz.check.names"
local tables = require "boltz.tables"
local time = require "boltz.time"
local version_report = require "boltz.version_report"

-- The same functions of `boltz.GROUP`, raising at the caller's line what they return as nil and a
-- text.
local function raising(group, functions)
  local public = {}
  for name, fn in tables.each(functions) do
    public[name] = function(value)
      local text = names.colon(value, name, public[name], group)
      if text then caller.raise(text) end
      local result, mistake = fn(value)
      if result == nil then caller.raise(mistake) end
      return result
    end
  end
  return public
end

-- The same function of boltz.time, which stands too low to put a mistake into words.
local function in_words(name, path, expected)
  local fn = time[name]
  return function(value)
    local result, reason = fn(value)
    if result ~= nil then return result end
    local got = message.describe(value) .. (reason and ", " .. reason or "")
    return nil, message.of("parameter", "boltz.time." .. name,
      { path = path, expected = expected, got = got })
  end
end

local function array(list)
  local mistake = names.colon(list, "array", array)
  if type(list) ~= "table" then
    mistake = message.of("parameter", "boltz.array",
      { path = "list", expected = "a table", got = message.describe_table(list) })
  end
  if mistake then caller.raise(mistake) end
  return core.array(list)
end

return {
  _VERSION = core.version,

  --- JSON null in a request, and the value of a call that succeeds without one; equal to
  -- `cjson.null`.
  null = core.null,

  --- The amount of a spending limit that stands for "unlimited, still tracked": 2^53 - 1.
  UNLIMITED = 9007199254740991,

  --- Marks a table as a JSON array, also when it is empty, and returns it.
  -- It receives a metatable of ours.
  array = array,

  --- Whether a value is an error of this module.
  is_error = errors.is_error,

  --- Makes a client.
  new = Client.new,

  map = concurrent.map,

  gather = concurrent.gather,

  --- JSON as calls read and write it.
  json = raising("json", json),

  --- Amounts in milli-USD, to and from what people read.
  money = raising("money", money),

  --- Times on the wire, to and from seconds since the epoch.
  time = raising("time", {
    parse = in_words("parse", "text", "an ISO 8601 time with a timezone"),
    format = in_words("format", "seconds", "seconds since the epoch, in a year from 0 to 9999"),
  }),

  --- What a bug report has to say of versions.
  version_report = version_report,
}
