-- SPDX-License-Identifier: MIT
-- TLS for the scripts of wire.lua. A spec writes
--
--   local server = wire.start(tls.script(certificates, "valid", [[
--     local c = secure(accept())
--     if c then c:request() c:send(answer "{}") end
--   ]]))
--   tls.url(server)
--
-- and in the server's process `secure` puts TLS under a connection. After it all that a connection
-- can do goes through it, and `c:cut()` ends it without TLS's goodbye, as a broken line does.

local tls = {}

--- A script with `secure` in it.
-- @tparam table certificates see certificates.lua
-- @tparam string name of the server's certificate
-- @tparam string script
-- @tparam[opt] table fields of LuaSec's configuration: protocol, ciphers, alpn
function tls.script(certificates, name, script, fields)
  local words = {}
  for field, value in pairs(fields or {}) do
    words[#words + 1] = ("%s = %q,"):format(field, value)
  end
  return ("local secure = require('support.tls').server { certificate = %q, key = %q, %s } %s")
    :format(certificates:file(name), certificates.key_file, table.concat(words), script)
end

--- The address of a server that runs such a script.
function tls.url(server)
  return (server.url:gsub("^http:", "https:"))
end

-- LuaSec's socket as wire_server.lua wants one: with LuaSocket's words for "not now".
local Socket = {}
Socket.__index = Socket

function Socket:_translate(first, failure, some)
  if failure == "wantread" or failure == "wantwrite" then return first, "timeout", some end
  self._failure = failure
  return first, failure, some
end

function Socket:getfd() return self._secure:getfd() end
function Socket:dirty() return self._secure:dirty() end
function Socket:close() return self._secure:close() end

-- After its end, LuaSec's 1.2 would try to read for ever.
function Socket:receive(...)
  if self._failure then return nil, self._failure, "" end
  return self:_translate(self._secure:receive(...))
end

function Socket:send(bytes, first)
  if self._failure then return nil, self._failure, first - 1 end
  return self:_translate(self._secure:send(bytes, first))
end

-- Gives the descriptor back to the plain socket. LuaSec knows no way to part with one, so its own
-- socket must never be collected: it would close whatever has that number by then.
local parted = {}

function Socket:uncover()
  parted[#parted + 1] = self._secure
  self._plain:setfd(self._secure:getfd())
  return self._plain
end

local function cut(connection)
  connection._socket = connection._socket:uncover()
  connection:close()
end

local function reset(connection)
  connection._socket = connection._socket:uncover()
  getmetatable(connection).reset(connection)
end

--- In the server's process: makes `secure`.
-- @tparam table configuration of LuaSec
-- @treturn function(connection) -> the connection, or nil when the client refused
function tls.server(configuration)
  local ssl = require "ssl"
  configuration.mode = "server"
  configuration.protocol = configuration.protocol or "any"
  configuration.alpn = configuration.alpn and { configuration.alpn }
  local context = assert(ssl.newcontext(configuration))
  return function(connection)
    local plain = connection._socket
    local secure = assert(ssl.wrap(plain, context))
    secure:settimeout(20) -- seconds: for a client that hangs
    if not secure:dohandshake() then
      secure:close()
      return nil
    end
    secure:settimeout(0)
    connection._socket = setmetatable({ _secure = secure, _plain = plain }, Socket)
    connection.cut, connection.reset = cut, reset
    return connection
  end
end

return tls
