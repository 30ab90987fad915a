-- SPDX-License-Identifier: MIT
-- A transport carries attempts. What it starts is a transfer, of csrc/transfer.c or with the same
-- methods `done`, `result`, `expire_in` and `cancel`.
--
--   transport:obstacle() -> why nothing can be waited for here and now, or nil
--   transport:start(request, timeout) -> transfer   under way as far as that needs no waiting
--   transport:finish(transfer, timeout) -> result   waits for it, `timeout` seconds from now
--   transport:sleep(seconds, [condition, client])   waits, or until condition({client =, ...})
--   transport:nudge()                               lets transfers go on while nobody waits
--   transport:wake()                                those who wait look whether it is over
--   transport:wait(wait)                            the host's waiting, for task.lua
--   transport:close()
--
-- Request and result are the tables of csrc/transfer.h and of `transfer:result()`.

local core = require "boltz.core"
local schema = require "boltz.check.schema"
local task = require "boltz.wait.task"

local transport = {}

local Ended = {}
Ended.__index = Ended

-- A transfer that has ended before anybody waited for it.
local function ended(result)
  return setmetatable({ _result = result }, Ended)
end

function Ended.done() return true end
function Ended.expire_in() end
function Ended.cancel() end
function Ended:result() return self._result end

local BELOW_C = "nothing can wait below a C function such as string.gsub or table.sort: make the "
  .. "call outside of it"

local Engine = {}
Engine.__index = Engine

local function new(class, loop)
  return setmetatable({
    _loop = loop,
    _waits = setmetatable({}, { __mode = "k" }), -- who is killed waits until it is collected
  }, class)
end

--- Over libcurl; the connections of one client and its copies.
-- @tparam function loop gives the loop (loop.lua) of the host
function transport.over_engine(loop)
  local self = new(Engine, loop)
  self._engine = core.engine()
  return self
end

function Engine:obstacle()
  local loop = self._loop()
  if loop.yields and task.is_below_c() then return BELOW_C end
  return loop.obstacle and loop.obstacle(self._engine)
end

function Engine:start(request)
  return self._engine:start(request)
end

local function is_done(wait) return wait.transfer:done() end
local function cancel(wait) wait.transfer:cancel() end

function Engine:finish(transfer, timeout)
  if not transfer:done() then
    transfer:expire_in(timeout)
    local loop = self._loop()
    if loop.finish and not task.current() then
      self:_finish_alone(loop, transfer)
    else
      task.wait { condition = is_done, cancel = cancel, transfer = transfer, transport = self }
    end
  end
  return transfer:result()
end

-- As task.wait does it, with less to do where there is nobody to take turns with.
function Engine:_finish_alone(loop, transfer)
  self._waits[transfer] = true
  local done, problem = pcall(loop.finish, self._engine, transfer)
  if not done then transfer:cancel() end
  self:_end_wait(loop, transfer)
  if not done then error(problem, 0) end
end

local function never() return false end

function Engine:sleep(seconds, condition, client)
  task.wait {
    condition = condition or never,
    client = client,
    ends = core.now() + seconds,
    transport = self,
  }
end

function Engine:nudge()
  self._engine:nudge()
end

-- While somebody waits, a host may watch the engine's descriptor; so who goes last closes it. This
-- is a set because HAProxy interrupts Lua between any two instructions, also those of an addition.
function Engine:wait(wait)
  self._waits[wait] = true
  local loop = self._loop()
  loop.wait(self._engine, wait)
  self:_end_wait(loop, wait)
end

function Engine:_end_wait(loop, wait)
  self._waits[wait] = nil
  if next(self._waits) == nil then
    if self._closed then self:_close() end
  elseif loop.wakes_others == false then
    self._engine:wake()
  end
end

function Engine:wake()
  if not self._closed then self._engine:wake() end
end

function Engine:_close()
  local forget = self._loop().forget
  if forget then forget(self._engine) end
  self._engine:close()
end

function Engine:close()
  self:wake()
  self._closed = true
  if next(self._waits) == nil then self:_close() end
end

local InProcess = setmetatable({}, { __index = Engine })

-- It has an engine from the first wait on, as an engine takes descriptors: a program's tests make
-- many clients, and most of them never wait.
function InProcess:__index(name)
  if name ~= "_engine" then return InProcess[name] end
  self._engine = core.engine()
  return self._engine
end

function InProcess:wake()
  if rawget(self, "_engine") then Engine.wake(self) end
end

function InProcess:_close()
  if rawget(self, "_engine") then Engine._close(self) end
end

--- To an object in this process that answers
-- `object:handle(method, path, query, headers, body) -> status, headers, body`, as the emulator
-- does. A fourth result says what the wire would do: `{drop = true}`, `{truncate = bytes}` or
-- `{latency = seconds}`, which is not waited for.
function transport.in_process(object, loop)
  local self = new(InProcess, loop)
  self._object = object
  return self
end

local function failed(result, failure, message, transient)
  result.failure, result.message, result.transient = failure, message, transient
  return result
end

function InProcess.obstacle() return nil end

-- The answer is there at once, whatever time it would have taken.
function InProcess:start(request, timeout)
  return ended(self:_exchange(request, timeout))
end

function InProcess:_exchange(request, timeout)
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
  elseif #result.body > request.max_response_bytes then
    result.body = ""
    return failed(result, "invalid_response", "the answer is larger than max_response_bytes", false)
  end
  return result
end

return transport
