-- SPDX-License-Identifier: MIT
-- A transport carries attempts. What it starts is a transfer, of csrc/lua/transfer.c or with the
-- same methods `done`, `result`, `expire_in` and `cancel`. This one goes over libcurl; the other is
-- in_process.lua.
--
--   transport:cannot_wait() -> why nothing can be waited for here and now, or nil
--   transport:start(attempt, timeout) -> transfer   under way as far as that needs no waiting
--   transport:finish(transfer, timeout, [deadline]) -> result   waits for it, `timeout` seconds
--                                                   from now, which never go beyond `deadline`
--   transport:sleep(seconds, [condition, user, cancel])   waits, or until condition({user =, ...});
--                                                   cancel({user =, ...}): its caller has gone
--                                                   -> nil, or why nothing can wait
--   transport:nudge()                               lets transfers go on while nothing waits
--   transport:wake()                                its waiters look whether they are over
--   transport:wait(waiter)                          the host's waiting, for task.lua
--   transport:release()                             frees at once what no call uses
--
-- An attempt is what request/attempt.lua builds, a result what `transfer:result()` returns; with
-- `may_go_at_once` where it failed and what stood in its way has been cleared.

local core = require "boltz.core"
local Ended = require "boltz.wait.ended"
local engines = require "boltz.wait.engines"
local task = require "boltz.wait.task"

local BELOW_C = "nothing can wait below a C function such as string.gsub or table.sort: make the "
  .. "call outside of it"

local Transport = {}
Transport.__index = Transport

--- Makes one. Its engine, with the connections, is made when it is first needed.
-- @tparam function host_of gives the host (host.lua) in which the caller is
function Transport.new(host_of)
  return setmetatable({
    _host_of = host_of,
    _engine = nil,
    _is_released = nil, -- and something was under way, or waited, which went by the engine
    _waiters = setmetatable({}, { __mode = "k" }), -- one that is killed waits until it is collected
  }, Transport)
end

-- Returns nil and why if none can be made.
function Transport:_engine_for_use()
  if self._engine then return self._engine end
  local reason
  self._engine, reason = engines.new()
  return self._engine, reason
end

function Transport:cannot_wait()
  local host = self._host_of()
  if host.yields and task.is_below_c() then return BELOW_C end
  local engine = host.cannot_wait and self:_engine_for_use()
  return engine and host.cannot_wait(engine) or nil
end

-- A transfer that could not be started.
local function unstarted(reason)
  return Ended.new { status = 0, headers = {}, body = "", sent = false, elapsed = 0,
    failure = "connection", message = reason, transient = true }
end

function Transport:start(attempt)
  local engine, reason = self:_engine_for_use()
  if not engine then return unstarted(reason) end
  local transfer
  transfer, reason = engines.insist(engine.start, engine, attempt)
  return transfer or unstarted(reason)
end

local function is_done(waiter) return waiter.transfer:done() end
local function cancel(waiter) waiter.transfer:cancel() end

function Transport:finish(transfer, timeout, deadline)
  if transfer:done() then
    task.give_way()
  else
    transfer:expire_in(timeout, deadline)
    local host = self._host_of()
    if host.finish and not task.current() then
      self:_finish_alone(host, transfer)
    else
      task.wait { condition = is_done, cancel = cancel, transfer = transfer, transport = self }
    end
  end
  local result = transfer:result()
  if result and result.failure == "connection" then
    result.may_go_at_once = engines.heed(result.message)
  end
  if self._is_released then self:_let_go() end -- it may have ended while nothing waited
  return result
end

-- As task.wait does it, with less to do where there are no tasks to take turns with.
function Transport:_finish_alone(host, transfer)
  self._waiters[transfer] = true
  local done, raised = pcall(host.finish, self._engine, transfer)
  if not done then transfer:cancel() end
  self:_end_wait(host, transfer)
  if not done then error(raised, 0) end
end

local function never() return false end

function Transport:sleep(seconds, condition, user, when_cancelled)
  local engine, reason = self:_engine_for_use()
  if not engine then return reason end
  task.wait {
    condition = condition or never,
    cancel = when_cancelled,
    user = user,
    ends = core.now() + seconds,
    transport = self,
  }
end

function Transport:nudge()
  if self._engine then self._engine:nudge() end
end

-- While something waits, a host may watch the engine's descriptor; so the last to go lets it go.
-- This is a set because HAProxy interrupts Lua between any two instructions, also those of an
-- addition.
function Transport:wait(waiter)
  local engine, reason = self:_engine_for_use()
  if not engine then error(reason, 0) end
  self._waiters[waiter] = true
  local host = self._host_of()
  host.wait(engine, waiter)
  self:_end_wait(host, waiter)
end

function Transport:_end_wait(host, waiter)
  local waiters = self._waiters
  waiters[waiter] = nil
  if self._is_released then self:_let_go() end
  if next(waiters) ~= nil and host.wakes_others == false then self._engine:wake() end
end

function Transport:wake()
  if self._engine then self._engine:wake() end
end

-- The connections go before the engine where something waits that uses none, say for its next
-- attempt.
function Transport:_let_go()
  local engine = self._engine
  if not engine:disconnect() or next(self._waiters) ~= nil then return end
  self._engine, self._is_released = nil, nil
  local forget = self._host_of().forget
  if forget then forget(engine) end
  engine:close()
end

--- Frees the connections and other descriptors at once; but while transfers are under way, when
-- the last of them has ended. What is used after that has new ones.
function Transport:release()
  if not self._engine then return end
  self._engine:wake()
  self._is_released = true
  self:_let_go()
end

return Transport
