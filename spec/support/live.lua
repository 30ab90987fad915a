-- SPDX-License-Identifier: MIT
-- A client of bin/boltz-emulator over real sockets.
--
--   for scheme, options in pairs(live.SCHEMES) do
--     local service, client = live.start(options)
--     ...
--     live.stop(service, client)
--   end

local boltz = require "boltz"
local emulator = require "support.emulator"

local live = {
  SCHEMES = { http = {}, https = { tls = true } }, -- HTTP/1.1, and HTTP/2 where TLS negotiates it
}

--- Starts an emulator, and a client with its admin key.
-- @param options[opt] the emulator's
-- @return the emulator of support.emulator, and the client
function live.start(options)
  local service = emulator.start(options)
  return service, live.client(service)
end

--- A client of an emulator.
-- @param changes[opt] options of the client
function live.client(service, changes)
  local options = {
    base_url = service.base_url,
    ca_file = service.ca_file,
    timeout = 30,
    max_retries = 0,
  }
  for name, value in pairs(changes or {}) do options[name] = value end
  if not options.bearer_token then options.api_key = options.api_key or service.api_key end
  return boltz.new(options)
end

function live.stop(service, client)
  client:close()
  service:stop()
end

--- Takes a workspace's name away, and archives another: what lists may hold beside the usual.
function live.make_odd(service, nameless_id, archived_id)
  local admin = live.client(service)
  assert(admin.workspaces:update(nameless_id, { name = boltz.null }))
  assert(admin.workspaces:archive(archived_id))
  admin:close()
end

--- The ids of a list, in one text.
function live.ids(list)
  local ids = {}
  for i, item in ipairs(list) do ids[i] = item.id end
  return table.concat(ids, " ")
end

return live
