-- SPDX-License-Identifier: MIT
-- The options of a client and of a request, as data (see check/schema.lua), and what becomes of
-- them.

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

-- A credential becomes a secret. What came is never part of the message.
local function credential(prefix)
  return {
    type = "any",
    check = function(value, path)
      if type(value) == "string" and value ~= "" and not core.check_header("x", value) then
        return core.secret(value, prefix)
      end
      local got = type(value) == "string" and (value == "" and "an empty one"
        or "one with a control character") or "a " .. type(value)
      return nil, { path = path, expected = "a key as a string", got = got }
    end,
  }
end

local TRANSPORT = {
  type = "table",
  check = function(object, path)
    if type(object.handle) == "function" then return object end
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

-- The settings of a client for which the program says nothing. A key that it does not need is not
-- looked at.
local function from_environment(given)
  local named = environment.options()
  if given.api_key ~= nil or given.bearer_token ~= nil then named.api_key = nil end
  if given.base_url ~= nil then named.base_url = nil end
  if given.log_level ~= nil then named.log_level = nil end
  local fields, mistake = headers.check(named.headers, "BOLTZ_CUSTOM_HEADERS")
  if not fields then return nil, mistake end
  named.headers = nil
  local checked
  checked, mistake = schema.check_fields(FOR_CLIENT, named)
  if not checked then return nil, mistake end
  checked.headers, checked.query = fields, {}
  return tables.merge(DEFAULTS, checked)
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
  local url, about = base_url.check(settings.base_url, settings.allow_http)
  if not url then return nil, about end
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
