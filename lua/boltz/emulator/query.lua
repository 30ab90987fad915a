-- SPDX-License-Identifier: MIT
-- The text of an address: percent-encoding and the query string. A query becomes a table of lists,
-- because any name may come more than once; `check.single` then says where only one may.

local core = require "boltz.core"

local query = {}

--- Decodes percent-encoding. What is not an escape stays as it is.
function query.unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function parse(text)
  local values = {}
  for pair in text:gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name = query.unescape((name:gsub("+", " ")))
    value = query.unescape((value:gsub("+", " ")))
    values[name] = values[name] or core.array{}
    table.insert(values[name], value)
  end
  return values
end

--- Reads a query.
-- @param given the raw text without its "?", or a table of decoded name to value or list, or nil
-- @return a table of name to list of texts
function query.read(given)
  if type(given) ~= "table" then return parse(given or "") end
  local values = {}
  for name, value in pairs(given) do
    if type(value) ~= "table" then value = { value } end
    local texts = core.array{}
    for i, item in ipairs(value) do texts[i] = tostring(item) end
    if #texts > 0 then values[name] = texts end
  end
  return values
end

return query
