-- SPDX-License-Identifier: MIT
-- What a map takes its items from: an iterator, or a list.

local message = require "boltz.check.message"
local tables = require "boltz.tables"

local items = {}

--- Whether a value can be called.
function items.is_callable(value)
  if type(value) == "function" then return true end
  local meta = getmetatable(value)
  return type(meta) == "table" and type(meta.__call) == "function"
end

local function is_empty(list)
  local iterate, state, control = tables.each(list)
  return iterate(state, control) == nil
end

local function first_of(list) return list[1] end

-- What is no list, in words: of what is ours its name.
local function describe(value)
  local meta = getmetatable(value)
  local name = type(meta) == "table" and rawget(meta, "__name")
  return type(name) == "string" and name:find("^boltz%.") and "a " .. name
    or "a table without an item 1"
end

--- The iterator over a source.
-- @return the function; or nil and what came in its place, in words
function items.of(source)
  if items.is_callable(source) then return source end
  if type(source) ~= "table" then return nil, message.describe(source) end
  local has_first, first = pcall(first_of, source) -- a client raises where it has no such field
  if not (has_first and first ~= nil) and not is_empty(source) then return nil, describe(source) end
  local i = 0
  return function()
    i = i + 1
    return source[i]
  end
end

return items
