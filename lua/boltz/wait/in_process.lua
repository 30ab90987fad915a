-- SPDX-License-Identifier: MIT
-- A transport (transport.lua) to an object in this process that answers
-- `object:handle(method, path, query, headers, body) -> status, headers, body`, as the emulator
-- does. A fourth result says what the wire would do: `{drop = true}`, `{truncate = bytes}` or
-- `{latency = seconds}`, which is not waited for.

local ascii = require "boltz.ascii"
local core = require "boltz.core"
local Ended = require "boltz.wait.ended"
local Transport = require "boltz.wait.transport"
local message = require "boltz.check.message"

local InProcess = {}
InProcess.__index = InProcess

--- Makes one.
-- @tparam table object that answers
-- @tparam function host_of gives the host (host.lua) in which the caller is
function InProcess.new(object, host_of)
  return setmetatable({ _object = object, _host_of = host_of, _waiting = nil }, InProcess)
end

-- What waits between attempts. From the first such wait on, as it takes descriptors: a program's
-- tests make many clients, and most of them never wait.
function InProcess:_transport()
  self._waiting = self._waiting or Transport.new(self._host_of)
  return self._waiting
end

local function failed(result, failure, text, transient)
  result.failure, result.message, result.transient = failure, text, transient
  return result
end

local function split(url)
  return url:match("^[A-Za-z]+://[^/?]*([^?]*)%??(.*)$")
end

-- The fields as they would arrive.
local function sent_fields(list)
  local fields = {}
  for i = 1, #list, 2 do
    local value = list[i + 1]
    if value then
      fields[ascii.lower(list[i])] = type(value) == "string" and value or core.reveal(value)
    end
  end
  return fields
end

function InProcess:_answer(attempt)
  local path, query = split(attempt.url)
  local status, received, body, wire = self._object:handle(attempt.method, path, query,
    sent_fields(attempt.headers), attempt.body)
  if type(status) ~= "number" then
    error("the transport's 'handle' returned no status, but " .. message.describe(status), 0)
  end
  local fields = {}
  for name, value in pairs(received or {}) do
    fields[ascii.lower(tostring(name))] = tostring(value)
  end
  return { status = status, headers = fields, body = body or "", sent = true, elapsed = 0 },
    wire or {}
end

-- What becomes of an answer on its way.
local function carry(result, wire, attempt, timeout)
  local late = wire.latency and wire.latency > timeout
  if wire.drop or late then
    result.status, result.headers, result.body = 0, {}, ""
    if wire.drop then
      return failed(result, "connection", "the connection was dropped without an answer", true)
    end
    return failed(result, "timeout", "the answer took longer than the timeout", true)
  elseif wire.truncate then
    result.body = result.body:sub(1, wire.truncate)
    return failed(result, "invalid_response", "the answer was cut short", true)
  elseif #result.body > attempt.max_response_bytes then
    result.body = ""
    return failed(result, "invalid_response", "the answer is larger than max_response_bytes", false)
  end
  return result
end

function InProcess.cannot_wait() return nil end

-- The answer is there at once, whatever time it would have taken.
function InProcess:start(attempt, timeout)
  local result, wire = self:_answer(attempt)
  return Ended.new(carry(result, wire, attempt, timeout))
end

function InProcess.finish(_, transfer) return transfer:result() end

function InProcess:sleep(...) self:_transport():sleep(...) end

function InProcess:wait(waiter) self:_transport():wait(waiter) end

function InProcess.nudge() end

function InProcess:wake()
  if self._waiting then self._waiting:wake() end
end

function InProcess:close()
  if self._waiting then self._waiting:close() end
end

return InProcess
