-- SPDX-License-Identifier: MIT
-- IP addresses: whether a text is one, and whether two texts mean the same one. An IPv6 address
-- has many spellings (`::1`, `0:0:0:0:0:0:0:1`), so both are brought to one form first.

local tables = require "boltz.tables"

local ip = {}

local function v4_groups(text)
  local groups = {}
  for part in (text .. "."):gmatch("([^.]*)%.") do
    if not part:match("^%d%d?%d?$") or (#part > 1 and part:sub(1, 1) == "0") then return nil end
    local number = tonumber(part)
    if number > 255 then return nil end
    groups[#groups + 1] = number
  end
  if #groups ~= 4 then return nil end
  return { groups[1] * 256 + groups[2], groups[3] * 256 + groups[4] }
end

--- The 16-bit groups of a colon-separated part; the last may be written as an IPv4 address.
local function v6_groups(text, may_end_in_v4)
  local groups = {}
  if text == "" then return groups end
  for part, last in (text .. ":"):gmatch("([^:]*):()") do
    local v4 = may_end_in_v4 and last > #text + 1 and v4_groups(part)
    if v4 then
      groups[#groups + 1], groups[#groups + 2] = v4[1], v4[2]
    elseif part:match("^%x%x?%x?%x?$") then
      groups[#groups + 1] = tonumber(part, 16)
    else
      return nil
    end
  end
  return groups
end

local function spell(groups)
  return ("%x:%x:%x:%x:%x:%x:%x:%x"):format(tables.unpack(groups))
end

--- The one spelling of an address; an IPv4 address is spelt as the IPv6 address that maps it.
-- @return the spelling, or nil when the text is no address
function ip.canonical(text)
  local v4 = v4_groups(text)
  if v4 then return spell{ 0, 0, 0, 0, 0, 0xffff, v4[1], v4[2] } end
  local at = text:find("::", 1, true)
  local head = v6_groups(at and text:sub(1, at - 1) or text, not at)
  local tail = v6_groups(at and text:sub(at + 2) or "", true)
  if not head or not tail then return nil end
  local missing = 8 - #head - #tail
  if at and missing < 1 or not at and missing ~= 0 then return nil end
  for _ = 1, missing do head[#head + 1] = 0 end
  for _, group in ipairs(tail) do head[#head + 1] = group end
  return spell(head)
end

return ip
