-- SPDX-License-Identifier: MIT
-- Faults as the option --fault of bin/boltz-emulator has them: the fields of `Emulator:fault` with
-- commas between, such as `status=503,after=2,times=3,retry_after=1`. A field without a value is
-- true, `times=always` is for ever, `headers.NAME=TEXT` adds a header, and `body=` takes the rest.

local Faults = require "boltz.emulator.faults"

local fault_text = {}

local WORDS = { ["true"] = true, ["false"] = false }

-- The value of a field, from its text; what cannot be read stays text and is refused as such.
local function value_of(name, text)
  local kind = Faults.kind_of(name) or ""
  if kind:find("number", 1, true) then
    if name == "times" and text == "always" then return math.huge end
    return text:find("^%-?[%d.]+$") and tonumber(text) or text
  end
  if kind == "boolean" and WORDS[text] ~= nil then return WORDS[text] end
  return text
end

local function put(fault, name, text)
  local header = name:match("^headers%.(.+)$")
  if header then
    fault.headers = fault.headers or {}
    fault.headers[header] = text
  elseif name == "headers" then
    error("a header of a fault is written headers.NAME=TEXT", 0)
  else
    fault[name] = value_of(name, text)
  end
end

--- Reads one.
-- @return the fields of a fault, or nil and what is wrong
function fault_text.read(text)
  local fault, rest = {}, text
  local ok, mistake = pcall(function()
    while rest ~= "" do
      local body = rest:match("^body=(.*)$")
      local part, behind = rest:match("^([^,]*),?(.*)$")
      if body then part, behind = rest, "" end
      local name, value = part:match("^([^=]*)=(.*)$")
      put(fault, name or part, value or "true")
      rest = behind
    end
    Faults.new():add(fault, 0)
  end)
  if ok then return fault end
  return nil, mistake
end

--- Reads several, one a line.
-- @return a list, or nil and what is wrong
function fault_text.read_all(lines)
  local list = {}
  for line in (lines or ""):gmatch("[^\n]+") do
    local fault, mistake = fault_text.read(line)
    if not fault then return nil, mistake end
    list[#list + 1] = fault
  end
  return list
end

return fault_text
