-- SPDX-License-Identifier: MIT
-- What headers.c expects of csrc/http/head.c and headers.c, by Lua's patterns: short, slow and
-- written apart.

-- Without blanks around it. Not by one pattern: of many blanks inside, that would take the square.
local function trim(text)
  local first = text:find("[^ \t\r\n]")
  return first and text:sub(first):reverse():match("[^ \t\r\n].*"):reverse() or ""
end

-- Name and value, or nil: it is no field.
local function read_field(line)
  local colon = line:find(":", 1, true)
  if not colon or line:find("^[ \t\r\n:]") then return nil end
  return trim(line:sub(1, colon - 1)):lower(), trim(line:sub(colon + 1))
end

-- The fields of the last answer in `text`.
local function received(text)
  local lists, is_final, is_over = {}, false, false
  for line in text:gmatch("[^\n]*\n?") do
    local is_status = line:find("^HTTP/") and not is_over
    if is_status then
      lists, is_final = {}, not line:find("^HTTP/[^ \t\r\n]*[ \t\r\n]+1")
    elseif line:find("^[\r\n]") then
      is_over = is_final
    end
    local name, value = read_field(line)
    if name and not is_status then
      lists[name] = lists[name] or {}
      table.insert(lists[name], value)
    end
  end
  local fields = {}
  for name, list in pairs(lists) do fields[name] = table.concat(list, ", ") end
  return fields
end

-- Whether two strings can be sent as a field.
local function sendable(name, value)
  return name:find("^[%w!#$%%&'*+.^_`|~-]+$") ~= nil and not value:find("[\0-\8\10-\31\127]")
end

return received, sendable
