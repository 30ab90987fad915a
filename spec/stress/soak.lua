-- SPDX-License-Identifier: MIT
-- A long run against an emulator that spoils one request in ten: `make soak`, or
-- `tools/lua 5.4 spec/stress/soak.lua [CALLS]`.
--
-- The script is the emulator's only user, so it knows what must be stored: every answer is compared
-- with that model, and at the end the whole store is. An error is explained when the faults account
-- for it; after one that says "may have been applied" the script looks, and the object must be
-- there once or not at all. Memory and descriptors must not grow.

local boltz = require "boltz"
local emulator = require("support.emulator").start { workspaces = 20 }

local CALLS = tonumber(arg[1]) or 200000
local SEED = tonumber(os.getenv("SEED")) or os.time()
local REPORTS = 10

-- One request in ten, in turn: what the server does before it acts, and after.
local FAULTS = {
  { status = 500 },
  { status = 503, retry_after = 0 },
  { status = 429, headers = { ["retry-after-ms"] = "1" } },
  { drop = true },
  { drop = true, acted = true },
  { truncate = 20 },
  { status = 502, acted = true },
  { status = 408, acted = true },
  { malformed = true },
  { status = 500, headers = { ["x-should-retry"] = "false" } },
}
for i, fault in ipairs(FAULTS) do
  fault.after, fault.every, fault.times = i * 10, #FAULTS * 10, 1e9
  emulator:fault(fault)
end

local client = boltz.new {
  api_key = emulator.api_key,
  base_url = emulator.base_url,
  log_level = "off",
}
-- The schedule of retries has its own specs; here nobody waits.
client._user.session.transport.sleep = function() end

math.randomseed(SEED)
local function any(list) return list[math.random(#list)] end

-- The model ------------------------------------------------------------------------------------

local workspaces, ids, keys, key_ids = {}, {}, {}, {}
local made = 0
local counts = { calls = 0, explained = 0, looked = 0 }

local function fail(format, ...)
  emulator:stop()
  error(("call %d, SEED=%d: "):format(counts.calls, SEED) .. format:format(...), 2)
end

local function expect(what, got, expected)
  if got ~= expected then fail("%s is %s, expected %s", what, tostring(got), tostring(expected)) end
end

local function check_workspace(ws)
  local known = workspaces[ws.id] or fail("unknown workspace %s", ws.id)
  expect("name", ws.name, known.name)
  expect("retention", ws.data_retention.value, known.retention)
  expect("archived", ws.archived_at ~= nil, known.archived)
end

local function check_key(key)
  local known = keys[key.id] or fail("unknown key %s", key.id)
  expect("key's name", key.name, known.name)
  expect("key's workspace", key.workspace_id, known.workspace)
  expect("key's activity", key.is_active, known.active)
end

local function remember(ws)
  workspaces[ws.id] = {
    name = ws.name,
    retention = ws.data_retention.value,
    archived = ws.archived_at ~= nil,
  }
  ids[#ids + 1] = ws.id
end

local function remember_key(key)
  keys[key.id] = { name = key.name, workspace = key.workspace_id, active = key.is_active }
  key_ids[#key_ids + 1] = key.id
end

-- The faults that are not tried again: a malformed answer and an explicit "do not retry" for any
-- call, and for the two creates whatever may have been carried out.
local function explain(err, creates)
  local no_retry = err.headers and err.headers["x-should-retry"] == "false"
  local malformed = err.kind == "invalid_response" and not err.retryable
  if not (no_retry or malformed or (creates and err.maybe_applied)) then
    fail("unexplained error: %s", tostring(err))
  end
  counts.explained = counts.explained + 1
end

-- Reads until it is read: what the store says now.
local function look(read)
  counts.looked = counts.looked + 1
  for _ = 1, 10 do
    local value, err = read()
    if not err then return value end
  end
  fail("ten reads in a row failed")
end

-- The calls ------------------------------------------------------------------------------------

local function retrieve()
  local ws, err = client.workspaces:retrieve(any(ids))
  if err then return explain(err) end
  check_workspace(ws)
end

local function update()
  local id = any(ids)
  local known = workspaces[id]
  local name, days = "name " .. math.random(1e6), math.random(14)
  local ws, err = client.workspaces:update(id, {
    name = name,
    data_retention = { unit = "days", value = days },
  })
  if err then
    explain(err)
    ws = look(function() return client.workspaces:retrieve(id) end)
    local changed = ws.name == name and ws.data_retention.value == days
    local unchanged = ws.name == known.name and ws.data_retention.value == known.retention
    if not (changed and err.maybe_applied or unchanged) then fail("update went half-way") end
    if unchanged then return end
  end
  known.name, known.retention = name, days
  check_workspace(ws)
end

local function limit()
  local id = any(ids)
  -- The service takes half of UNLIMITED for all of it.
  local amount = any { 1e9 + math.random(1e9), 4503599627370495, boltz.UNLIMITED }
  local set, err = client.workspaces:set_spending_limit(id, { limit = { amount = amount } })
  if err then return explain(err) end
  expect("amount", set.limit.amount, amount)
  local got
  got, err = client.workspaces:retrieve_spending_limit(id)
  if err then return explain(err) end
  expect("amount", got.limit.amount, amount)
end

local function list()
  local limited, last = { max_items = 150 }, nil
  local pager = client.workspaces:list({ limit = math.random(50), after_id = any(ids) }, limited)
  while true do
    local ws, err = pager:next()
    if err then
      explain(err)
    elseif not ws then
      break
    else
      check_workspace(ws)
      if ws.id == last then fail("an item twice") end
      last = ws.id
    end
  end
end

-- Makes one object, and when it is not known whether that happened, counts those of its name.
local function create(resource, params, details, note)
  made = made + 1
  params.name = ("made %d"):format(made)
  local object, err = client[resource]:create(params)
  if object then return note(details(object)) end
  explain(err, true)
  local found = look(function()
    local all, failure = client[resource]:list({ workspace_id = params.workspace_id,
      name = resource == "workspaces" and params.name or nil }):all()
    return all, failure
  end)
  local same = {}
  for _, candidate in ipairs(found) do
    if candidate.name == params.name then same[#same + 1] = candidate end
  end
  if #same > (err.maybe_applied and 1 or 0) then fail("%d made by one create", #same) end
  if same[1] then note(same[1]) end
end

local function create_workspace()
  create("workspaces", { data_retention = { unit = "days", value = math.random(14) } },
    function(ws) return ws end, remember)
end

local function open_workspace()
  local id
  repeat id = any(ids) until not workspaces[id].archived
  return id
end

local function create_key()
  create("api_keys", { workspace_id = open_workspace(), mode = "test" },
    function(answer) return answer.key_details end, remember_key)
end

local function revoke()
  local id = any(key_ids)
  local key, err = client.api_keys:revoke(id)
  if err then
    explain(err)
    if not err.maybe_applied then return end
    local filter = { workspace_id = keys[id].workspace }
    local all = look(function() return client.api_keys:list(filter):all() end)
    for _, candidate in ipairs(all) do if candidate.id == id then key = candidate end end
  end
  keys[id].active = key.is_active
  check_key(key)
end

local function unknown()
  local _, err = client.workspaces:retrieve("ws_unknown")
  if err.kind ~= "not_found" then explain(err) end
end

local MIX = {
  { 50, retrieve }, { 15, update }, { 10, limit }, { 10, list }, { 5, unknown },
  { 2, revoke }, { 1, create_workspace }, { 1, create_key },
}
local wheel = {}
for _, entry in ipairs(MIX) do
  for _ = 1, entry[1] do wheel[#wheel + 1] = entry[2] end
end

-- Figures --------------------------------------------------------------------------------------

local function resident()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmRSS:%s*(%d+)")
    if kilobytes then return tonumber(kilobytes) end
  end
end

local function descriptors()
  local stat = assert(io.open("/proc/self/stat"))
  local pipe = assert(io.popen(("ls /proc/%d/fd | wc -l"):format(stat:read("*n"))))
  stat:close()
  local count = tonumber(pipe:read("*a"))
  pipe:close()
  return count
end

local function report()
  collectgarbage()
  collectgarbage()
  local figures = { lua = collectgarbage("count"), resident = resident(), fds = descriptors() }
  print(("%7d calls  %5d errors, all explained  %4d looked up  %6.0f KiB in Lua  %6d KiB resident"
    .. "  %d descriptors"):format(counts.calls, counts.explained, counts.looked, figures.lua,
    figures.resident, figures.fds))
  return figures
end

for ws in client.workspaces:list() do remember(ws) end
for _ = 1, 20 do create_key() end
for id in pairs(workspaces) do
  for key in client.api_keys:list { workspace_id = id } do
    if not keys[key.id] then remember_key(key) end
  end
end

local first
for i = 1, CALLS do
  counts.calls = i
  any(wheel)()
  if i % math.max(1, math.floor(CALLS / REPORTS)) == 0 then
    local figures = report()
    first = first or figures
  end
end

-- The end: the store is what the model says, to the last object.
emulator:reset_faults()
local stored = 0
for ws in client.workspaces:list() do
  check_workspace(ws)
  stored = stored + 1
end
expect("number of workspaces", stored, #ids)
for key in client.api_keys:list() do
  if key.workspace_id then check_key(key) end
end
local last = report()
-- What the model itself holds grows with what it makes: about 300 bytes an object.
local grown = last.resident - first.resident - made * 0.5
-- A connection more or less is in the pool.
if last.fds > first.fds + 5 then fail("%d descriptors, %d before", last.fds, first.fds) end
if grown > 2048 then fail("resident memory grew by %d KiB", grown) end
client:close()
emulator:stop()
print(("%d calls: no unexplained error, no wrong answer"):format(CALLS))
