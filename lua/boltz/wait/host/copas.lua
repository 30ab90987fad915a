-- SPDX-License-Identifier: MIT
-- Inside copas, whose scheduler selects on luasocket's objects: who waits gives it one that has the
-- engine's descriptor. luasocket knows one object a descriptor; but before it selects it asks each
-- whether it is `dirty`, that is, has something to be read without looking at the descriptor.

local copas = require "copas"
local sleep = require "boltz.wait.host.sleep"

local Socket = {}
Socket.__index = Socket

function Socket:getfd() return self._descriptor end
function Socket:dirty() return self._wait:is_over() end
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

-- Of each engine: who waits.
local crowds = setmetatable({}, { __mode = "k" })

local function crowd_of(engine)
  if not crowds[engine] then crowds[engine] = setmetatable({}, { __mode = "k" }) end
  return crowds[engine]
end

-- Has the descriptor become readable when the first of those that wait has waited long enough.
local function set_alarm(engine, crowd)
  local left = math.huge
  for wait in pairs(crowd) do left = math.min(left, wait:left()) end
  if left < math.huge then engine:wake(left) end
end

return {
  yields = true,

  wait = function(engine, wait)
    local descriptor = engine:pollfd()
    if not descriptor then return looking_again.wait(engine, wait) end
    local crowd = crowd_of(engine)
    crowd[wait] = true
    while not wait:is_over() do
      set_alarm(engine, crowd)
      copas.receive(setmetatable({ _descriptor = descriptor, _wait = wait }, Socket))
      engine:step()
    end
    crowd[wait] = nil
    set_alarm(engine, crowd)
  end,

  obstacle = function(engine)
    local running, is_main = coroutine.running()
    if not running or is_main then
      return "nothing can wait outside of copas's threads: make the call in one "
        .. [[(copas.addthread), or by a client with the option loop = "blocking"]]
    elseif not timer and not engine:pollfd() then
      return "this build of boltz has no descriptor to watch, and this copas no timer"
    end
  end,
}
