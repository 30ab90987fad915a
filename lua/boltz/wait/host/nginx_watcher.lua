-- SPDX-License-Identifier: MIT
-- Tells a thread of nginx's when an engine wants to be stepped: the core's watcher
-- (csrc/lua/watcher.h) at one end of a connection, and a socket of nginx's at the other.
--
-- It belongs to the request or timer that opens it, as nginx's sockets do; only `watch` is for all.

local core = require "boltz.core"
local tables = require "boltz.tables"

local CONNECTING = 1000 -- milliseconds; a path takes none, or fails
local FOREVER = 1e9 -- milliseconds
local BYTES = 64 -- more than one says nothing more

local Watcher = {}
Watcher.__index = Watcher

--- Opens one.
-- @treturn table|nil
-- @treturn nil|string why it cannot be
function Watcher.open()
  local watcher, reason = core.watcher()
  if not watcher then return nil, reason end
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECTING, CONNECTING, FOREVER)
  local done
  done, reason = socket:connect(watcher:address())
  if done then done, reason = watcher:begin() end
  if not done then
    watcher:close()
    return nil, reason
  end
  return setmetatable({
    _watcher = watcher,
    _socket = socket,
    _watched = nil, -- engines as keys, while a thread listens
    _is_closed = false,
  }, Watcher)
end

--- An engine is watched, too, while a thread listens. One that cannot be ends the watcher.
function Watcher:watch(engine)
  local watched = self._watched
  if not watched or watched[engine] then return end
  watched[engine] = self._watcher:watch(engine)
  if not watched[engine] then self:close() end
end

--- Waits until an engine is ready to be stepped.
-- @tparam table engines to be watched, as keys
-- @treturn boolean false: the watcher has ended
function Watcher:listen(engines)
  if self._is_closed then return false end
  self._watched = setmetatable({}, { __mode = "k" }) -- it may listen for long
  for engine in tables.each(engines) do self:watch(engine) end
  local heard = self._socket:receiveany(BYTES)
  self._watched = nil
  return heard ~= nil
end

--- Ends it, and the thread that listens goes on.
function Watcher:close()
  self._watched = nil
  self._is_closed = true
  self._watcher:close()
end

return Watcher
