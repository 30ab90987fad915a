-- SPDX-License-Identifier: MIT
-- Takes the waiting out of a client's retries: its clock jumps over each wait, and the waits are
-- noted. An attempt itself takes the time that it takes.
--
--   local waits = patience.skip(client)
--   client.workspaces:retrieve("ws_1")
--   waits[1], waits[2]   seconds

local core = require "boltz.core"

local patience = {}

--- The clock that a spec turns by waiting: `wall` stands at the time of RFC 9110's examples.
patience.WALL = 784111777 -- Sun, 06 Nov 1994 08:49:37 GMT

--- Makes a client wait for nothing.
-- @tparam table client
-- @tparam[opt] table clock to replace parts of: `now`, `wall`, `random`
-- @treturn {number,...} the waits, as they come
function patience.skip(client, clock)
  local session, waits, slept = client._user.session, {}, 0
  clock = clock or {}
  local now = clock.now or core.now
  session.clock = {
    now = function() return now() + slept end,
    wall = clock.wall or function() return patience.WALL + slept end,
    random = clock.random or function() return 0 end,
  }
  session.transport.sleep = function(_, seconds)
    slept = slept + seconds
    waits[#waits + 1] = seconds
  end
  return waits
end

return patience
