-- SPDX-License-Identifier: MIT
-- Text from outside, made safe to print.

--- Replaces what a terminal would obey by question marks: C0 control characters and DEL, and the C1
-- ones as UTF-8 writes them.
-- @tparam string text
-- @treturn string
return function(text)
  return (text:gsub("%c", "?"):gsub("\194[\128-\159]", "?"))
end
