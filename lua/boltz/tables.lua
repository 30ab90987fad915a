-- SPDX-License-Identifier: MIT
-- What Lua's versions lack, or call otherwise, for tables.

local tables = {}

--- A new table: of each of these the fields, a later one's over an earlier one's.
-- @tparam table under
-- @tparam[opt] table over
function tables.merge(under, over)
  local merged = {}
  for name, value in pairs(under) do merged[name] = value end
  for name, value in pairs(over or {}) do merged[name] = value end
  return merged
end

--- Values as a list with their number `n`.
tables.pack = table.pack or function(...) return { n = select("#", ...), ... } end

--- The values of a list.
tables.unpack = table.unpack or unpack -- luacheck: ignore 143

return tables
