-- SPDX-License-Identifier: MIT
-- The request of one attempt, as csrc/transfer.h has it.

local core = require "boltz.core"
local headers = require "boltz.headers"

local outgoing = {}

local USER_AGENT = ("boltz-lua/%s (%s)"):format(core.version, jit and jit.version or _VERSION)

local STANDARD = assert(headers.check({
  Accept = "application/json",
  ["User-Agent"] = USER_AGENT,
}, "headers"))
local WITH_BODY = assert(headers.check({ ["Content-Type"] = "application/json" }, "headers"))

-- Standard fields, then those of the credential, the client and the call, each over the one before.
local function header_list(settings, call, attempt)
  local fields = headers.merge(STANDARD, {
    ["x-api-key"] = settings.api_key and { "x-api-key", settings.api_key },
    ["authorization"] = settings.bearer_token and { "Authorization", settings.bearer_token },
    ["x-boltz-organization-id"] = settings.organization_id
      and { "X-Boltz-Organization-Id", settings.organization_id },
    ["x-stainless-retry-count"] = { "x-stainless-retry-count", ("%d"):format(attempt - 1) },
  })
  if call.body then fields = headers.merge(fields, WITH_BODY) end
  fields = headers.merge(fields, settings.headers)
  return headers.flatten(headers.merge(fields, call.options.headers))
end

-- Of each client's settings, the lists of nearly all attempts: the first of a call without headers
-- of its own, by whether it has a body.
local usual = setmetatable({}, { __mode = "k" })

local function usual_header_list(settings, call, attempt)
  if attempt > 1 or next(call.options.headers) then return header_list(settings, call, attempt) end
  local lists = usual[settings]
  if not lists then
    lists = {}
    usual[settings] = lists
  end
  local has_body = call.body ~= nil
  lists[has_body] = lists[has_body] or header_list(settings, call, attempt)
  return lists[has_body]
end

-- A proxy that the program names is used, whatever the environment exempts. One that only the
-- environment names is not for loopback, where plain http is allowed as nothing leaves the machine.
local function no_proxy(settings)
  if settings.proxy then return "" end
  return settings.is_loopback and "*" or nil
end

--- Puts it together.
-- @tparam table settings of the client
-- @tparam table call see call.lua
-- @tparam integer attempt its number, from 1
function outgoing.build(settings, call, attempt)
  local query = call.query ~= "" and "?" .. call.query or ""
  return {
    method = call.method,
    url = settings.base_url .. call.path .. query,
    headers = usual_header_list(settings, call, attempt),
    body = call.body,
    once = call.once,
    connect_timeout = settings.connect_timeout,
    max_response_bytes = settings.max_response_bytes,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    no_proxy = no_proxy(settings),
  }
end

--- What its answer may not show: whatever goes out as a secret.
function outgoing.secrets(request)
  local secrets = { request.proxy }
  for i = 2, #request.headers, 2 do
    if type(request.headers[i]) == "userdata" then secrets[#secrets + 1] = request.headers[i] end
  end
  return secrets
end

return outgoing
