-- SPDX-License-Identifier: MIT
-- What Lua's versions lack, or call otherwise, for tables; and tables as they are seen, where a
-- metatable shows other contents than are stored (read-only proxies, defaults).

local core = require "boltz.core"

local tables = {}

local function metatable_of(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and meta or nil
end

--- What a generic `for` takes to see a table's fields: by `__pairs` on every Lua. The loops of this
-- module go by it also for the sake of LuaJIT 2.1, in which a compiled loop over `pairs` or `next`
-- by these names may never end inside a finalizer.
function tables.each(value)
  local meta = metatable_of(value)
  if meta and meta.__pairs then return meta.__pairs(value) end
  return next, value, nil
end

--- A new table: of each of these the fields, a later one's over an earlier one's.
-- @tparam table under
-- @tparam[opt] table over
function tables.merge(under, over)
  local merged = {}
  for name, value in tables.each(under) do merged[name] = value end
  for name, value in tables.each(over or {}) do merged[name] = value end
  return merged
end

--- Values as a list with their number `n`.
tables.pack = rawget(table, "pack") or function(...) return { n = select("#", ...), ... } end

--- The values of a list.
tables.unpack = rawget(table, "unpack") or rawget(_G, "unpack")

--- The length of a list: by `__len` on every Lua.
function tables.length(value)
  local meta = metatable_of(value)
  return meta and meta.__len and meta.__len(value) or #value
end

-- Apart from what it is as a metatable: `Class.__index = Class` is the usual way.
local function holds_only_functions(index)
  if type(index) ~= "table" then return false end
  for name, value in tables.each(index) do
    local is_of_metatable = type(name) == "string" and name:sub(1, 2) == "__"
    if type(value) ~= "function" and not is_of_metatable then return false end
  end
  return true
end

--- Whether a table may have contents that cannot be listed. A class's methods are none.
function tables.hides(value)
  local meta = metatable_of(value)
  if not meta then return getmetatable(value) ~= nil and next(value) == nil end
  if meta.__pairs or meta.__index == nil or core.is_array(value) then return false end
  return not holds_only_functions(meta.__index)
end

local DEPTH = 200 -- levels, beyond which the encoder says what is wrong

-- `above` are the tables that this one is in. One that contains itself is left for the encoder.
local function plain_part(value, depth, above)
  if type(value) ~= "table" or depth > DEPTH or above[value] then return value end
  if tables.hides(value) then error(tables, 0) end
  above[value] = true
  local seen, differs = core.is_array(value) and core.array {} or {}, false
  for name, field in tables.each(value) do
    local part = plain_part(field, depth + 1, above)
    seen[name] = part
    differs = differs or rawget(value, name) == nil or part ~= field
  end
  above[value] = nil
  return differs and seen or value
end

--- A value with everything in it as it is seen: itself, where that is what is stored.
-- @return the value; or nil and what it has come to: a table that hides its contents
function tables.plain(value)
  if type(value) ~= "table" then return value end
  local done, result = pcall(plain_part, value, 1, {})
  if done then return result end
  if result ~= tables then error(result, 0) end
  return nil, "a table that hides its contents"
end

return tables
