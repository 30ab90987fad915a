-- SPDX-License-Identifier: MIT
-- An output handler of busted's: it writes a line for each spec that has run, `passed` or `failed`,
-- and `unloaded` for a file whose specs are not known, each with a name, to the file that $VERDICT
-- names. Line by line, so that what was known is there when the process ends badly.

local busted = require "busted"

-- A file, or what it describes, raised while its specs were collected.
local COLLECTING = { file = true, describe = true }

return function()
  local handler = require "busted.outputHandlers.base"()

  local function write(word, element, more)
    local file = assert(io.open(os.getenv "VERDICT", "a"))
    local about = handler.getFullName(element) .. (more and ": " .. tostring(more) or "")
    file:write(word, " ", (about:gsub("%c", " ")), "\n")
    file:close()
  end

  busted.subscribe({ "test", "end" }, function(element, _, status)
    if status == "success" then write("passed", element) end
    if status == "failure" or status == "error" then write("failed", element) end
    return nil, true
  end)
  busted.subscribe({ "error" }, function(element, _, message)
    if COLLECTING[element.descriptor] then
      write("unloaded", element, message)
    elseif element.descriptor ~= "it" then
      write("failed", element)
    end
    return nil, true
  end)
  return handler
end
