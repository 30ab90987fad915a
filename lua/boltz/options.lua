-- SPDX-License-Identifier: MIT
-- The options of a client and of a request, as data, and what becomes of them.

local core = require "boltz.core"
local headers = require "boltz.request.headers"
local loop = require "boltz.wait.host"
local query = require "boltz.request.query"
local schema = require "boltz.check.schema"

local options = {}

local SECONDS = { type = "number", min = 0.001 }
local LOG_LEVELS = { "off", "error", "warn", "info", "debug" }

local FOR_REQUEST = {
  deadline = SECONDS,
  extra_body = { type = "table" },
  headers = { type = "table" },
  max_retries = { type = "integer", min = 0 },
  query = { type = "table" },
  retry_unsafe = { type = "boolean" },
  timeout = SECONDS,
  validate = { type = "boolean" },
}

local FOR_LIST = {
  max_items = { type = "integer", min = 0 },
  on_page = { type = "function" },
  prefetch = { type = "boolean" },
}
local WITH_BODY = { body = { type = "any" } }
for name, description in pairs(FOR_REQUEST) do
  FOR_LIST[name] = description
  WITH_BODY[name] = description
end
FOR_LIST.extra_body = nil

-- Secrets and functions are looked at below; `any` keeps their values out of messages.
local FOR_CLIENT = {
  allow_http = { type = "boolean" },
  api_key = { type = "any" },
  base_url = { type = "any" },
  bearer_token = { type = "any" },
  ca_file = { type = "string", min = 1 },
  connect_timeout = SECONDS,
  deadline = SECONDS,
  headers = { type = "table" },
  log_level = { type = "enum", values = LOG_LEVELS },
  logger = { type = "function" },
  loop = { type = "any" },
  max_retries = { type = "integer", min = 0 },
  max_response_bytes = { type = "integer", min = 1 },
  on_attempt = { type = "function" },
  organization_id = { type = "string", min = 1 },
  proxy = { type = "any" },
  query = { type = "table" },
  timeout = SECONDS,
  transport = { type = "table" },
  validate = { type = "boolean" },
}

local DEFAULTS = {
  allow_http = false,
  base_url = "https://api.boltz.bio",
  connect_timeout = 10,
  log_level = "warn",
  loop = loop.automatic,
  max_retries = 2,
  max_response_bytes = 64 * 1024 * 1024,
  timeout = 60,
  validate = true,
}

local function environment(name)
  local value = os.getenv(name)
  value = value and value:match("^%s*(.-)%s*$")
  return value ~= "" and value or nil
end

-- A credential becomes a secret. What came is never part of the message.
local function take_secret(given, name, prefix)
  local value = given[name]
  if value == nil then return nil end
  if type(value) ~= "string" or value == "" or core.check_header("x", value) then
    local got = type(value) == "string" and (value == "" and "an empty one"
      or "one with a control character") or "a " .. type(value)
    return nil, { path = name, expected = "a key as a string", got = got }
  end
  return core.secret(value, prefix)
end

local function is_loopback(host)
  return host == "localhost" or host == "[::1]"
    or (core.ip_version(host) == 4 and host:sub(1, 4) == "127.")
end

local function check_base_url(text, allow_http)
  local function wrong(expected)
    local hides = type(text) == "string" and text:find("@", 1, true) -- maybe a password
    local got = hides and "a URL with something before an '@'" or schema.describe(text)
    return nil, { path = "base_url", expected = expected, got = got }
  end
  if type(text) ~= "string" or text:find("[%c%s]") then return wrong("an http or https URL") end
  local url = core.parse_url(text)
  if not url or not (url.scheme == "https" or url.scheme == "http") then
    return wrong("an http or https URL")
  end
  if url.user or url.password then return wrong("a URL without a user name and password") end
  if text:find("[?#]") then return wrong("a URL without a query and a fragment") end
  if url.scheme == "http" and not allow_http and not is_loopback(url.host) then
    return wrong("https, a loopback address, or the option allow_http")
  end
  return (text:gsub("/+$", "")), nil, is_loopback(url.host)
end

-- BOLTZ_CUSTOM_HEADERS: `Name: value`, one a line.
local function environment_headers()
  local fields = {}
  for line in (environment("BOLTZ_CUSTOM_HEADERS") or ""):gmatch("[^\r\n]+") do
    local name, value = line:match("^%s*(.-)%s*:%s*(.-)%s*$")
    if name then fields[name] = value end
  end
  return headers.check(fields, "BOLTZ_CUSTOM_HEADERS")
end

local PROXY_SCHEMES = {
  http = true, https = true, socks4 = true, socks4a = true, socks5 = true, socks5h = true,
}

-- A proxy's URL may hold a password, so what came is not shown. An empty one is none at all.
local function check_proxy(value)
  local url = type(value) == "string" and not value:find("[%c%s]") and core.parse_url(value)
  if value ~= "" and not (url and PROXY_SCHEMES[url.scheme]) then
    local got = "a " .. type(value)
    return nil, { path = "proxy", expected = "the URL of an http, https or socks proxy", got = got }
  end
  return core.secret(value)
end

-- Text for libcurl that is none of the above.
local function check_line(settings, name)
  if core.check_header("x", settings[name] or "") then
    return { path = name, expected = "text on one line", got = "text with a control character" }
  end
end

-- Only one credential goes out: one that the program names comes before the environment's.
local function check_credentials(given, base)
  local key, key_trouble = take_secret(given, "api_key")
  local token, token_trouble = take_secret(given, "bearer_token", "Bearer ")
  local trouble = key_trouble or token_trouble
  if key and token then
    trouble = { path = "bearer_token", expected = "api_key or bearer_token", got = "both" }
  end
  if key or token or trouble then return key, token, trouble end
  return base.api_key, base.bearer_token
end

-- A credential that the program names comes before one in a header that it did not name with it.
local function check_headers(given, base)
  local fields, trouble = headers.check(given.headers or {}, "headers")
  if trouble then return nil, trouble end
  local inherited = base.headers
  if given.api_key or given.bearer_token then
    for _, name in ipairs { "x-api-key", "authorization" } do
      inherited = headers.without(inherited, name)
    end
  end
  return headers.merge(inherited, fields)
end

local function merge(under, over)
  local merged = {}
  for name, value in pairs(under) do merged[name] = value end
  for name, value in pairs(over) do merged[name] = value end
  return merged
end

-- The settings of a client for which the program says nothing. A variable that it does not need is
-- not looked at.
local function from_environment(given)
  local fields, trouble = environment_headers()
  if trouble then return nil, trouble end
  local key
  if given.api_key == nil and given.bearer_token == nil then
    key, trouble = take_secret({ api_key = environment("BOLTZ_API_KEY") }, "api_key")
    if trouble then return nil, trouble end
  end
  return merge(DEFAULTS, {
    api_key = key,
    base_url = environment("BOLTZ_BASE_URL"),
    headers = fields,
    log_level = environment("BOLTZ_LOG"),
    query = {},
  })
end

--- The settings of a client from what the user wrote.
-- @tparam table given the options
-- @tparam[opt] table base settings to change; absent: defaults and the environment
-- @treturn table|nil the settings; header fields are checked, credentials are secrets
-- @treturn nil|table the problem
function options.client(given, base)
  local checked, trouble = schema.check_fields(FOR_CLIENT, given)
  if trouble then return nil, trouble end
  if not base then
    base, trouble = from_environment(given)
    if trouble then return nil, trouble end
  end
  if given.transport and type(given.transport.handle) ~= "function" then
    return nil, { path = "transport", expected = "an object with a method 'handle'",
      got = "a table" }
  end
  local settings = merge(base, checked)
  settings.api_key, settings.bearer_token, trouble = check_credentials(given, base)
  if trouble then return nil, trouble end
  settings.base_url, trouble, settings.is_loopback =
    check_base_url(settings.base_url, settings.allow_http)
  if trouble then return nil, trouble end
  settings.log_level, trouble = schema.check(FOR_CLIENT.log_level, settings.log_level, "log_level")
  if trouble then return nil, trouble end
  if given.loop ~= nil then
    settings.loop, trouble = loop.check(given.loop)
    if trouble then return nil, trouble end
  end
  if given.proxy ~= nil then
    settings.proxy, trouble = check_proxy(given.proxy)
    if trouble then return nil, trouble end
  end
  settings.headers, trouble = check_headers(given, base)
  if trouble then return nil, trouble end
  trouble = query.check(given.query or {}, "query")
  if trouble then return nil, trouble end
  settings.query = query.merge(base.query, given.query)
  trouble = check_line(settings, "organization_id") or check_line(settings, "ca_file")
  if trouble then return nil, trouble end
  return settings
end

--- The problem of a GET that is to have a body.
options.NO_BODY = { path = "extra_body", expected = "none, as a GET has no body", got = "a table" }

local NONE = { headers = {} }

local function for_call(fields, given)
  if given == nil then return NONE end
  if type(given) ~= "table" then
    return nil, { path = "options", expected = "a table", got = schema.describe_table(given) }
  end
  local checked, trouble = schema.check_fields(fields, given)
  if not checked then return nil, trouble end
  checked.headers, trouble = headers.check(given.headers or {}, "headers")
  if not checked.headers then return nil, trouble end
  trouble = query.check(given.query or {}, "query")
  if trouble then return nil, trouble end
  checked.query = query.merge(given.query) -- what the caller does to it later is its own affair
  return checked
end

--- The options of one request.
-- @treturn table|nil
-- @treturn nil|table the problem
function options.request(given)
  return for_call(FOR_REQUEST, given)
end

--- The options of a list: a request's, and those of its pager.
-- @treturn table|nil
-- @treturn nil|table the problem
function options.list(given)
  return for_call(FOR_LIST, given)
end

--- The options of a request to a path of the user's own.
-- @treturn table|nil
-- @treturn nil|table the problem
function options.request_with_body(given)
  return for_call(WITH_BODY, given)
end

--- Whether a name is that of an option of a call.
function options.is_option(name)
  return FOR_LIST[name] ~= nil
end

return options
