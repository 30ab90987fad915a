-- SPDX-License-Identifier: MIT
-- Text from outside, made safe to print.

local core = require "boltz.core"

--- Replaces what a terminal would obey by question marks: C0 control characters and DEL, the C1
-- ones as UTF-8 writes them, and in text that is not UTF-8 every byte beyond ASCII.
-- @tparam string text
-- @treturn string
return function(text)
  if not core.utf8_length(text) then text = text:gsub("[\128-\255]", "?") end
  return (text:gsub("%c", "?"):gsub("\194[\128-\159]", "?"))
end
