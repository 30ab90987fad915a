-- SPDX-License-Identifier: MIT
-- Commands, and files that are read whole.

local shell = {}

--- Runs a command.
-- @treturn string what it wrote to standard output, without line ends at its end
-- @treturn boolean whether it succeeded
function shell.run(command)
  local pipe = assert(io.popen(command .. '; echo "exit $?"'))
  local output, status = pipe:read("*a"):match("^(.*)exit (%d+)\n$")
  pipe:close()
  return (output:gsub("%s+$", "")), status == "0"
end

--- The text of a file, nil where there is none.
function shell.read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

return shell
