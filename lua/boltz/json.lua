-- SPDX-License-Identifier: MIT
-- `boltz.json`: JSON text, read and written as calls do it, but that null is kept.
--
-- Functions return nil and the text of a mistake; the wrapper in init raises it.

local core = require "boltz.core"
local encode = require "boltz.check.encode"
local message = require "boltz.check.message"

local json = {}

-- "line 3, column 7", of a position in bytes.
local function place_of(text, position)
  local line, start = 1, 1
  for after in text:sub(1, position - 1):gmatch("\n()") do line, start = line + 1, after end
  return ("line %d, column %d"):format(line, position - start + 1)
end

-- What lua-cjson says, with the place as editors show it.
local function reason_of(text, said)
  local what, position = said:match("^(.*) at character (%d+)$")
  if not what then return said end
  return ("%s: %s"):format(place_of(text, tonumber(position)), what)
end

local function refuse_text(reason)
  return nil, ("bad parameter 'text' to 'boltz.json.decode' (%s)"):format(reason)
end

--- Encodes a value.
-- @param value
-- @treturn string|nil
-- @treturn nil|string the mistake
function json.encode(value)
  local text, mistake = encode(value, "value", "value.")
  if text then return text end
  return nil, message.of("parameter", "boltz.json.encode", mistake)
end

--- Decodes a text.
-- @tparam string text
-- @return the value: boltz.null where it is null
-- @treturn nil|string the mistake
function json.decode(text)
  if type(text) ~= "string" then
    return refuse_text("expected JSON as a string, got " .. message.describe(text))
  elseif not core.utf8_length(text) then
    return refuse_text "expected JSON, got text that is not UTF-8"
  end
  local value, said = core.decode(text, nil, true)
  if said then return refuse_text(reason_of(text, said)) end
  return value
end

return json
