-- SPDX-License-Identifier: MIT
-- The workspace endpoints, spending limits included.
--
-- Where the documentation is silent: archiving twice answers as the first time did, so that a
-- client may repeat a lost call; the default workspace cannot be archived; an archived one cannot
-- change. Which letters the filter by name takes for the same, fold.lua says.

local core = require "boltz.core"
local check = require "boltz.emulator.check"
local clock = require "boltz.emulator.clock"
local fold = require "boltz.emulator.fold"
local pages = require "boltz.emulator.pages"
local problem = require "boltz.emulator.problem"

local BASE = "/compute/v1/admin/workspaces"
local ONE = BASE .. "/{workspace_id}"

local UNLIMITED = 9007199254740991 -- 2^53 - 1: tracked, never blocked
local MAX_RETENTION_HOURS = 336

local currency = check.one_of("MILLI_USD")
local name = check.text(1, 255)
local retention_fields = check.object({
  unit = check.one_of("hours", "days"),
  value = check.whole(1),
}, { "unit", "value" })

local function retention(value, path, report)
  local given = retention_fields(value, path, report)
  local hours = (tonumber(given.value) or 0) * (given.unit == "days" and 24 or 1)
  if hours > MAX_RETENTION_HOURS then
    report(path .. ".value", "must be at most 14 days (336 hours)")
  end
  return given
end

local spending_limit = check.object({
  limit = check.object({
    amount = check.whole(0, UNLIMITED),
    currency = currency,
  }, { "amount", "currency" }),
  type = check.one_of("lifetime"),
}, { "limit", "type" })

local function view(workspace)
  return {
    id = workspace.id,
    name = workspace.name or core.null,
    is_default = workspace.is_default,
    data_retention = { unit = workspace.retention.unit, value = workspace.retention.value },
    created_at = clock.format(workspace.created_at),
    updated_at = clock.format(workspace.updated_at),
    archived_at = workspace.archived_at and clock.format(workspace.archived_at) or core.null,
  }
end

local function find(request)
  local workspace = request.emulator.store.workspaces:get(request.ids.workspace_id)
  return workspace or problem.raise("not_found", "Workspace not found")
end

local function find_open(request)
  local workspace = find(request)
  if workspace.archived_at then problem.raise("conflict", "The workspace is archived") end
  return workspace
end

local function money(amount)
  return { amount = amount, currency = "MILLI_USD" }
end

-- What has been spent since there is a limit.
local function accrued(emulator, workspace)
  local limit = workspace.limit
  if not limit then return 0 end
  return emulator.meter:spent(workspace, limit.since)
    + emulator.ledger:spent(workspace, limit.set_at, limit.uses)
end

local function limit_view(emulator, workspace)
  local limit = workspace.limit
  if not limit then return core.null end
  return {
    type = "lifetime",
    limit = money(limit.amount),
    accrued_usage = money(accrued(emulator, workspace)),
  }
end

local function set_limit(emulator, workspace, wanted)
  local amount = wanted.limit.amount
  local spent = accrued(emulator, workspace)
  if amount < spent then
    problem.raise("bad_request",
      ("The spending limit (%d MILLI_USD) is below the accrued usage (%d MILLI_USD)")
        :format(amount, spent))
  end
  emulator.store:limit_spending(workspace, amount, emulator.ledger:count())
end

local function create(request)
  local body, emulator = request.body, request.emulator
  local workspace = emulator.store:add_workspace{
    name = body.name,
    retention = body.data_retention,
  }
  if body.spending_limit then set_limit(emulator, workspace, body.spending_limit) end
  return view(workspace)
end

local function list(request)
  local prefix = fold(request.query.name or "")
  return pages.answer(request.emulator.store.workspaces, request.query, function(workspace)
    return fold(workspace.name or ""):sub(1, #prefix) == prefix
  end, view)
end

local function retrieve(request)
  return view(find(request))
end

local function update(request)
  local workspace, body = find_open(request), request.body
  if body.name == core.null then
    workspace.name = nil
  elseif body.name then
    workspace.name = body.name
  end
  workspace.retention = body.data_retention or workspace.retention
  workspace.updated_at = request.emulator:now()
  return view(workspace)
end

local function archive(request)
  local workspace = find(request)
  if workspace.is_default then
    problem.raise("conflict", "The default workspace cannot be archived")
  end
  request.emulator.store:archive(workspace)
  return view(workspace)
end

local function retrieve_spending_limit(request)
  return limit_view(request.emulator, find(request))
end

local function set_spending_limit(request)
  local workspace = find_open(request)
  set_limit(request.emulator, workspace, request.body)
  return limit_view(request.emulator, workspace)
end

return {
  view = view,
  routes = {
    { method = "POST", template = BASE, handle = create, body = check.object{
      name = name, data_retention = retention, spending_limit = spending_limit } },
    { method = "GET", template = BASE, handle = list, query = pages.query{
      name = check.single(check.text(0, 255)) } },
    { method = "GET", template = ONE, handle = retrieve },
    { method = "POST", template = ONE, handle = update, body = check.object{
      name = check.nullable(name), data_retention = retention } },
    { method = "POST", template = ONE .. "/archive", handle = archive },
    { method = "GET", template = ONE .. "/spending-limit", access = "own_workspace",
      handle = retrieve_spending_limit },
    { method = "PUT", template = ONE .. "/spending-limit", handle = set_spending_limit,
      body = spending_limit },
  },
}
