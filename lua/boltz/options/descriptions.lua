-- SPDX-License-Identifier: MIT
-- What each option is, as data (see check/schema.lua).

local ascii = require "boltz.ascii"
local core = require "boltz.core"
local base_url = require "boltz.options.base_url"
local headers = require "boltz.request.headers"
local host = require "boltz.wait.host"
local message = require "boltz.check.message"
local query = require "boltz.request.query"
local tables = require "boltz.tables"

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

local function is_clock(clock)
  return clock == nil or type(clock) == "table" and type(clock.now) == "function"
    and type(clock.wall) == "function" and type(clock.advance) == "function"
end

local TRANSPORT = {
  type = "any", -- an object, which is not looked through
  check = function(object, path)
    if type(object) ~= "table" then
      return nil, { path = path, expected = "a table", got = message.describe_table(object) }
    elseif type(object.handle) ~= "function" then
      return nil, { path = path, expected = "an object with a method 'handle'", got = "a table" }
    elseif not is_clock(object.clock) then
      return nil, { path = path .. ".clock", got = message.describe_table(object.clock),
        expected = "an object with the methods 'now', 'wall' and 'advance'" }
    end
    return object
  end,
}

local FOR_REQUEST = {
  context = { type = "any" },
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
for name, description in tables.each(FOR_REQUEST) do
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
  organization_id = tables.merge(LINE, { id = true }),
  proxy = { type = "any", check = base_url.check_proxy },
  query = QUERY,
  read_only = BOOLEAN,
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
  read_only = false,
  timeout = 60,
  validate = true,
}

return {
  client = FOR_CLIENT, defaults = DEFAULTS, list = FOR_LIST, raw = WITH_BODY, request = FOR_REQUEST,
}
