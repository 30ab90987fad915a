-- SPDX-License-Identifier: MIT
-- One call on the wire: build -> attempt -> decide (again, or not) -> decode. It begins with
-- `start`, and goes on when somebody wants its end with `finish`; its limits of time count from
-- then.

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

local CLOSED = "the client is closed"
local HELD_BACK = "too many requests (429): all calls wait for %.3g s, beyond the deadline"

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

-- The request of one attempt.
local function build(settings, call, attempt)
  local query = call.query ~= "" and "?" .. call.query or ""
  return {
    method = call.method,
    url = settings.base_url .. call.path .. query,
    headers = header_list(settings, call, attempt),
    body = call.body,
    once = call.once,
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

-- What an answer may not show: whatever went out as a secret.
local function secrets_of(outgoing)
  local secrets = { outgoing.proxy }
  for i = 2, #outgoing.headers, 2 do
    if type(outgoing.headers[i]) == "userdata" then secrets[#secrets + 1] = outgoing.headers[i] end
  end
  return secrets
end

local Exchange = {}
Exchange.__index = Exchange

--- Begins a call. Nothing is sent yet if it has to wait first.
-- @tparam table client
-- @tparam table call see call.lua
function request.start(client, call)
  local self = setmetatable({
    _client = client,
    _call = call,
    _retries = call.options.max_retries or client._settings.max_retries,
    _timeout = call.options.timeout or client._settings.timeout,
    _about = { attempts = 0, maybe_applied = false, secrets = {} }, -- see answer.read
    _started = client._connections.clock.now(),
  }, Exchange)
  client._calls[self] = true
  if self:_held_back() == 0 then self:_send() end
  return self
end

-- How long others' too many requests hold this call back. Who tries only once wants no waiting.
function Exchange:_held_back()
  local connections = self._client._connections
  return self._retries > 0 and connections.throttle:left(connections.clock.now()) or 0
end

function Exchange:_seconds_left()
  local deadline = self._call.options.deadline or self._client._settings.deadline
  if not deadline or not self._wanted then return math.huge end
  return self._wanted + deadline - self._client._connections.clock.now()
end

-- How long the attempt may take: to the deadline, but never nothing.
function Exchange:_attempt_timeout()
  return math.min(self._timeout, math.max(self:_seconds_left(), 0.001))
end

-- Starts an attempt. Returns why none can be made, or nil.
function Exchange:_send()
  local client, call, about = self._client, self._call, self._about
  local settings, connections = client._settings, client._connections
  local outgoing = build(settings, call, about.attempts + 1)
  about.secrets = secrets_of(outgoing)
  log.write(settings, "debug", "request", {
    method = call.method,
    path = call.template,
    headers = headers.describe(outgoing.headers),
  })
  local obstacle = client._closed and CLOSED or connections.transport:obstacle()
  if obstacle then return obstacle end
  self._sent = connections.clock.now()
  self._transfer = connections.transport:start(outgoing, self:_attempt_timeout())
end

-- Waits for the attempt that has been started.
function Exchange:_receive()
  local call, about = self._call, self._about
  local settings, connections = self._client._settings, self._client._connections
  local timeout = self:_attempt_timeout()
  local result = connections.transport:finish(self._transfer, timeout)
  self._transfer = nil
  about.attempts = about.attempts + 1
  about.elapsed = connections.clock.now() - self._started
  about.maybe_applied = about.maybe_applied or retry.maybe_applied(call.method, result)
  report(settings, {
    method = call.method,
    path = call.template,
    attempt = about.attempts,
    status = result.status > 0 and result.status or nil,
    error = result.failure,
    duration = connections.clock.now() - self._sent,
  })
  if result.failure == "cancelled" and self._client._closed then
    result.message = CLOSED
  elseif result.failure == "timeout" and timeout < self._timeout then
    result.message = ("the deadline of %g s has passed")
      :format(call.options.deadline or settings.deadline)
  end
  return result
end

-- The wait before another attempt and what it costs; nil when none is to be made.
function Exchange:_plan(result)
  local connections = self._client._connections
  local wait = retry.wait(self._call, result, self._about.attempts, connections.clock)
  if wait and result.status == 429 then
    connections.throttle:hold(connections.clock.now() + wait)
  end
  if not wait or self._about.attempts > self._retries or wait >= self:_seconds_left() then
    return nil
  end
  return wait, connections.budget:take(result)
end

-- Waits `seconds`, and as long as all calls are held back. Returns what is left of that if it is
-- more than the deadline allows.
function Exchange:_pause(seconds)
  local client = self._client
  repeat
    if seconds >= self:_seconds_left() then return seconds end
    client._connections.transport:sleep(seconds, function() return client._closed end)
    seconds = self:_held_back()
  until seconds == 0 or client._closed
end

--- Brings it to its end.
-- @return value, nil, response, text of the body | nil, error
function Exchange:finish()
  local client, call, about = self._client, self._call, self._about
  local connections = client._connections
  self._wanted = connections.clock.now()
  local wait, paid = self:_held_back(), nil
  repeat
    if not self._transfer then
      local too_long = (wait > 0 or paid) and self:_pause(wait)
      if too_long then
        return answer.unsent(call, "timeout", HELD_BACK:format(too_long), about)
      end
      local obstacle = self:_send()
      if obstacle then return answer.unsent(call, "cancelled", obstacle, about) end
    end
    local result = self:_receive()
    if not result.failure and result.status < 300 then connections.budget:give_back(paid) end
    wait, paid = self:_plan(result)
    if paid then
      log.write(client._settings, "info", "retry", {
        path = call.template,
        attempt = about.attempts,
        status = result.status > 0 and result.status or nil,
        error = result.failure,
        wait = wait,
      })
    else
      client._calls[self] = nil
      return answer.read(call, result, about)
    end
  until false
end

--- Ends the attempt that is under way; who waits for it gets the error `cancelled`. An answer that
-- is there is kept for who waits, and for nobody else.
function Exchange:cancel()
  if self._transfer then self._transfer:cancel() end
  if not self._wanted then self._transfer = nil end
end

--- Lets it go on, if there is something to be done without waiting.
function Exchange:nudge()
  if self._transfer and not self._transfer:done() then
    self._client._connections.transport:nudge()
  end
end

--- Performs a call.
-- @return value, nil, response, text of the body | nil, error
function request.perform(client, call)
  return request.start(client, call):finish()
end

return request
