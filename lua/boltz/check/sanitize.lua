-- SPDX-License-Identifier: MIT
-- Text from outside, made safe to print.

local core = require "boltz.core"

-- What a terminal obeys: C0 control characters and DEL, and the C1 ones as UTF-8 writes them.
local CONTROLS = { "[%z\1-\31\127]", "\194[\128-\159]" }

-- What shows text in another order than it has, or does not show at all: the marks, embeddings,
-- overrides and isolates of Unicode's bidirectional algorithm (UAX 9), and characters without
-- width.
local INVISIBLE = {
  "\216\156", -- U+061C
  "\226\128[\139-\143\170-\174]", -- U+200B to U+200F, U+202A to U+202E
  "\226\129[\160-\164\166-\169]", -- U+2060 to U+2064, U+2066 to U+2069
  "\239\187\191", -- U+FEFF
}

--- Replaces these by question marks, and in text that is not UTF-8 every byte beyond ASCII.
-- @tparam string text
-- @treturn string
return function(text)
  if not core.utf8_length(text) then text = text:gsub("[\128-\255]", "?") end
  for _, pattern in ipairs(CONTROLS) do text = text:gsub(pattern, "?") end
  if text:find("[\216\226\239]") then
    for _, pattern in ipairs(INVISIBLE) do text = text:gsub(pattern, "?") end
  end
  return text
end
