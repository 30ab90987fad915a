-- SPDX-License-Identifier: MIT
-- luasocket and lua-cjson: luasocket.lua TASK BASE_URL COUNT
--
-- HTTP/1.1 is written by hand, since luasocket's own socket.http closes each connection. It knows
-- only what this server answers: a Content-Length, no compression.

local cjson = require "cjson"
local socket = require "socket"

local folder = arg[0]:match("^.*/")
local measure = dofile(folder .. "measure.lua")(socket.gettime)

local WORKSPACES = "/compute/v1/admin/workspaces"

local Client = {}
Client.__index = Client

local function connect(url)
  local host, port, base = url:match("^http://([^:/]+):(%d+)(.*)$")
  local connection = assert(socket.connect(host, tonumber(port)))
  connection:setoption("tcp-nodelay", true)
  connection:settimeout(60)
  return setmetatable({
    _socket = connection,
    _base = base .. WORKSPACES,
    _rest = table.concat({
      " HTTP/1.1",
      "Host: " .. host .. ":" .. port,
      "Accept: application/json",
      "User-Agent: boltz-bench/1 (luasocket)",
      "x-api-key: sk_bc_admin_test_bench0000000000000000",
      "x-stainless-retry-count: 0",
      "\r\n",
    }, "\r\n"),
  }, Client)
end

function Client:get(path)
  assert(self._socket:send("GET " .. self._base .. path .. self._rest))
  local status = assert(self._socket:receive("*l"))
  assert(status:find("^HTTP/1%.1 200 "), status)
  local length
  while true do
    local line = assert(self._socket:receive("*l"))
    if line == "" then break end
    local name, value = line:match("^([^:]+):%s*(.*)$")
    if name:lower() == "content-length" then length = tonumber(value) end
  end
  assert(length, "no Content-Length")
  local body = assert(self._socket:receive(length))
  return cjson.decode(body)
end

measure.main(dofile(folder .. "reading.lua")(measure, connect))
