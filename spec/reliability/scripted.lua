-- SPDX-License-Identifier: MIT
-- A client whose attempts end as a spec says, in no time: results of the C core instead of a wire,
-- and a clock that only an attempt and a wait move.

local boltz = require "boltz"
local carrier = require "support.carrier"
local patience = require "support.patience"

local scripted = {}

--- The result of an attempt that the server answered.
function scripted.answer(status, fields, body)
  return { status = status, headers = fields or {}, body = body or "{}", sent = true, elapsed = 0 }
end

--- The result of an attempt without an answer.
-- @tparam string failure the kind: connection, timeout, tls, cancelled, invalid_response
-- @tparam boolean sent whether any byte of the request went out
-- @tparam[opt=true] boolean transient
function scripted.failure(failure, sent, transient)
  return { status = 0, headers = {}, body = "", sent = sent, elapsed = 0, failure = failure,
    message = failure .. " failed", transient = transient ~= false }
end

local function copy(result)
  local copied = {}
  for name, value in pairs(result) do copied[name] = value end
  copied.headers = {}
  for name, value in pairs(result.headers) do copied.headers[name] = value end
  return copied
end

--- Makes one.
-- @tparam {table,...} results of the attempts, in order; the last one is repeated. `takes` in one
-- is how long the attempt lasts, in seconds; it is cut to the time-out, as the wire would.
-- @tparam[opt] table options of the client
-- @tparam[opt] table clock `random` of it
-- @treturn table client
-- @treturn table log {requests = of the core, waits = seconds, now = function() -> seconds}
function scripted.client(results, options, clock)
  local given = { api_key = "sk_bc_admin_test_0123456789abcdefghijklmnop" }
  for name, value in pairs(options or {}) do given[name] = value end
  if not given.logger then given.log_level = given.log_level or "error" end -- no warnings
  local client = boltz.new(given)
  local log, tried = { requests = {}, results = results }, 0
  log.waits = patience.skip(client, {
    now = function() return tried end,
    random = clock and clock.random,
  })
  log.now = client._user.session.clock.now
  local sleep = client._user.session.transport.sleep
  client._user.session.transport = carrier(function(request, timeout)
    local requests = log.requests
    requests[#requests + 1] = request
    request.timeout = timeout
    local result = copy(log.results[math.min(#requests, #log.results)])
    local takes = result.takes or 0
    if takes >= timeout then
      takes = timeout
      result = scripted.failure("timeout", result.sent)
    end
    tried = tried + takes
    return result
  end)
  client._user.session.transport.sleep = sleep
  return client, log
end

return scripted
