-- SPDX-License-Identifier: MIT
-- What the result of an attempt means: a value with its response, or an error.

local core = require "boltz.core"
local errors = require "boltz.request.errors"
local headers = require "boltz.request.headers"
local printable = require "boltz.check.sanitize"
local retry = require "boltz.request.retry"

local answer = {}

local BODY_SHOWN = 4096 -- bytes of a body that an error keeps

local function conceal(text, secrets)
  for i = 1, secrets and #secrets or 0 do text = core.conceal(text, secrets[i]) end
  return text
end

-- Hides keys in text from outside: those of the call, whatever has the form of one, and what
-- api_keys.create answers with, also in a body that is cut short and no longer parses.
local function redact(text, secrets)
  return (conceal(text, secrets):gsub("(sk_bc_[%w_%-]+)", function(key)
      return #key > 12 and key:sub(1, 12) .. "..." or key
    end)
    :gsub('("key"%s*:%s*")([^"]*)', function(before, key)
      return before .. (#key >= 24 and key:sub(1, 12) or "") .. "..."
    end))
end

-- The same for a value of any shape; a new table for a table.
local function redact_all(value, secrets)
  if type(value) == "string" then return redact(value, secrets) end
  if type(value) ~= "table" then return value end
  local shown = core.is_array(value) and core.array {} or {}
  for name, field in pairs(value) do
    local shown_name = type(name) == "string" and redact(name, secrets) or name
    shown[shown_name] = name == "key" and type(field) == "string" and "..."
      or redact_all(field, secrets)
  end
  return shown
end

-- The request's id is not documented; these are the customary places.
local function request_id(fields)
  local id = fields["x-request-id"] or fields["request-id"] or fields["cf-ray"]
  return id and printable(id)
end

-- The service's error body, if this is one: code, message, details.
local function read_error_body(body)
  local value = core.decode(body)
  if type(value) ~= "table" or core.is_array(value) then return {} end
  return {
    code = type(value.code) == "string" and value.code or nil,
    message = type(value.message) == "string" and value.message or nil,
    details = value.details,
  }
end

-- A response reads its headers when somebody asks for them, which is seldom; so it costs little.
local Response = {}

local unread = setmetatable({}, { __mode = "k" }) -- of each response: its result

local function read_headers(response)
  local result = unread[response]
  if not result then return end
  unread[response] = nil
  local fields = headers.received(result.headers)
  for name, value in pairs(fields) do fields[name] = conceal(value, result.secrets) end
  response.headers, response.request_id = fields, request_id(fields)
end

function Response:__index(name)
  if name ~= "headers" and name ~= "request_id" then return nil end
  read_headers(self)
  return rawget(self, name)
end

function Response:__pairs()
  read_headers(self)
  return next, self
end

local function new_response(result, about)
  local response = setmetatable({
    status = result.status,
    attempts = about.attempts,
    elapsed = about.elapsed,
  }, Response)
  if result.head then result.head = conceal(result.head, about.secrets) end
  result.secrets = about.secrets
  unread[response] = result
  return response
end

local function failure(call, result, response, about, kind, message, body)
  body = body or {}
  local status = result.status > 0 and result.status or nil
  local secrets = about.secrets
  return nil, errors.new {
    kind = kind,
    message = redact(body.message or message, secrets),
    status = status,
    code = body.code and redact(body.code, secrets),
    details = redact_all(body.details, secrets),
    request_id = response.request_id and redact(response.request_id, secrets),
    headers = headers.received(redact_all(response.headers, secrets)),
    body = status and redact(result.body, secrets):sub(1, BODY_SHOWN) or nil,
    method = call.method,
    path = call.template,
    attempts = response.attempts,
    retryable = retry.is_retryable(result),
    maybe_applied = about.maybe_applied or false,
  }
end

-- A status that says no says more than that the rest of its body is missing; a time-out and a
-- cancellation are the caller's own limits and come first.
local function failure_of_wire(result)
  if not result.failure then return nil end
  local refused = result.status >= 300 and result.failure == "invalid_response"
  return not refused and result.failure or nil
end

--- Reads a result.
-- @tparam table call
-- @tparam table result of the last attempt
-- @tparam table about {attempts =, elapsed = seconds, maybe_applied = by any of the attempts,
--   secrets = a list of what an error must not show}
-- @return value, nil, response, text of the body | nil, error
function answer.read(call, result, about)
  local response = new_response(result, about)
  local wire = failure_of_wire(result)
  if wire then return failure(call, result, response, about, wire, result.message) end
  if result.status < 200 or result.status > 299 then
    local kind = errors.kind_of_status(result.status)
    local message = kind == "redirect" and "redirects are not followed: the key would travel along"
      or ("the server answered %d"):format(result.status)
    return failure(call, result, response, about, kind, message, read_error_body(result.body))
  end
  if result.status == 204 then return nil, nil, response end
  local value, wrong = core.decode(result.body)
  if wrong then
    local kind = response.headers["content-type"] or "no content-type"
    return failure(call, result, response, about, "invalid_response",
      ("the answer is not JSON (%s): %s"):format(kind, wrong))
  end
  local text = result.body
  result.body = nil -- which the response would keep
  return value, nil, response, text
end

--- An error for a call that is not made, or not once more.
-- @tparam string kind "cancelled" or "timeout"
-- @tparam table about as for `read`
function answer.unsent(call, kind, message, about)
  local result = { status = 0, headers = {}, body = "", failure = kind, message = message }
  result.transient = kind == "timeout"
  return answer.read(call, result, about)
end

--- An error for an answer that can be read and yet makes no sense.
function answer.reject(call, response, text, message)
  local result = { status = response.status, headers = response.headers, body = text or "" }
  local _, err = failure(call, result, response, { secrets = {} }, "invalid_response", message)
  err.retryable = false
  return nil, err
end

return answer
