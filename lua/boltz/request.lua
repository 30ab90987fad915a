-- SPDX-License-Identifier: MIT
-- One call on the wire: build -> attempt -> decide (again, or not) -> decode.

local answer = require "boltz.answer"
local core = require "boltz.core"
local headers = require "boltz.headers"
local log = require "boltz.log"
local retry = require "boltz.retry"

local request = {}

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

local function build(settings, call, attempt, seconds_left)
  local query = call.query ~= "" and "?" .. call.query or ""
  return {
    method = call.method,
    url = settings.base_url .. call.path .. query,
    headers = header_list(settings, call, attempt),
    body = call.body,
    once = call.once,
    timeout = math.min(call.options.timeout or settings.timeout, seconds_left),
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

-- One attempt; nil when the client is closed.
local function try(client, call, attempt, seconds_left)
  if client._closed then return nil end
  local settings, connections = client._settings, client._connections
  local outgoing = build(settings, call, attempt, seconds_left)
  log.write(settings, "debug", "request", {
    method = call.method,
    path = call.template,
    headers = headers.describe(outgoing.headers),
  })
  if client._closed then return nil end -- by the logger
  local started = connections.clock.now()
  local result = connections.transport:attempt(outgoing)
  report(settings, {
    method = call.method,
    path = call.template,
    attempt = attempt,
    status = result.status > 0 and result.status or nil,
    error = result.failure,
    duration = connections.clock.now() - started,
  })
  return result
end

--- Performs a call.
-- @tparam table client
-- @tparam table call see call.lua
-- @return value, nil, response, text of the body | nil, error
function request.perform(client, call)
  local settings, connections = client._settings, client._connections
  local clock, budget = connections.clock, connections.budget
  local started = clock.now()
  local deadline = call.options.deadline or settings.deadline or math.huge
  local max_retries = call.options.max_retries or settings.max_retries
  local attempt, paid, maybe_applied = 0, nil, false
  while true do
    attempt = attempt + 1
    local left = started + deadline - clock.now()
    local result = try(client, call, attempt, left)
    if not result then return answer.cancelled(call, "the client is closed") end
    if result.failure == "timeout" and clock.now() - started >= deadline then
      result.message = ("the deadline of %g s has passed"):format(deadline)
    elseif not result.failure and result.status < 300 then
      budget:give_back(paid)
    end
    maybe_applied = maybe_applied or retry.maybe_applied(call.method, result)
    local wait = attempt <= max_retries and retry.wait(call, result, attempt, clock)
    wait = wait and clock.now() - started + wait < deadline and wait
    paid = wait and budget:take(result)
    if not paid then
      return answer.read(call, result, {
        attempts = attempt,
        elapsed = clock.now() - started,
        maybe_applied = maybe_applied,
        secrets = { settings.api_key or settings.bearer_token },
      })
    end
    log.write(settings, "info", "retry", { path = call.template, attempt = attempt, wait = wait })
    connections.transport:sleep(wait)
  end
end

return request
