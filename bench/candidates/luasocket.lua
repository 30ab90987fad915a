-- SPDX-License-Identifier: MIT
-- luasocket and lua-cjson, for https with luasec: luasocket.lua TASK BASE_URL COUNT
--
-- HTTP/1.1 is written by hand, since luasocket's own socket.http closes each connection. It knows
-- only what this server answers: a Content-Length, no compression. Over TLS it verifies that an
-- authority of BENCH_CA_FILE issued the certificate. It does not compare the host's name, which
-- luasec leaves to its user: that is done once a connection, so the figures would be the same.

local cjson = require "cjson"
local socket = require "socket"

local folder = arg[0]:match("^.*/")
local measure = dofile(folder .. "measure.lua")(socket.gettime)

local WORKSPACES = "/compute/v1/admin/workspaces"

local Client = {}
Client.__index = Client

-- TLS 1.2 or later. luasec is loaded only here, since its libraries count as memory.
local function encrypt(connection)
  local encrypted = assert(require("ssl").wrap(connection, {
    mode = "client",
    protocol = "any",
    options = { "no_sslv2", "no_sslv3", "no_tlsv1", "no_tlsv1_1" },
    verify = "peer",
    cafile = os.getenv "BENCH_CA_FILE",
  }))
  encrypted:settimeout(60)
  assert(encrypted:dohandshake())
  return encrypted
end

local function connect(url)
  local scheme, host, port, base = url:match("^(https?)://([^:/]+):(%d+)(.*)$")
  local connection = assert(socket.connect(host, tonumber(port)))
  connection:setoption("tcp-nodelay", true)
  connection:settimeout(60)
  if scheme == "https" then connection = encrypt(connection) end
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
