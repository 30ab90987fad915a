-- SPDX-License-Identifier: MIT
-- Clients of the servers of support/wire.lua, which a spec ends together with these.
--
--   after_each(clients.stop_all)
--   local client = clients.of(wire.start(servers.HOLD), { max_retries = 1 })

local boltz = require "boltz"
local stub = require "support.stub"
local wire = require "support.wire"

local clients = {}

local open = {}

--- Closes a client at the end of the spec, whatever has become of it until then.
-- @return the client
function clients.keep(client)
  open[#open + 1] = client
  return client
end

--- A client of a server, which makes one attempt.
-- @param server of `wire.start`
-- @param options[opt] of the client
function clients.of(server, options)
  local given = {
    api_key = stub.KEY,
    base_url = server.url,
    timeout = 20, -- seconds: for a spec that fails
    max_retries = 0,
  }
  for name, value in pairs(options or {}) do given[name] = value end
  if not given.logger then given.log_level = given.log_level or "error" end -- no warnings
  return clients.keep(boltz.new(given))
end

--- Closes the clients and ends the servers.
function clients.stop_all()
  for _, client in ipairs(open) do client:close() end
  open = {}
  wire.stop_all()
end

return clients
