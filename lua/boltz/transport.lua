-- SPDX-License-Identifier: MIT
-- A transport carries one attempt: `transport:attempt(request) -> result`, `transport:close()`.
-- Request and result are the tables of csrc/transfer.h and of `transfer:result()`.

local core = require "boltz.core"

local transport = {}

-- How long one wait in C may take: between two, Lua's hooks run, and with them Ctrl-C in lua5.4.
local SLICE = 0.1 -- seconds

local Engine = {}
Engine.__index = Engine

--- Over libcurl; the connections of one client and its copies.
function transport.over_engine()
  return setmetatable({ _engine = core.engine() }, Engine)
end

function Engine:attempt(request)
  local engine = self._engine
  local transfer = engine:start(request)
  while not engine:wait(transfer, SLICE) do end
  return transfer:result()
end

function Engine:close()
  self._engine:close()
end

local InProcess = {}
InProcess.__index = InProcess

--- To an object in this process that answers
-- `object:handle(method, path, query, headers, body) -> status, headers, body`, as the emulator
-- does. A fourth result says what the wire would do: `{drop = true}`, `{truncate = bytes}` or
-- `{latency = seconds}`, which is not waited for.
function transport.in_process(object)
  return setmetatable({ _object = object }, InProcess)
end

local function failed(failure, message, result)
  result.failure, result.message = failure, message
  return result
end

function InProcess:attempt(request)
  local path, query = request.url:match("^%a+://[^/?]*([^?]*)%??(.*)$")
  local sent = {}
  for i = 1, #request.headers, 2 do
    local value = request.headers[i + 1]
    sent[request.headers[i]:lower()] = type(value) == "string" and value or core.reveal(value)
  end
  local status, received, body, wire =
    self._object:handle(request.method, path, query, sent, request.body)
  local fields = {}
  for name, value in pairs(received or {}) do fields[name:lower()] = tostring(value) end
  local result = { status = status, headers = fields, body = body or "", sent = true, elapsed = 0 }
  if wire and wire.drop then
    result.status, result.headers, result.body = 0, {}, ""
    return failed("connection", "the connection was dropped without an answer", result)
  elseif wire and wire.latency and wire.latency > request.timeout then
    result.status, result.headers, result.body = 0, {}, ""
    return failed("timeout", "the answer took longer than the timeout", result)
  elseif wire and wire.truncate then
    result.body = result.body:sub(1, wire.truncate)
    return failed("invalid_response", "the answer was cut short", result)
  elseif #result.body > request.max_response_bytes then
    result.body = ""
    return failed("invalid_response", "the answer is larger than max_response_bytes", result)
  end
  return result
end

function InProcess:close()
  self._object = nil
end

return transport
