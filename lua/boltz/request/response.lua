-- SPDX-License-Identifier: MIT
-- What the result of an attempt means: a value with its response, or an error.

local caller = require "boltz.check.caller"
local core = require "boltz.core"
local error_body = require "boltz.request.error_body"
local errors = require "boltz.request.errors"
local headers = require "boltz.request.headers"
local redact = require "boltz.request.redact"
local retry = require "boltz.request.retry"
local sanitize = require "boltz.check.sanitize"
local tables = require "boltz.tables"

local response = {}

local BODY_SHOWN = 4096 -- bytes of a body that an error keeps
local HEADER_SHOWN = 8 * 1024 -- bytes of a header's value
local PATH_SHOWN = 8 * 1024 -- bytes of a path
local NAMED = 256 -- bytes of what a message names: a path, a type of content

-- The request's id is not documented; these are the customary places.
local function request_id_of(fields)
  local id = fields["x-request-id"] or fields["request-id"] or fields["cf-ray"]
  return id and sanitize(id)
end

-- A response reads its headers when they are asked for, which is seldom; so it costs little.
local Response = {}

local unread = setmetatable({}, { __mode = "k" }) -- of each response: its result
local sent = setmetatable({}, { __mode = "k" }) -- of each that has been read: the secrets

local function read_headers(self)
  local result = unread[self]
  if not result then return end
  unread[self], sent[self] = nil, result.secrets
  local fields = headers.received(result.headers)
  for name, value in tables.each(fields) do
    fields[name] = redact.sent(value:sub(1, HEADER_SHOWN), result.secrets)
  end
  self.headers, self.request_id = fields, request_id_of(fields)
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

-- Before its headers are looked at.
local function conceal_head(result, secrets)
  if result.head then result.head = redact.sent(result.head, secrets) end
end

local function new_response(result, execution)
  local self = setmetatable({
    status = result.status,
    attempts = execution.attempts,
    elapsed = execution.elapsed,
  }, Response)
  conceal_head(result, execution.secrets)
  result.secrets = execution.secrets
  unread[self] = result
  return self
end

-- Without keys, too, which a caller may be told in a response, and no log in an error.
local function shown_headers(fields, secrets)
  local shown = {}
  for name, value in tables.each(fields) do
    shown[redact.text(name, secrets)] = redact.text(value, secrets)
  end
  return headers.received(shown)
end

-- The path as it was sent, without the query.
local function url_path(call, secrets)
  return redact.text((call.base_path .. call.path):sub(1, PATH_SHOWN), secrets)
end

local function failure(call, result, about, execution, kind, text, body)
  body = body or {}
  local status = result.status > 0 and result.status or nil
  local secrets, place = execution.secrets, caller.place()
  return nil, errors.new {
    kind = kind,
    message = redact.text(body.message or text, secrets),
    status = status,
    code = body.code and redact.text(body.code, secrets),
    details = redact.value(body.details, secrets),
    request_id = about.request_id and redact.text(about.request_id, secrets),
    headers = shown_headers(about.headers, secrets),
    body = status and redact.text(result.body:sub(1, BODY_SHOWN), secrets) or nil,
    method = call.method,
    path = call.template,
    url_path = url_path(call, secrets),
    attempts = about.attempts,
    retryable = retry.is_retryable(result),
    maybe_applied = execution.maybe_applied or false,
    where = place and redact.text(place, secrets), -- the name of a chunk may be the chunk itself
    retry_after = execution.retry_after,
    context = call.options.context,
  }
end

-- A status that says no says more than that the rest of its body is missing; a time-out and a
-- cancellation are the caller's own limits and come first.
local function failure_of_wire(result)
  local refused = result.status >= 300 and result.failure == "invalid_response"
  return not refused and result.failure or nil
end

-- What helps where it is a gateway that answers, and not the service.
local function hint(call, status)
  if status == 404 then return ", for the path " .. call.path:sub(1, NAMED) end
  if status == 414 then return "; is a list among the parameters too long for a URL?" end
end

local function refusal(call, result, about, execution)
  local kind, body = errors.kind_of_status(result.status), error_body(result.body)
  local text = kind == "redirect" and "redirects are not followed: the key would travel along"
    or ("the server answered %d"):format(result.status)
  local more = (body.is_html or not body.message) and hint(call, result.status)
  if more then body.message = (body.message or text) .. more end
  return failure(call, result, about, execution, kind, text, body)
end

-- Whether an answer of success has nothing to say, and says so. An empty body that is not announced
-- may as well have been lost on its way.
local function is_without_content(result, about)
  local status = result.status
  if status == 204 or status == 205 then return true end
  return result.body == "" and about.headers["content-length"] == "0"
end

--- Reads a result. A value is never nil: where there is none it is null.
-- @tparam table call
-- @tparam table result of the last attempt
-- @tparam table execution {attempts =, elapsed = seconds, maybe_applied = by any of the attempts,
--   secrets = a list of what an error must not show, max_values = in the JSON of an answer,
--   retry_after = seconds that the server asked for, or nil}
-- @return value, nil, response, text of the body | nil, error
function response.read(call, result, execution)
  local about = new_response(result, execution)
  local wire = result.failure and failure_of_wire(result)
  if wire then return failure(call, result, about, execution, wire, result.message) end
  local status = result.status
  if status < 200 or status > 299 then return refusal(call, result, about, execution) end
  if is_without_content(result, about) then return core.null, nil, about end
  local value, reason, excessive = core.decode(result.body, execution.max_values)
  if excessive then
    return failure(call, result, about, execution, "invalid_response", reason)
  elseif reason then
    local content_type = about.headers["content-type"] or "no content-type"
    return failure(call, result, about, execution, "invalid_response",
      ("the answer is not JSON (%s): %s"):format(content_type:sub(1, NAMED), reason))
  end
  local text = result.body
  result.body = nil -- which the response would keep
  if value == nil then value = core.null end
  return value, nil, about, text
end

--- The request's id in the result of an attempt, or nil.
-- @tparam table result
-- @tparam table secrets a list
function response.request_id(result, secrets)
  conceal_head(result, secrets)
  local id = request_id_of(result.headers)
  return id and redact.text(id:sub(1, HEADER_SHOWN), secrets)
end

--- An error for a call that is not made, or not once more.
-- @tparam string kind "cancelled", "connection", "timeout", "rate_limit" or "read_only"
-- @tparam table execution as for `read`
function response.unsent(call, kind, text, execution)
  local result = { status = 0, headers = {}, body = "", failure = kind, message = text }
  result.transient = kind ~= "cancelled" and kind ~= "read_only"
  return response.read(call, result, execution)
end

--- The error that says what a client would have sent if it did more than to read.
-- @tparam table execution as for `read`
function response.withheld(call, execution)
  local secrets = execution.secrets
  local text = ("%s %s would have been sent")
    :format(call.method, url_path(call, secrets):sub(1, NAMED))
  local _, err = response.unsent(call, "read_only", text, execution)
  err.body = call.body and redact.text(call.body:sub(1, BODY_SHOWN), secrets)
  return nil, err
end

--- An error for an answer that can be read and yet makes no sense.
function response.reject(call, about, body, text)
  local result = { status = about.status, headers = about.headers, body = body or "" }
  local execution = { secrets = sent[about] } -- known since its headers are
  local _, err = failure(call, result, about, execution, "invalid_response", text)
  err.retryable = false
  return nil, err
end

return response
