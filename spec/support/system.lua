-- SPDX-License-Identifier: MIT
-- The shell and files.

local system = {}

--- Runs a shell command.
-- @treturn string all that it wrote, to standard output and standard error
-- @treturn number its exit status, which `close` does not return on LuaJIT
function system.run(command)
  local pipe = assert(io.popen("( " .. command .. "\n) 2>&1; printf ' %d' $?", "r"))
  local output, status = pipe:read("*a"):match("^(.*) (%d+)$")
  pipe:close()
  return output, tonumber(status)
end

--- What a shell command writes to standard output, without the blanks at its end.
function system.output(command)
  return (system.run("( " .. command .. "\n) 2>/dev/null"):gsub("%s+$", ""))
end

--- A text as one word of a shell command.
function system.quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

--- A file's text, or nil when there is no such file.
function system.read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

function system.write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

function system.exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

return system
