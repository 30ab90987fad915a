-- SPDX-License-Identifier: MIT
-- A transport (transport.lua) to an object in this process that answers
-- `object:handle(method, path, query, headers, body) -> status, headers, body`, as the emulator
-- does. A fourth result says what the wire would do: `{drop = true}`, `{truncate = bytes}` or
-- `{latency = seconds}`. An object with a `clock` has all waits on that, which is moved on to their
-- ends (own_time.lua); without one a latency is not waited for, and other waits take their time.

local ascii = require "boltz.ascii"
local core = require "boltz.core"
local Ended = require "boltz.wait.ended"
local OwnTime = require "boltz.wait.own_time"
local Transport = require "boltz.wait.transport"
local bounds = require "boltz.wait.bounds"
local caller = require "boltz.check.caller"
local message = require "boltz.check.message"
local sanitize = require "boltz.check.sanitize"
local tables = require "boltz.tables"

local InProcess = {}
InProcess.__index = InProcess

--- Makes one.
-- @tparam table object that answers
-- @tparam function host_of gives the host (host.lua) in which the caller is
function InProcess.new(object, host_of)
  local own = object.clock and OwnTime.new(object.clock)
  return setmetatable({
    _object = object,
    _host_of = host_of,
    _waiting = own,
    _own_time = own,
    clock = own and own.clock, -- for the session
  }, InProcess)
end

-- What waits between attempts, in real time. From the first such wait on, as it takes descriptors:
-- a program's tests make many clients, and most of them never wait.
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

local SHAPE = "the transport's 'handle' returns status, headers, body: expected %s, got %s"

-- An object that answers in another shape is a mistake in the program.
local function refuse(expected, value)
  caller.raise(SHAPE:format(expected, message.describe(value)))
end

local function is_text(value)
  return type(value) == "string" or type(value) == "number"
end

local function refuse_header(name, value)
  refuse(("text, or a list of texts, as the header '%s'"):format(sanitize(tostring(name))), value)
end

-- A header's value as one text.
local function joined(name, value)
  if type(value) ~= "table" then
    if not is_text(value) and type(value) ~= "boolean" then refuse_header(name, value) end
    return tostring(value)
  end
  for _, each in ipairs(value) do
    if not is_text(each) then refuse_header(name, each) end
  end
  return table.concat(value, ", ")
end

-- The fields of an answer as libcurl hands them over: without blanks around a value, and of
-- several values one text.
local function received_fields(given)
  local fields = {}
  for name, value in tables.each(given or {}) do
    fields[ascii.lower(tostring(name))] = ascii.trim(joined(name, value))
  end
  return fields
end

function InProcess:_answer(attempt)
  local path, query = split(attempt.url)
  local status, received, body, wire = self._object:handle(attempt.method, path, query,
    sent_fields(attempt.headers), attempt.body)
  if type(status) ~= "number" then refuse("a number as status", status) end
  if received ~= nil and type(received) ~= "table" then
    refuse("a table as headers", received)
  elseif body ~= nil and type(body) ~= "string" then
    refuse("text as body", body)
  elseif wire ~= nil and type(wire) ~= "table" then
    refuse("a table as what the wire does", wire)
  end
  return { status = status, headers = received_fields(received), body = body or "", sent = true,
    elapsed = 0 }, wire or {}
end

-- What the wire does to an answer before any of it is there; nil: nothing.
local function lose(result, wire, timeout)
  local late = wire.latency and wire.latency > timeout
  if not (wire.drop or late) then return nil end
  result.status, result.headers, result.body = 0, {}, ""
  if wire.drop then
    return failed(result, "connection", "the connection was dropped without an answer", true)
  end
  return failed(result, "timeout", "the answer took longer than the timeout", true)
end

-- Holds an answer to its bounds; nil: it is within them.
local function bound(result, most)
  local problem
  if not bounds.is_status(result.status) then
    result.status, result.headers, result.body = 0, {}, ""
    problem = "the answer's status line is malformed"
  else
    problem = bounds.head_problem(result.headers)
    if problem then result.headers, result.body = {}, "" end
  end
  if not problem then
    result.body, problem = bounds.body(result.status, result.body, most)
  end
  return problem and failed(result, "invalid_response", problem, false)
end

-- What becomes of an answer on its way.
local function carry(result, wire, attempt, timeout)
  if wire.truncate then result.body = result.body:sub(1, wire.truncate) end
  local ended = lose(result, wire, timeout) or bound(result, attempt.max_response_bytes)
  if ended or not wire.truncate then return ended or result end
  return failed(result, "invalid_response", "the answer was cut short", true)
end

function InProcess.cannot_wait() return nil end

-- Without a clock the answer is there at once, whatever time it would have taken.
function InProcess:start(attempt, timeout)
  local result, wire = self:_answer(attempt)
  local own = self._own_time
  if not own then return Ended.new(carry(result, wire, attempt, timeout)) end
  return own:late(carry(result, wire, attempt, math.huge), wire.latency or 0)
end

function InProcess:finish(transfer, ...)
  if self._own_time then return self._own_time:finish(transfer, ...) end
  return transfer:result()
end

function InProcess:sleep(...) return self:_transport():sleep(...) end

function InProcess:wait(waiter) self:_transport():wait(waiter) end

function InProcess.nudge() end

function InProcess:wake()
  if self._waiting then self._waiting:wake() end
end

function InProcess:release()
  if self._waiting then self._waiting:release() end
end

return InProcess
