-- SPDX-License-Identifier: MIT
-- The API key endpoints. A key's secret is in the answer that made it and nowhere else. Revoking
-- twice answers as the first time did, so that a client may repeat a lost call.

local core = require "boltz.core"
local check = require "boltz.emulator.check"
local clock = require "boltz.emulator.clock"
local ip = require "boltz.emulator.ip"
local pages = require "boltz.emulator.pages"
local problem = require "boltz.emulator.problem"

local BASE = "/compute/v1/admin/api-keys"

local function instant(seconds)
  return seconds and clock.format(seconds) or core.null
end

local function view(store, key)
  local allowed_ips = core.array{}
  for i, address in ipairs(key.allowed_ips) do allowed_ips[i] = address end
  return {
    id = key.id,
    name = key.name,
    key_prefix = key.prefix,
    key_type = key.type,
    livemode = key.mode == "live",
    workspace_id = key.workspace_id or core.null,
    allowed_ips = allowed_ips,
    is_active = store:is_active(key),
    created_at = instant(key.created_at),
    expires_at = instant(key.expires_at),
    last_used_at = instant(key.last_used_at),
  }
end

--- The workspace a new key is for.
local function workspace_for(store, id)
  if not id then return store.default_workspace end
  local workspace = store.workspaces:get(id) or problem.raise("not_found", "Workspace not found")
  if workspace.archived_at then problem.raise("conflict", "The workspace is archived") end
  return workspace
end

local function create(request)
  local body, store = request.body, request.emulator.store
  local created_at = request.emulator:now()
  local key, secret = store:add_key{
    type = "workspace",
    name = body.name,
    mode = body.mode or "live",
    workspace_id = workspace_for(store, body.workspace_id).id,
    allowed_ips = body.allowed_ips,
    created_at = created_at,
    expires_at = body.expires_in_days and created_at + body.expires_in_days * clock.DAY,
  }
  return { key = secret, key_details = view(store, key) }
end

local function list(request)
  local store, workspace_id = request.emulator.store, request.query.workspace_id
  return pages.answer(store.keys, request.query, function(key)
    return not workspace_id or key.workspace_id == workspace_id
  end, function(key) return view(store, key) end)
end

local function revoke(request)
  local store = request.emulator.store
  local key = store.keys:get(request.ids.api_key_id)
    or problem.raise("not_found", "API key not found")
  key.revoked = true
  return view(store, key)
end

local function address(text)
  return ip.canonical(text) and text
end

return {
  view = view,
  routes = {
    { method = "POST", template = BASE, handle = create, body = check.object({
      name = check.text(1, 255),
      allowed_ips = check.list(check.parsed(address, "an IPv4 or IPv6 address")),
      expires_in_days = check.whole(1, 365),
      mode = check.one_of("live", "test"),
      workspace_id = check.text(1, 255),
    }, { "name" }) },
    { method = "GET", template = BASE, handle = list, query = pages.query{
      workspace_id = check.single(check.text(1, 255)) } },
    { method = "POST", template = BASE .. "/{api_key_id}/revoke", handle = revoke },
  },
}
