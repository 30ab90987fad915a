-- SPDX-License-Identifier: MIT
-- Letters of ASCII, whatever the host's locale is: Lua's string.lower and its classes such as %w
-- and %s go by C's, and in a Turkish one the small form of I is not i.

local ascii = {}

local LOWER = {}
for byte = 65, 90 do LOWER[string.char(byte)] = string.char(byte + 32) end

--- Text with A to Z as small letters.
function ascii.lower(text)
  return (text:gsub("[A-Z]", LOWER))
end

--- Text without the blanks and line ends at both ends.
function ascii.trim(text)
  local first = text:find("[^ \t\r\n]")
  if not first then return "" end
  local last = #text
  while text:find("^[ \t\r\n]", last) do last = last - 1 end
  return text:sub(first, last)
end

return ascii
