-- SPDX-License-Identifier: MIT
-- What the environment says where the program says nothing.

local environment = {}

local function variable(name)
  local value = os.getenv(name)
  value = value and value:match("^%s*(.-)%s*$")
  return value ~= "" and value or nil
end

-- `Name: value`, one a line.
local function header_lines(text)
  local fields = {}
  for line in (text or ""):gmatch("[^\r\n]+") do
    local name, value = line:match("^%s*(.-)%s*:%s*(.-)%s*$")
    if name then fields[name] = value end
  end
  return fields
end

--- The options that variables name, as a program would write them.
-- @treturn table api_key, base_url, headers, log_level
function environment.options()
  return {
    api_key = variable "BOLTZ_API_KEY",
    base_url = variable "BOLTZ_BASE_URL",
    headers = header_lines(variable "BOLTZ_CUSTOM_HEADERS"),
    log_level = variable "BOLTZ_LOG",
  }
end

return environment
