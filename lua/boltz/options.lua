-- SPDX-License-Identifier: MIT
-- The options of a client and of a request, as data (see check/schema.lua), and what becomes of
-- them.

local ascii = require "boltz.ascii"
local core = require "boltz.core"
local base_url = require "boltz.options.base_url"
local environment = require "boltz.options.environment"
local headers = require "boltz.request.headers"
local host = require "boltz.wait.host"
local message = require "boltz.check.message"
local query = require "boltz.request.query"
local schema = require "boltz.check.schema"
local tables = require "boltz.tables"

local options = {}

-- ---- what each of them is

local SECONDS = { type = "number", min = 0.001 }
local COUNT = { type = "integer", min = 0 }
local BOOLEAN = { type = "boolean" }
local HEADERS = { type = "table", check = headers.check }
local QUERY = {
  type = "table",
  check = function(values, path)
    local mistake = query.check(values, path)
    if mistake then return nil, mistake end
    return query.merge(values) -- what the caller does to it later is its own affair
  end,
}

-- Text for libcurl.
local LINE = {
  type = "string",
  min = 1,
  check = function(text, path)
    if not core.check_header("x", text) then return text end
    return nil, { path = path, expected = "text on one line",
      got = "text with a control character" }
  end,
}

local function describe_key(value)
  if type(value) ~= "string" then return "a " .. type(value) end
  if value == "" then return "an empty one" end
  return value:find("[\r\n]$") and "one that ends in a line break" or "one with a control character"
end

-- A token as it is, also where it came with the word that is put before it.
local function without_scheme(value, prefix)
  local start = prefix and ascii.lower(value:sub(1, #prefix)) == ascii.lower(prefix)
  return start and value:sub(#prefix + 1) or value
end

-- A credential becomes a secret. What came is never part of the message.
local function credential(prefix)
  return {
    type = "any",
    check = function(value, path)
      if type(value) == "string" and value ~= "" and not core.check_header("x", value) then
        return core.secret(without_scheme(value, prefix), prefix)
      end
      return nil, { path = path, expected = "a key as a string", got = describe_key(value) }
    end,
  }
end

local TRANSPORT = {
  type = "any", -- an object, which is not looked through
  check = function(object, path)
    if type(object) ~= "table" then
      return nil, { path = path, expected = "a table", got = message.describe_table(object) }
    elseif type(object.handle) == "function" then
      return object
    end
    return nil, { path = path, expected = "an object with a method 'handle'", got = "a table" }
  end,
}

local FOR_REQUEST = {
  deadline = SECONDS,
  extra_body = { type = "table" },
  headers = HEADERS,
  max_retries = COUNT,
  query = QUERY,
  retry_unsafe = BOOLEAN,
  timeout = SECONDS,
  validate = BOOLEAN,
}

local FOR_LIST = { max_items = COUNT, on_page = { type = "function" }, prefetch = BOOLEAN }
local WITH_BODY = { body = { type = "any" } }
for name, description in pairs(FOR_REQUEST) do
  FOR_LIST[name] = description
  WITH_BODY[name] = description
end
FOR_LIST.extra_body = nil

local FOR_CLIENT = {
  allow_http = BOOLEAN,
  api_key = credential(),
  base_url = { type = "any" }, -- checked with allow_http
  bearer_token = credential "Bearer ",
  ca_file = LINE,
  connect_timeout = SECONDS,
  deadline = SECONDS,
  headers = HEADERS,
  log_level = { type = "enum", values = { "off", "error", "warn", "info", "debug" } },
  logger = { type = "function" },
  loop = { type = "any", check = host.check },
  max_retries = COUNT,
  max_response_bytes = { type = "integer", min = 1 },
  on_attempt = { type = "function" },
  organization_id = LINE,
  proxy = { type = "any", check = base_url.check_proxy },
  query = QUERY,
  timeout = SECONDS,
  transport = TRANSPORT,
  validate = BOOLEAN,
}

local DEFAULTS = {
  allow_http = false,
  base_url = "https://api.boltz.bio",
  connect_timeout = 10,
  log_level = "warn",
  loop = host.automatic,
  max_retries = 2,
  max_response_bytes = 64 * 1024 * 1024,
  timeout = 60,
  validate = true,
}

--- The descriptions, for documents and specs.
options.descriptions = {
  client = FOR_CLIENT, defaults = DEFAULTS, list = FOR_LIST, raw = WITH_BODY, request = FOR_REQUEST,
}

-- ---- of a client

local io = rawget(_G, "io") -- a sandbox may have none

local function can_be_read(path)
  local file = path and io and io.open(path)
  if file then file:close() end
  return file ~= nil or not (path and io)
end

-- The settings of a client for which the program says nothing. A key that it does not need is not
-- looked at. Its headers are laid over the environment's, which are therefore read in any case.
local function from_environment(given)
  local asked = tables.merge(given, { api_key = given.api_key or given.bearer_token })
  asked.headers = nil
  local named, variables = environment.options(asked)
  if not named then return nil, variables end
  local checked, mistake = schema.check_fields(FOR_CLIENT, named)
  if checked and not can_be_read(checked.ca_file) then
    mistake = { path = "ca_file", expected = "a file that can be read",
      got = message.describe(checked.ca_file) }
  end
  if mistake then return nil, environment.blame(mistake, variables) end
  checked.headers, checked.query = checked.headers or {}, {}
  local settings = tables.merge(DEFAULTS, checked)
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
  for option, name in pairs(base.variables or {}) do
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
  local checked, mistake = schema.check_fields(FOR_CLIENT, given)
  if not checked then return nil, mistake end
  if not base then
    base, mistake = from_environment(given)
    if not base then return nil, mistake end
  end
  local settings = tables.merge(base, checked)
  mistake = settle_credentials(settings, checked, base)
  if mistake then return nil, mistake end
  settings.query = query.merge(base.query, checked.query)
  if given.proxy ~= nil then settings.is_proxy_near = base_url.is_near(given.proxy) end
  local is_clear_to_near = settings.proxy == nil or settings.is_proxy_near
  local url, about = base_url.check(settings.base_url, settings.allow_http, is_clear_to_near)
  if not url then return nil, environment.blame(about, variables_of(given, base)) end
  settings.base_url, settings.is_loopback = url, about
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
options.request = of_kind(FOR_REQUEST)
options.list = of_kind(FOR_LIST)
options.request_with_body = of_kind(WITH_BODY)

--- Whether a name is that of an option of a call.
function options.is_option(name)
  return FOR_LIST[name] ~= nil
end

return options
