-- SPDX-License-Identifier: MIT
-- HTTP/2 by hand, for the scripts of wire.lua: frames as they are written here and nothing else,
-- so that a server can say what no server should.
--
--   local h2 = require("support.http2").open(secure(accept()))
--   local stream = h2:request()      the next one, whole; nil when the client has gone
--   h2:answer(stream, "{}")          200 with that body
--   h2:head(stream)  h2:data(stream, bytes)
--   h2:reset(stream, http2.REFUSED)  h2:goaway(last_stream, code)

local http2 = { NO_ERROR = 0, INTERNAL = 2, REFUSED = 7, CANCEL = 8 }

local Session = {}
Session.__index = Session

local DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
local END_STREAM, ACK, END_HEADERS = 1, 1, 4
local STATUS_200 = "\136" -- HPACK: the static table's ":status: 200"
local PREFACE = 24 -- bytes

local function big_endian(number, bytes)
  local text = ""
  for _ = 1, bytes do
    text = string.char(number % 256) .. text
    number = math.floor(number / 256)
  end
  return text
end

local function number_of(text)
  local number = 0
  for i = 1, #text do number = number * 256 + text:byte(i) end
  return number
end

local function has(flags, flag)
  return math.floor(flags / flag) % 2 == 1
end

function Session:frame(type, flags, stream, payload)
  return self._connection:send(big_endian(#payload, 3) .. string.char(type, flags)
    .. big_endian(stream, 4) .. payload)
end

-- The next frame: type, flags, stream, payload.
function Session:_read()
  local head = self._connection:_take(9)
  local payload = head and self._connection:_take(number_of(head:sub(1, 3)))
  if not payload then return nil end
  return head:byte(4), head:byte(5), number_of(head:sub(6, 9)), payload
end

--- Begins: the client's preface and both sides' settings.
-- @param connection of wire_server.lua, with TLS; nil is passed through
function http2.open(connection)
  if not connection or not connection:_take(PREFACE) then return nil end
  local session = setmetatable({ _connection = connection }, Session)
  session:frame(SETTINGS, 0, 0, "")
  return session
end

function Session:request()
  while true do
    local type, flags, stream, payload = self:_read()
    if not type then return nil end
    if type == SETTINGS and not has(flags, ACK) then self:frame(SETTINGS, ACK, 0, "") end
    if type == PING and not has(flags, ACK) then self:frame(PING, ACK, 0, payload) end
    if (type == HEADERS or type == DATA) and has(flags, END_STREAM) then return stream end
  end
end

function Session:head(stream)
  self:frame(HEADERS, END_HEADERS, stream, STATUS_200)
end

function Session:data(stream, bytes, is_last)
  self:frame(DATA, is_last and END_STREAM or 0, stream, bytes)
end

function Session:answer(stream, body)
  self:head(stream)
  self:data(stream, body, true)
end

function Session:reset(stream, code)
  self:frame(RST_STREAM, 0, stream, big_endian(code, 4))
end

function Session:goaway(last_stream, code)
  self:frame(GOAWAY, 0, 0, big_endian(last_stream, 4) .. big_endian(code, 4))
end

return http2
