-- SPDX-License-Identifier: MIT
-- Who is calling, and whether they may. A principal is an API key, or the OAuth user whose bearer
-- token the emulator was given; a user belongs to two organizations and administers the first.

local ip = require "boltz.emulator.ip"
local problem = require "boltz.emulator.problem"

local auth = {}

local function deny()
  problem.raise("unauthorized", "Invalid or missing API key")
end

local function is_allowed_from(key, address)
  if #key.allowed_ips == 0 or not address then return true end
  for _, allowed in ipairs(key.allowed_ips) do
    if ip.canonical(allowed) == ip.canonical(address) then return true end
  end
  return false
end

local function key_principal(emulator, key, address)
  if not emulator.store:is_active(key) then deny() end
  if not is_allowed_from(key, address) then
    problem.raise("forbidden", "This key may not be used from " .. address)
  end
  key.last_used_at = emulator:now()
  return { type = "api_key", key = key, is_admin = key.type == "admin" }
end

local function user_principal(user, organization_id)
  organization_id = organization_id or user.organizations[1].id
  for _, organization in ipairs(user.organizations) do
    if organization.id == organization_id then
      return { type = "user", user = user, organization = organization,
        is_admin = organization.role == "admin" }
    end
  end
  problem.raise("forbidden", "Not a member of organization " .. organization_id)
end

--- Finds out who sent a request.
-- @param emulator with `store`, `user` (nil when there is no bearer token) and `now`
-- @param headers by lower-case name
-- @param address[opt] the client's IP address; without it allowed_ips are not enforced
-- @return a principal
function auth.identify(emulator, headers, address)
  local bearer = (headers.authorization or ""):match("^[Bb]earer +(%S+)$")
  local user = emulator.user
  if user and bearer == user.token then
    return user_principal(user, headers["x-boltz-organization-id"])
  end
  local key = emulator.store:key_of(headers["x-api-key"] or bearer or "")
  if not key then deny() end
  return key_principal(emulator, key, address)
end

--- Refuses what the principal may not do.
-- @param principal who
-- @param access who may: "anyone"; "own_workspace": admins and keys of the workspace; nil: admins
-- @param workspace_id the workspace that the request names, or nil
function auth.permit(principal, access, workspace_id)
  if principal.is_admin or access == "anyone" then return end
  local key = principal.key
  if access == "own_workspace" and key and key.workspace_id == workspace_id then return end
  problem.raise("forbidden", "This call requires an admin API key")
end

return auth
