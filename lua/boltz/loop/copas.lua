-- SPDX-License-Identifier: MIT
-- Inside copas, whose scheduler selects on luasocket's objects: who waits gives it one that has the
-- engine's descriptor. luasocket knows one object a descriptor; but before it selects it asks each
-- whether it is `dirty`, that is, has something to be read without looking at the descriptor.

local copas = require "copas"
local sleep = require "boltz.loop.sleep"

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

-- For a build without epoll. Copas has a timer since version 2.
local looking_again = sleep(copas.pause or copas.sleep)

return {
  yields = true,

  wait = function(engine, wait)
    local descriptor = engine:pollfd()
    if not descriptor then return looking_again.wait(engine, wait) end
    while not wait:is_over() do
      if wait.ends < math.huge then engine:wake(wait:left()) end
      copas.receive(setmetatable({ _descriptor = descriptor, _wait = wait }, Socket))
      engine:step()
    end
  end,
}
