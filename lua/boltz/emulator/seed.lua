-- SPDX-License-Identifier: MIT
-- The organization that an emulator starts with: old enough to have a year of usage, and with one
-- of each kind of key, so that a list or a report has something to show.

local clock = require "boltz.emulator.clock"

local seed = {}

local AGE = 430 * clock.DAY -- older than the usage that is kept
local NAMES = { "Default", "screening", "antibody-design", "adme-profiling", "partner-northwind" }

local function workspace_name(i)
  return NAMES[i] or ("team-%03d"):format(i)
end

local function add_workspace(store, i, created_at)
  return store:add_workspace{
    name = workspace_name(i),
    is_default = i == 1,
    retention = i % 2 == 0 and { unit = "hours", value = 72 } or { unit = "days", value = 7 },
    created_at = created_at,
  }
end

local function add_keys(store, workspace, i, now)
  local function add(name, mode, fields)
    fields.type, fields.name, fields.mode = "workspace", name, mode
    fields.workspace_id, fields.created_at = workspace.id, workspace.created_at
    return (store:add_key(fields))
  end
  add("ci", "test", { last_used_at = now - i * clock.HOUR })
  if i == 2 then add("pipeline", "live", { last_used_at = now - clock.DAY }) end
  if i == 3 then add("cluster", "live", { allowed_ips = { "203.0.113.7", "2001:db8::7" } }) end
  if i == 4 then add("trial", "test", { expires_at = now - 30 * clock.DAY }) end
  if i == 5 then add("old laptop", "live", {}).revoked = true end
end

--- Fills a store.
-- @param store an empty one
-- @param options workspaces (how many), now (seconds), admin_key (nil for one made from the seed)
-- @return the admin key
function seed.fill(store, options)
  local now = options.now
  local born = clock.floor(now, clock.DAY) - AGE
  local _, admin_key = store:add_key{
    type = "admin",
    name = "Admin",
    mode = (options.admin_key or ""):match("^sk_bc_admin_live_") and "live" or "test",
    secret = options.admin_key,
    created_at = born,
  }
  for i = 1, options.workspaces do
    local workspace = add_workspace(store, i, born + i * 60)
    add_keys(store, workspace, i, now)
    if i == 2 then
      local since = born + 400 * clock.DAY
      workspace.limit = { amount = 1000000, since = since, set_at = since, uses = 0 }
    end
  end
  return admin_key
end

return seed
