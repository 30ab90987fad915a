-- SPDX-License-Identifier: MIT
-- An attempt: one request, as csrc/lua/transfer.h has it, and what its answer may not show.

local core = require "boltz.core"
local headers = require "boltz.request.headers"

local attempts = {}

local jit = rawget(_G, "jit") -- some hosts raise where a global is read that is not there
local USER_AGENT = ("boltz-lua/%s (%s)"):format(core.version, jit and jit.version or _VERSION)

local STANDARD = assert(headers.check({
  Accept = "application/json",
  ["User-Agent"] = USER_AGENT,
}, "headers"))
local WITH_BODY = assert(headers.check({ ["Content-Type"] = "application/json" }, "headers"))

-- Standard fields, then those of the credential, the client and the call, each over the one before.
local function header_list(settings, call, number)
  local fields = headers.merge(STANDARD, {
    ["x-api-key"] = settings.api_key and { "x-api-key", settings.api_key },
    ["authorization"] = settings.bearer_token and { "Authorization", settings.bearer_token },
    ["x-boltz-organization-id"] = settings.organization_id
      and { "X-Boltz-Organization-Id", settings.organization_id },
    ["x-stainless-retry-count"] = { "x-stainless-retry-count", ("%d"):format(number - 1) },
  })
  if call.body then fields = headers.merge(fields, WITH_BODY) end
  fields = headers.merge(fields, settings.headers)
  return headers.flatten(headers.merge(fields, call.options.headers))
end

-- A proxy that the program names is used, whatever the environment exempts. One that only the
-- environment names is not for loopback, where plain http is allowed as nothing leaves the machine.
local function no_proxy(settings)
  if settings.proxy then return "" end
  return settings.is_loopback and "*" or nil
end

-- The URL of the proxy that is used, as a secret, or nil.
local function proxy_of(settings)
  if settings.proxy or settings.is_loopback then return settings.proxy end
  return core.environment_proxy(settings.base_url)
end

-- What an answer may not show: whatever goes out as a secret. A proxy's address is none.
local function secrets_in(settings, list)
  local proxy = proxy_of(settings)
  local secrets = proxy and core.userinfo(proxy) or {}
  for i = 2, #list, 2 do
    if type(list[i]) == "userdata" then secrets[#secrets + 1] = list[i] end
  end
  return secrets
end

-- What attempts with the same headers have in common, as a metatable for them.
local function new_common(settings, call, number)
  local common = {
    headers = header_list(settings, call, number),
    max_response_bytes = settings.max_response_bytes,
    ca_file = settings.ca_file,
    ca_file_variable = settings.variables and settings.variables.ca_file,
    proxy = settings.proxy,
    no_proxy = no_proxy(settings),
  }
  common.secrets = secrets_in(settings, common.headers)
  common.template = core.request_template(common)
  return { __index = common }
end

-- Of each client's settings, what nearly all attempts have in common: the first of a call without
-- headers of its own, by whether it has a body.
local usual = setmetatable({}, { __mode = "k" })

local function common_of(settings, call, number)
  if number > 1 or next(call.options.headers) then return new_common(settings, call, number) end
  local commons = usual[settings]
  if not commons then
    commons = {}
    usual[settings] = commons
  end
  local has_body = call.body ~= nil
  commons[has_body] = commons[has_body] or new_common(settings, call, number)
  return commons[has_body]
end

--- Puts it together.
-- @tparam table settings of the client
-- @tparam table call see call.lua
-- @tparam integer number of the attempt, from 1
-- @treturn table the request, and in `secrets` what its answer may not show
function attempts.build(settings, call, number)
  local url = settings.base_url .. call.path
  if call.query ~= "" then url = url .. "?" .. call.query end
  local common = common_of(settings, call, number)
  return setmetatable({
    method = call.method,
    url = url,
    body = call.body,
    once = call.once,
    connect_timeout = settings.connect_timeout,
    template = common.__index.template,
  }, common)
end

return attempts
