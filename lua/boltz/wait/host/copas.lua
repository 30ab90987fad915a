-- SPDX-License-Identifier: MIT
-- Inside copas, whose scheduler selects on luasocket's objects: a waiter gives it one that has the
-- engine's descriptor. luasocket knows one object a descriptor; but before it selects it asks each
-- whether it is `dirty`, that is, has something to be read without looking at the descriptor.

local copas = require "copas"
local nested = require "boltz.wait.nested"
local sleep = require "boltz.wait.host.sleep"
local tables = require "boltz.tables"

local Socket = {}
local SOCKET = nested.metatable(Socket)

function Socket.new(descriptor, waiter)
  return setmetatable({
    _descriptor = descriptor,
    _waiter = waiter,
    _was_yielded = false,
    _was_selected = false,
  }, SOCKET)
end

function Socket:getfd()
  self._was_selected = true
  return self._descriptor
end

function Socket:dirty() return self._waiter:is_over() end
function Socket.close() end -- copas closes the last socket of a thread that ends

-- What copas.receive calls until it brings something.
function Socket:receive()
  if self._was_selected then return "" end
  if self._was_yielded then return nil, "resumed by other than copas" end
  self._was_yielded = true
  return nil, "timeout"
end

-- For a build without epoll.
local timer = copas.pause or copas.sleep
local looking_again = timer and sleep(timer)

local waiters_of = setmetatable({}, { __mode = "k" }) -- each engine

local function waiters_at(engine)
  if not waiters_of[engine] then waiters_of[engine] = setmetatable({}, { __mode = "k" }) end
  return waiters_of[engine]
end

-- Has the descriptor become readable when the first of those that wait has waited long enough.
local function set_alarm(engine, waiters)
  local left = math.huge
  for waiter in tables.each(waiters) do left = math.min(left, waiter:left()) end
  if left < math.huge then engine:wake(left) end
end

return {
  yields = true,

  wait = function(engine, waiter)
    local descriptor = engine:pollfd()
    if not descriptor then return looking_again.wait(engine, waiter) end
    local waiters = waiters_at(engine)
    waiters[waiter] = true
    local is_selected = true
    while is_selected and not waiter:is_over() do
      set_alarm(engine, waiters)
      is_selected = copas.receive(Socket.new(descriptor, waiter))
      engine:step()
    end
    waiters[waiter] = nil
    set_alarm(engine, waiters)
    if not is_selected then nested.refuse() end
  end,

  cannot_wait = function(engine)
    local running, is_main = coroutine.running()
    if not running or is_main then
      return "nothing can wait outside of copas's threads: make the call in one "
        .. [[(copas.addthread), or by a client with the option loop = "blocking"]]
    elseif not timer and not engine:pollfd() then
      return "this build of boltz has no descriptor to watch, and this copas no timer"
    end
  end,
}
