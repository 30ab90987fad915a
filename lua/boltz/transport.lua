-- SPDX-License-Identifier: MIT
-- A transport carries one attempt: `transport:attempt(request) -> result`; it waits between two,
-- `transport:sleep(seconds)`, and ends, `transport:close()`.
-- Request and result are the tables of csrc/transfer.h and of `transfer:result()`.

local core = require "boltz.core"
local schema = require "boltz.schema"

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
  -- A hook that raises, as Ctrl-C or a host's time limit does, must not leave the request behind to
  -- be sent when the engine is stepped next.
  local done, problem = pcall(function()
    while not engine:wait(transfer, SLICE) do end
  end)
  if not done then
    transfer:cancel()
    error(problem, 0)
  end
  return transfer:result()
end

function Engine:sleep(seconds)
  local ends = core.now() + seconds
  repeat
    local left = ends - core.now()
    self._engine:wait(nil, math.max(0, math.min(left, SLICE)))
  until left <= SLICE
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
  return setmetatable({ _object = object, _engine = core.engine() }, InProcess)
end

local function failed(result, failure, message, transient)
  result.failure, result.message, result.transient = failure, message, transient
  return result
end

function InProcess:attempt(request)
  local path, query = request.url:match("^%a+://[^/?]*([^?]*)%??(.*)$")
  local sent = {}
  for i = 1, #request.headers, 2 do
    local value = request.headers[i + 1]
    if value then
      sent[request.headers[i]:lower()] = type(value) == "string" and value or core.reveal(value)
    end
  end
  local status, received, body, wire =
    self._object:handle(request.method, path, query, sent, request.body)
  if type(status) ~= "number" then
    error("the transport's 'handle' returned no status, but " .. schema.describe(status), 0)
  end
  local fields = {}
  for name, value in pairs(received or {}) do fields[tostring(name):lower()] = tostring(value) end
  local result = { status = status, headers = fields, body = body or "", sent = true, elapsed = 0 }
  wire = wire or {}
  local late = wire.latency and wire.latency > request.timeout
  if wire.drop or late then
    result.status, result.headers, result.body = 0, {}, ""
    if wire.drop then
      return failed(result, "connection", "the connection was dropped without an answer", true)
    end
    return failed(result, "timeout", "the answer took longer than the timeout", true)
  elseif wire.truncate then
    result.body = result.body:sub(1, wire.truncate)
    return failed(result, "invalid_response", "the answer was cut short", true)
  elseif #result.body > request.max_response_bytes then
    result.body = ""
    return failed(result, "invalid_response", "the answer is larger than max_response_bytes", false)
  end
  return result
end

InProcess.sleep = Engine.sleep
InProcess.close = Engine.close

return transport
