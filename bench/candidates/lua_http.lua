-- SPDX-License-Identifier: MIT
-- lua-http and lua-cjson: lua_http.lua TASK BASE_URL COUNT
--
-- On one connection of http.client: http.request would open one for each request.

local cjson = require "cjson"
local http_client = require "http.client"
local http_headers = require "http.headers"
local socket = require "socket"

local folder = arg[0]:match("^.*/")
local measure = dofile(folder .. "measure.lua")(socket.gettime)

local WORKSPACES = "/compute/v1/admin/workspaces"
local PATIENCE = 60 -- seconds

local Client = {}
Client.__index = Client

local function connect(url)
  local host, port, base = url:match("^http://([^:/]+):(%d+)(.*)$")
  local connection = assert(http_client.connect({ host = host, port = tonumber(port) }, PATIENCE))
  return setmetatable({
    _connection = connection,
    _authority = host .. ":" .. port,
    _base = base .. WORKSPACES,
  }, Client)
end

function Client:_fields(path)
  local fields = http_headers.new()
  fields:append(":method", "GET")
  fields:append(":scheme", "http")
  fields:append(":authority", self._authority)
  fields:append(":path", self._base .. path)
  fields:append("accept", "application/json")
  fields:append("user-agent", "boltz-bench/1 (lua-http)")
  fields:append("x-api-key", "sk_bc_admin_test_bench0000000000000000")
  fields:append("x-stainless-retry-count", "0")
  return fields
end

function Client:get(path)
  local stream = assert(self._connection:new_stream())
  assert(stream:write_headers(self:_fields(path), true, PATIENCE))
  local fields = assert(stream:get_headers(PATIENCE))
  assert(fields:get(":status") == "200", "the answer's status is not 200")
  local body = assert(stream:get_body_as_string(PATIENCE))
  return cjson.decode(body)
end

measure.main(dofile(folder .. "reading.lua")(measure, connect))
