-- SPDX-License-Identifier: MIT
-- An emulator in this process, with a clock that a spec can turn, and a short way to call it.
--
--   local service = require("support.service").new()
--   local status, value, headers = service:get("/admin/workspaces", { query = "limit=2" })

local core = require "boltz.core"
local emulator = require "boltz.emulator"

local Service = {}
Service.__index = Service

local BASE = "/compute/v1"
local NOON = 1775044800 -- 2026-04-01T12:00:00Z

--- Starts one.
-- @param options[opt] the emulator's own, except `now`
local function new(options)
  local self = setmetatable({ time = NOON }, Service)
  local given = { now = function() return self.time end }
  for name, value in pairs(options or {}) do given[name] = value end
  self.emulator = emulator.new(given)
  self.store = self.emulator.store
  return self
end

--- Sends a request.
-- @param path behind /compute/v1
-- @param given[opt] query; json (a value) or body (text); key (false: none; default the admin key);
-- headers; address
-- @return status, decoded body, headers, wire, body
function Service:send(method, path, given)
  given = given or {}
  local headers = { ["X-Api-Key"] = given.key or nil }
  if given.key == nil then headers["X-Api-Key"] = self.emulator.admin_key end
  local body = given.body
  if given.json ~= nil then body = core.encode(given.json) end
  if body then headers["Content-Type"] = "application/json" end
  for name, value in pairs(given.headers or {}) do headers[name] = value or nil end
  local status, answered, text, wire =
    self.emulator:handle(method, BASE .. path, given.query, headers, body, given.address)
  return status, core.decode(text), answered, wire, text
end

function Service:get(path, given) return self:send("GET", path, given) end
function Service:post(path, given) return self:send("POST", path, given) end
function Service:put(path, given) return self:send("PUT", path, given) end

--- Sends a request that has to succeed, and returns its value.
function Service:expect(method, path, given)
  local status, value, _, _, text = self:send(method, path, given)
  if status ~= 200 then error(("%s %s answered %d: %s"):format(method, path, status, text), 2) end
  return value
end

--- Makes a workspace.
function Service:workspace(fields)
  return self:expect("POST", "/admin/workspaces", { json = fields or { name = "new" } })
end

--- Makes a key: the secret and its details.
function Service:key(fields)
  local made = self:expect("POST", "/admin/api-keys", { json = fields })
  return made.key, made.key_details
end

return { new = new, NOON = NOON }
