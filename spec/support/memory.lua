-- SPDX-License-Identifier: MIT
-- Looks into this process's memory, for what should have been wiped.
--
-- Lua's own strings are there, too. So what is searched for is a text that Lua has in two parts
-- only, and that C has put together: a secret's prefix and the rest of it, or two strings of a list
-- in JSON. Memory that is freed loses its first bytes to the allocator: the seam is to be further
-- behind.

local memory = {}

local MOST = 2 ^ 30 -- bytes of a mapping that is read; a sanitizer has some that fill no memory
local PIECE = 2 ^ 20 -- bytes that are read at once
local OVERLAP = 2 ^ 10 -- bytes of two pieces, more than a text has

--- Whether this system shows it.
function memory.can_be_read()
  local maps = io.open("/proc/self/maps")
  if maps then maps:close() end
  return maps ~= nil
end

local function count_in(bytes, first, second)
  local count = 0
  for place in bytes:gmatch(first .. "()") do
    if bytes:sub(place, place + #second - 1) == second then count = count + 1 end
  end
  return count
end

--- How often a text is there, or more: where two pieces meet it counts twice.
-- @tparam string first its first part, or the end of that, as a pattern; it may not overlap itself
-- @tparam string second the rest
function memory.count(first, second)
  local file, count = assert(io.open("/proc/self/mem", "rb")), 0
  for line in io.lines("/proc/self/maps") do
    local from, to = line:match("^(%x+)%-(%x+) rw")
    from, to = tonumber(from or "0", 16), tonumber(to or "0", 16)
    if to - from > MOST then from = to end
    while from < to do
      local bytes = file:seek("set", from) and file:read(math.min(to - from, PIECE + OVERLAP))
      count = count + count_in(bytes or "", first, second)
      from = from + PIECE
    end
  end
  file:close()
  return count
end

return memory
