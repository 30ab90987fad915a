-- SPDX-License-Identifier: MIT
-- What a map takes its items from, an iterator or a list; and the functions of gather.

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

-- The name of what is ours, such as "boltz.pager"; or nil.
local function own_name(value)
  local meta = getmetatable(value)
  local name = type(meta) == "table" and rawget(meta, "__name")
  return type(name) == "string" and name:find("^boltz%.") and name or nil
end

-- What is no list, in words.
local function describe(value)
  local name = own_name(value)
  return name and "a " .. name or "a table without an item 1"
end

--- What came in place of the function that a map is to call, in words; nil where it is one. A pager
-- can be called, and is a source.
function items.no_function(fn)
  local name = own_name(fn)
  if name then return ("a %s, which comes before the function"):format(name) end
  if not items.is_callable(fn) then return message.describe_table(fn) end
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

-- The last position of a list, also of one with holes, whose length is any position before one;
-- nil if the table has names.
local function last_position(list)
  local last = tables.length(list)
  for position in tables.each(list) do
    if type(position) == "number" then
      last = math.max(last, position)
    elseif position ~= "n" then
      return nil
    end
  end
  return last
end

--- The mistake in what shall be a list of functions, at the first position that has none; or nil.
function items.no_functions(list)
  local last = type(list) == "table" and last_position(list)
  if not last then
    return { path = "functions", expected = "a list of functions",
      got = type(list) == "table" and "a table with names" or message.describe(list) }
  end
  for i = 1, last do
    if not items.is_callable(list[i]) then
      return { path = ("functions[%d]"):format(i), expected = "a function",
        got = message.describe_table(list[i]) }
    end
  end
end

return items
