-- SPDX-License-Identifier: MIT
-- Expects that a function raises a text at the line on which the function itself is written, which
-- is how a mistake of the caller is reported, and returns that text without its position. So a
-- spec writes the call on one line: mistake(function() client.workspaces:create{ nam = "x" } end).
-- Not with `return` in front: a tail call leaves no line to report.

return function(call)
  local written = debug.getinfo(call, "S")
  local ok, message = pcall(call)
  if ok then error("nothing was raised", 2) end
  local position = ("%s:%d: "):format(written.short_src, written.linedefined)
  if type(message) ~= "string" or message:sub(1, #position) ~= position then
    error(("expected a text raised at %s got %s"):format(position, tostring(message)), 2)
  end
  return message:sub(#position + 1)
end
