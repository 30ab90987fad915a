-- SPDX-License-Identifier: MIT
-- A walk through every call of the admin API, each shown with what it answered.
--
--   lua5.4 examples/tour.lua               makes a workspace and a key, and puts them away again
--   lua5.4 examples/tour.lua --read-only   makes and changes nothing
--
-- The key is read from $BOLTZ_API_KEY; $BOLTZ_BASE_URL names another server than the real one.

local boltz = require "boltz"

local read_only = arg[1] == "--read-only"
local client = boltz.new()

-- How it is printed ---------------------------------------------------------------------------

local function heading(title, ...)
  print(("\n%s"):format(title))
  for _, call in ipairs { ... } do print("  " .. call) end
  print()
end

local function row(label, format, ...)
  print(("    %-18s %s"):format(label, format:format(...)))
end

local function dollars(milli_usd)
  return milli_usd == boltz.UNLIMITED and "unlimited" or ("$%.2f"):format(milli_usd / 1000)
end

local function day(timestamp)
  return timestamp and timestamp:sub(1, 10) or "never"
end

local function describe_workspace(ws)
  row(ws.name or "(no name)", "%s  keeps results %d %s%s%s", ws.id, ws.data_retention.value,
    ws.data_retention.unit, ws.is_default and ", the default" or "",
    ws.archived_at and ", archived " .. day(ws.archived_at) or "")
end

local function describe_key(key)
  row(key.name, "%s...  %s, %s, %s, expires %s", key.key_prefix, key.key_type,
    key.livemode and "live" or "test", key.is_active and "active" or "not active",
    day(key.expires_at))
end

local function describe_limit(limit)
  if limit ~= boltz.null then
    row("spending limit", "%s for its %s", dollars(limit.limit.amount), limit.type)
  else
    row("spending limit", "none set")
  end
end

-- Reading -------------------------------------------------------------------------------------

print(("boltz for Lua %s"):format(boltz._VERSION))
print(tostring(client))

heading("Whose key is this?", "client.auth:me()")
local me = assert(client.auth:me())
if me.principal_type == "api_key" then
  row("key", "%s, %s mode", me.key_type, me.mode)
  row("organization", "%s", me.organization_name or me.organization_id)
else
  row("user", "%s", me.user_id)
end

heading("The workspaces, as an iterator that fetches pages as it goes",
  "for ws in client.workspaces:list({ limit = 2 }, { max_items = 8 }) do ... end")
local first
for ws in client.workspaces:list({ limit = 2 }, { max_items = 8 }) do
  first = first or ws
  describe_workspace(ws)
end

if first then
  heading("One of them, and what it may spend",
    "client.workspaces:retrieve(id)", "client.workspaces:retrieve_spending_limit(id)")
  describe_workspace(assert(client.workspaces:retrieve(first.id)))
  describe_limit(assert(client.workspaces:retrieve_spending_limit(first.id)))
end

heading("The API keys", "for key in client.api_keys:list({}, { max_items = 8 }) do ... end")
for key in client.api_keys:list({}, { max_items = 8 }) do describe_key(key) end

heading("Usage of the last 30 days, by application",
  'client.usage:list{ starting_at = now - now % 86400 - 29 * 86400, ending_at = now,',
  '                   window_size = "DAY", group_by = "application" }')
local now, totals, names = os.time(), {}, {}
for bucket in client.usage:list {
  starting_at = now - now % 86400 - 29 * 86400, -- a midnight: the days are those of UTC
  ending_at = now,
  window_size = "DAY",
  group_by = "application",
} do
  local name = bucket.application or "(other)"
  if not totals[name] then names[#names + 1] = name end
  totals[name] = (totals[name] or 0) + bucket.quantity
end
table.sort(names, function(a, b) return totals[a] > totals[b] end)
for _, name in ipairs(names) do
  local bar = ("="):rep(math.max(1, math.floor(30 * totals[name] / totals[names[1]])))
  print(("    %-30s %8d  %s"):format(name, totals[name], bar))
end
if #names == 0 then row("none", "nothing was used") end

heading("Any other endpoint, by its path",
  'client:get("/compute/v1/admin/workspaces", { query = { limit = 1 } })')
local page, _, response = client:get("/compute/v1/admin/workspaces", { query = { limit = 1 } })
row("status", "%d in %.1f ms, %d workspace(s), more: %s", response.status,
  response.elapsed * 1000, #page.data, tostring(page.has_more))

heading("What can go wrong comes back as a value",
  'local ws, err = client.workspaces:retrieve("ws_unknown")')
local _, err = client.workspaces:retrieve("ws_unknown")
row("err.kind", "%s", err.kind)
row("tostring(err)", "%s", tostring(err))

heading("A mistake in the program raises, where it was made",
  'client.workspaces:list{ limt = 5 }')
local _, mistake = pcall(function() client.workspaces:list { limt = 5 } end)
row("message", "%s", mistake)

if read_only then
  print("\nThat was the reading half: nothing was made or changed.")
  client:close()
  os.exit(true, true)
end

-- Writing -------------------------------------------------------------------------------------

heading("A new workspace",
  'client.workspaces:create{ name = "tour", data_retention = { unit = "days", value = 3 } }')
local ws = assert(client.workspaces:create {
  name = "tour",
  data_retention = { unit = "days", value = 3 },
})
describe_workspace(ws)

heading("Another name", 'client.workspaces:update(ws.id, { name = "tour of Lua" })')
ws = assert(client.workspaces:update(ws.id, { name = "tour of Lua" }))
describe_workspace(ws)

heading("What it may spend, in thousandths of a dollar",
  "client.workspaces:set_spending_limit(ws.id, { limit = { amount = 250000 } })",
  "client.workspaces:set_spending_limit(ws.id, { limit = { amount = boltz.UNLIMITED } })")
for _, amount in ipairs { 250000, boltz.UNLIMITED } do
  local limit = { amount = amount }
  describe_limit(assert(client.workspaces:set_spending_limit(ws.id, { limit = limit })))
end

heading("A key for it, for 30 days",
  'client.api_keys:create{ name = "tour", workspace_id = ws.id, mode = "test",',
  "                        expires_in_days = 30 }")
local created = assert(client.api_keys:create {
  name = "tour",
  workspace_id = ws.id,
  mode = "test",
  expires_in_days = 30,
})
describe_key(created.key_details)

heading("The new key at work, on the same connections",
  "client:with{ api_key = created.key }.auth:me()")
local tenant = client:with { api_key = created.key }
local who = assert(tenant.auth:me())
row("key", "%s, %s mode, workspace %s", who.key_type, who.mode, who.workspace_id)
tenant:close()

heading("And revoked", "client.api_keys:revoke(created.key_details.id)")
describe_key(assert(client.api_keys:revoke(created.key_details.id)))

heading("The workspace, archived: this cannot be undone", "client.workspaces:archive(ws.id)")
describe_workspace(assert(client.workspaces:archive(ws.id)))

client:close()
print("\nThat was every call of the admin API.")
