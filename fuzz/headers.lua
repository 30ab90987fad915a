-- SPDX-License-Identifier: MIT
-- What headers.c expects of csrc/http/head.c and headers.c, by Lua's patterns: short, slow and
-- written apart.

local BLANK = "[ \t\r\n]*"
local FIELD = "^([^ \t\r\n:][^:]-)" .. BLANK .. ":" .. BLANK .. "(.-)" .. BLANK .. "$"

-- The fields of the last answer in `text`.
local function received(text)
  local fields, is_final, is_over = {}, false, false
  for line in text:gmatch("[^\n]*\n?") do
    local is_status = line:find("^HTTP/") and not is_over
    if is_status then
      fields, is_final = {}, not line:find("^HTTP/[^ \t\r\n]*[ \t\r\n]+1")
    elseif line:find("^[\r\n]") then
      is_over = is_final
    end
    local name, value = line:match(FIELD)
    if name and not is_status then
      name = name:lower()
      fields[name] = fields[name] and fields[name] .. ", " .. value or value
    end
  end
  return fields
end

-- Whether two strings can be sent as a field.
local function sendable(name, value)
  return name:find("^[%w!#$%%&'*+.^_`|~-]+$") ~= nil and not value:find("[\0-\8\10-\31\127]")
end

return received, sendable
