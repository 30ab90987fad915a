-- SPDX-License-Identifier: MIT
-- One call on the wire: build -> attempt -> decide -> decode.

local answer = require "boltz.answer"
local core = require "boltz.core"
local headers = require "boltz.headers"
local log = require "boltz.log"

local request = {}

local USER_AGENT = ("boltz-lua/%s (%s)"):format(core.version, jit and jit.version or _VERSION)

local STANDARD = assert(headers.check({
  Accept = "application/json",
  ["User-Agent"] = USER_AGENT,
}, "headers"))
local WITH_BODY = assert(headers.check({ ["Content-Type"] = "application/json" }, "headers"))

-- Standard fields, then those of the credential, the client and the call, each over the one before.
local function header_list(settings, call)
  local fields = headers.merge(STANDARD, {
    ["x-api-key"] = settings.api_key and { "x-api-key", settings.api_key },
    ["authorization"] = settings.bearer_token and { "Authorization", settings.bearer_token },
    ["x-boltz-organization-id"] = settings.organization_id
      and { "X-Boltz-Organization-Id", settings.organization_id },
  })
  if call.body then fields = headers.merge(fields, WITH_BODY) end
  fields = headers.merge(fields, settings.headers)
  return headers.flatten(headers.merge(fields, call.options.headers))
end

local function build(settings, call)
  local query = call.query ~= "" and "?" .. call.query or ""
  return {
    method = call.method,
    url = settings.base_url .. call.path .. query,
    headers = header_list(settings, call),
    body = call.body,
    once = call.once,
    timeout = call.options.timeout or settings.timeout,
    connect_timeout = settings.connect_timeout,
    max_response_bytes = settings.max_response_bytes,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
  }
end

-- Tells the user's on_attempt; as with a logger, its failure is not the call's.
local function report(settings, event)
  log.write(settings, "info", "attempt", event)
  if not settings.on_attempt then return end
  local done, problem = pcall(settings.on_attempt, event)
  if not done then log.write(settings, "error", "on_attempt raised", { problem = problem }) end
end

--- Performs a call.
-- @tparam table client
-- @tparam table call see call.lua
-- @return value, nil, response, text of the body | nil, error
function request.perform(client, call)
  if client._closed then return answer.cancelled(call, "the client is closed") end
  local settings = client._settings
  local outgoing = build(settings, call)
  log.write(settings, "debug", "request", {
    method = call.method,
    path = call.template,
    headers = headers.describe(outgoing.headers),
  })
  local started = core.now()
  local result = client._connections.transport:attempt(outgoing)
  local elapsed = core.now() - started
  report(settings, {
    method = call.method,
    path = call.template,
    attempt = 1,
    status = result.status > 0 and result.status or nil,
    error = result.failure,
    duration = elapsed,
  })
  return answer.read(call, result, { attempts = 1, elapsed = elapsed })
end

return request
