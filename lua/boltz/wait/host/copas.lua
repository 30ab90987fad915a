-- SPDX-License-Identifier: MIT
-- Inside copas, whose scheduler selects on luasocket's objects: a waiter gives it one that has the
-- engine's descriptor. luasocket knows one object a descriptor; but before it selects it asks each
-- whether it is `dirty`, that is, has something to be read without looking at the descriptor.

local copas = require "copas"
local sleep = require "boltz.wait.host.sleep"

local Socket = {}
Socket.__index = Socket

function Socket:getfd() return self._descriptor end
function Socket:dirty() return self._waiter:is_over() end
function Socket.close() end -- copas closes the last socket of a thread that ends

-- What copas.receive calls until it brings something.
function Socket:receive()
  if self._was_selected then return "" end
  self._was_selected = true
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
  for waiter in pairs(waiters) do left = math.min(left, waiter:left()) end
  if left < math.huge then engine:wake(left) end
end

return {
  yields = true,

  wait = function(engine, waiter)
    local descriptor = engine:pollfd()
    if not descriptor then return looking_again.wait(engine, waiter) end
    local waiters = waiters_at(engine)
    waiters[waiter] = true
    while not waiter:is_over() do
      set_alarm(engine, waiters)
      copas.receive(setmetatable({ _descriptor = descriptor, _waiter = waiter }, Socket))
      engine:step()
    end
    waiters[waiter] = nil
    set_alarm(engine, waiters)
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
