-- SPDX-License-Identifier: MIT
-- The other candidate: what somebody would write for this one call with nginx's own sockets. It
-- sends the same request, keeps the connection and decodes the answer; it checks, retries and
-- explains nothing.

local cjson = require "cjson"

local PATH = "GET /compute/v1/admin/workspaces/"
local TIMEOUT = 60000 -- milliseconds, also that of an idle connection
local POOL = 128 -- connections: more than wrk has

local Client = {}
Client.__index = Client

-- The status, and how long the body is.
local function read_head(socket)
  local line, problem = socket:receive("*l")
  if not line then return nil, problem end
  local status = line:match("^HTTP/1%.1 (%d+)")
  local length
  repeat
    line, problem = socket:receive("*l")
    if not line then return nil, problem end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    if name and name:lower() == "content-length" then length = tonumber(value) end
  until line == ""
  return status, length
end

function Client:retrieve(id)
  local socket = ngx.socket.tcp()
  socket:settimeout(TIMEOUT)
  local connected, problem = socket:connect(self._host, self._port, { pool_size = POOL })
  if not connected then return nil, problem end
  local sent
  sent, problem = socket:send { PATH, id, self._head }
  if not sent then return nil, problem end
  local status, length = read_head(socket)
  if status ~= "200" then return nil, status or length end
  local body
  body, problem = socket:receive(length)
  if not body then return nil, problem end
  socket:setkeepalive(TIMEOUT, POOL)
  return cjson.decode(body)
end

return {
  new = function(url, key)
    local host, port = url:match("^http://([%d.]+):(%d+)$")
    return setmetatable({
      _host = host,
      _port = tonumber(port),
      _head = table.concat({ " HTTP/1.1", ("Host: %s:%d"):format(host, port), "x-api-key: " .. key,
        "Accept: application/json", "Accept-Encoding: identity", "User-Agent: cosocket",
        "x-stainless-retry-count: 0", "", "" }, "\r\n"),
    }, Client)
  end,
}
