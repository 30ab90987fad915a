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

-- A proxy that the program names is used, whatever the environment exempts. One that only the
-- environment names is not for loopback, where plain http is allowed as nothing leaves the machine.
local function no_proxy(settings)
  if settings.proxy then return "" end
  return settings.is_loopback and "*" or nil
end

-- The request of one attempt. At the deadline's end its timeout is what is left, but never nothing.
local function build(settings, call, attempt, seconds_left)
  local query = call.query ~= "" and "?" .. call.query or ""
  return {
    method = call.method,
    url = settings.base_url .. call.path .. query,
    headers = header_list(settings, call, attempt),
    body = call.body,
    once = call.once,
    timeout = math.min(call.options.timeout or settings.timeout, math.max(seconds_left, 0.001)),
    connect_timeout = settings.connect_timeout,
    max_response_bytes = settings.max_response_bytes,
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    no_proxy = no_proxy(settings),
  }
end

-- Tells the user's on_attempt; as with a logger, its failure is not the call's.
local function report(settings, event)
  log.write(settings, "info", "attempt", event)
  if not settings.on_attempt then return end
  local done, problem = pcall(settings.on_attempt, event)
  if not done then log.write(settings, "error", "on_attempt raised", { problem = problem }) end
end

local function try(client, call, outgoing, attempt)
  local settings, connections = client._settings, client._connections
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

-- What an answer may not show: whatever went out as a secret.
local function secrets_of(outgoing)
  local secrets = { outgoing.proxy }
  for i = 2, #outgoing.headers, 2 do
    if type(outgoing.headers[i]) == "userdata" then secrets[#secrets + 1] = outgoing.headers[i] end
  end
  return secrets
end

-- The wait before another attempt and what it costs; nil when none is to be made.
local function plan(client, call, result, attempt, seconds_left)
  local connections = client._connections
  local max_retries = call.options.max_retries or client._settings.max_retries
  local wait = attempt <= max_retries and retry.wait(call, result, attempt, connections.clock)
  if not wait or wait >= seconds_left() then return nil end
  return wait, connections.budget:take(result)
end

--- Performs a call.
-- @tparam table client
-- @tparam table call see call.lua
-- @return value, nil, response, text of the body | nil, error
function request.perform(client, call)
  local settings, connections = client._settings, client._connections
  local clock = connections.clock
  local started = clock.now()
  local deadline = call.options.deadline or settings.deadline or math.huge
  local function seconds_left() return started + deadline - clock.now() end
  local about = { attempts = 0, maybe_applied = false, secrets = {} }
  local paid
  while not client._closed do
    local outgoing = build(settings, call, about.attempts + 1, seconds_left())
    about.secrets = secrets_of(outgoing)
    local result = try(client, call, outgoing, about.attempts + 1)
    if not result then break end
    about.attempts = about.attempts + 1
    about.elapsed = clock.now() - started
    about.maybe_applied = about.maybe_applied or retry.maybe_applied(call.method, result)
    local timeout = call.options.timeout or settings.timeout
    if result.failure == "timeout" and outgoing.timeout < timeout then
      result.message = ("the deadline of %g s has passed"):format(deadline)
    elseif not result.failure and result.status < 300 then
      connections.budget:give_back(paid)
    end
    local wait
    wait, paid = plan(client, call, result, about.attempts, seconds_left)
    if not paid then return answer.read(call, result, about) end
    log.write(settings, "info", "retry", {
      path = call.template,
      attempt = about.attempts,
      status = result.status > 0 and result.status or nil,
      error = result.failure,
      wait = wait,
    })
    connections.transport:sleep(wait)
  end
  return answer.cancelled(call, "the client is closed", about)
end

return request
