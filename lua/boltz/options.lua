-- SPDX-License-Identifier: MIT
-- What becomes of the options of a client and of a request.

local base_url = require "boltz.options.base_url"
local descriptions = require "boltz.options.descriptions"
local environment = require "boltz.options.environment"
local headers = require "boltz.request.headers"
local message = require "boltz.check.message"
local query = require "boltz.request.query"
local schema = require "boltz.check.schema"
local tables = require "boltz.tables"

local options = {}

--- The descriptions, for documents and specs.
options.descriptions = descriptions

-- ---- of a client

local io = rawget(_G, "io") -- a sandbox may have none

local NO_DESCRIPTOR = { [23] = true, [24] = true } -- ENFILE and EMFILE, on every Unix

-- Where there is no descriptor to find out, the call will say so.
local function can_be_read(path)
  if not (path and io) then return true end
  local file, _, number = io.open(path)
  if file then file:close() end
  return file ~= nil or NO_DESCRIPTOR[number] == true
end

-- The settings of a client for which the program says nothing. A key that it does not need is not
-- looked at. Its headers are laid over the environment's, which are therefore read in any case.
local function from_environment(given)
  local asked = tables.merge(given, { api_key = given.api_key or given.bearer_token })
  asked.headers = nil
  local named, variables = environment.options(asked)
  if not named then return nil, variables end
  local checked, mistake = schema.check_fields(descriptions.client, named)
  if checked and not can_be_read(checked.ca_file) then
    mistake = { path = "ca_file", expected = "a file that can be read",
      got = message.describe(checked.ca_file) }
  end
  if mistake then return nil, environment.blame(mistake, variables) end
  checked.headers, checked.query = checked.headers or {}, {}
  local settings = tables.merge(descriptions.defaults, checked)
  settings.variables = variables
  return settings
end

-- Only one credential goes out: one that the program names comes before the environment's, and
-- before one in a header that the program did not name with it.
local function settle_credentials(settings, checked, base)
  if checked.api_key and checked.bearer_token then
    return { path = "bearer_token", expected = "api_key or bearer_token", got = "both" }
  end
  local inherited = base.headers
  if checked.api_key or checked.bearer_token then
    settings.api_key, settings.bearer_token = checked.api_key, checked.bearer_token
    for _, name in ipairs { "x-api-key", "authorization" } do
      inherited = headers.without(inherited, name)
    end
  end
  settings.headers = headers.merge(inherited, checked.headers or {})
end

-- Of the options that the program does not name, the variables that name them.
local function variables_of(given, base)
  local variables = {}
  for option, name in tables.each(base.variables or {}) do
    if given[option] == nil then variables[option] = name end
  end
  return variables
end

--- The settings of a client from what the user wrote.
-- @tparam table given the options
-- @tparam[opt] table base settings to change; absent: defaults and the environment
-- @treturn table|nil the settings; header fields are checked, credentials are secrets
-- @treturn nil|table the mistake
function options.client(given, base)
  local checked, mistake = schema.check_fields(descriptions.client, given)
  if not checked then return nil, mistake end
  if not base then
    base, mistake = from_environment(given)
    if not base then return nil, mistake end
  end
  local settings = tables.merge(base, checked)
  settings.variables = variables_of(given, base)
  mistake = settle_credentials(settings, checked, base)
  if mistake then return nil, mistake end
  settings.query = query.merge(base.query, checked.query)
  if given.proxy ~= nil then settings.is_proxy_near = base_url.is_near(given.proxy) end
  local is_clear_to_near = settings.proxy == nil or settings.is_proxy_near
  local url, about = base_url.check(settings.base_url, settings.allow_http, is_clear_to_near)
  if not url then return nil, environment.blame(about, settings.variables) end
  settings.base_url, settings.is_loopback = url, about
  settings.base_path = url:match("^%a+://[^/]*(.*)$")
  return settings
end

-- ---- of a request

--- The mistake of a GET that is to have a body.
options.NO_BODY = { path = "extra_body", expected = "none, as a GET has no body", got = "a table" }

local NONE = { headers = {} }

-- The options of a kind of request, checked.
local function of_kind(fields)
  return function(given)
    if given == nil then return NONE end
    if type(given) ~= "table" then
      return nil, { path = "options", expected = "a table", got = message.describe_table(given) }
    end
    local checked, mistake = schema.check_fields(fields, given)
    if not checked then return nil, mistake end
    checked.headers = checked.headers or NONE.headers
    return checked
  end
end

--- The options of one request; of a list: a request's, and those of its pager; of a request to a
-- path of the user's own. Each is function(given) -> the checked options | nil, the mistake.
options.request = of_kind(descriptions.request)
options.list = of_kind(descriptions.list)
options.request_with_body = of_kind(descriptions.raw)

--- Whether a name is that of an option of a call.
function options.is_option(name)
  return descriptions.list[name] ~= nil
end

return options
