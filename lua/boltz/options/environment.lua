-- SPDX-License-Identifier: MIT
-- What the environment says where the program says nothing.

local ascii = require "boltz.ascii"
local tables = require "boltz.tables"

local environment = {}

local os = rawget(_G, "os") -- a sandbox may have none

-- The variables of options, the first that is set; the names of options for messages are theirs.
local VARIABLES = {
  api_key = { "BOLTZ_API_KEY" },
  base_url = { "BOLTZ_BASE_URL" },
  ca_file = { "CURL_CA_BUNDLE", "SSL_CERT_FILE" }, -- in this order, as the curl tool has it
  headers = { "BOLTZ_CUSTOM_HEADERS" },
  log_level = { "BOLTZ_LOG" },
}

local function read(name)
  local value = os and os.getenv(name)
  return value and ascii.trim(value) ~= "" and value or nil
end

-- `Name: value`, one a line.
local function header_lines(text)
  local fields = {}
  for line in text:gmatch("[^\r\n]+") do
    local colon = line:find(":", 1, true)
    if colon and colon > 1 then
      fields[ascii.trim(line:sub(1, colon - 1))] = ascii.trim(line:sub(colon + 1))
    elseif ascii.trim(line) ~= "" then
      return nil, { path = "headers", expected = "`Name: value`, one a line",
        got = "a line without a name and a colon" }
    end
  end
  return fields
end

--- The options that variables name, as a program would write them.
-- @tparam table given the program's own, whose variables are not looked at
-- @treturn table|nil the options; `api_key` is as it stands, since a blank in it is a mistake
-- @return of each option its variable; or the mistake
function environment.options(given)
  local options, variables = {}, {}
  for option, names in tables.each(VARIABLES) do
    for _, name in ipairs(names) do
      if given[option] == nil and options[option] == nil then
        options[option], variables[option] = read(name), name
      end
    end
  end
  if options.base_url then options.base_url = ascii.trim(options.base_url) end
  if options.log_level then options.log_level = ascii.lower(ascii.trim(options.log_level)) end
  if options.headers then
    local mistake
    options.headers, mistake = header_lines(options.headers)
    if mistake then return nil, environment.blame(mistake, variables) end
  end
  return options, variables
end

--- A mistake in an option that came from a variable, told as the variable's.
-- @tparam table mistake see check/message.lua
-- @tparam table variables of each option
function environment.blame(mistake, variables)
  local option = mistake.path:match("^[a-z_]+")
  local variable = variables[option]
  if not variable then return mistake end
  mistake.path = variable .. mistake.path:sub(#option + 1)
  mistake.is_variable = true
  return mistake
end

return environment
