-- SPDX-License-Identifier: MIT
-- The usage endpoint: buckets by window, workspace and application.
--
-- Where the documentation is silent: the windows are those of UTC, and one that the range only
-- touches is answered whole; windows that have not begun are left out; without grouping every
-- window is there, also an empty one, and with grouping only the buckets that hold something.

local core = require "boltz.core"
local check = require "boltz.emulator.check"
local clock = require "boltz.emulator.clock"
local meter = require "boltz.emulator.meter"
local problem = require "boltz.emulator.problem"
local random = require "boltz.emulator.random"

local unpack = require("boltz.tables").unpack

local DEFAULT_LIMIT = 100
local WINDOWS = {
  HOUR = { size = clock.HOUR, longest = 31 * clock.DAY, message = "31 days by HOUR" },
  DAY = { size = clock.DAY, longest = 365 * clock.DAY, message = "365 days by DAY" },
}

local instant = check.single(check.parsed(clock.parse, "an ISO 8601 date-time with a timezone"))

local query_rule = check.object({
  starting_at = instant,
  ending_at = instant,
  window_size = check.single(check.one_of("HOUR", "DAY")),
  limit = check.digits(1),
  page = check.single(check.text(1, 255)),
  ["applications[]"] = check.list(check.one_of(unpack(meter.APPLICATIONS))),
  ["group_by[]"] = check.list(check.one_of("workspace_id", "application")),
  ["workspace_ids[]"] = check.list(check.text(1, 255)),
}, { "starting_at", "ending_at", "window_size" })

--- A set of the texts in a list; nil stands for all.
local function set_of(list)
  if not list then return setmetatable({}, { __index = function() return true end }) end
  local set = {}
  for _, text in ipairs(list) do set[text] = true end
  return set
end

--- The windows of a query, from the start of the first to the end of the last.
local function range_of(query, now)
  local window = WINDOWS[query.window_size]
  local length = query.ending_at - query.starting_at
  if length <= 0 then problem.raise("bad_request", "starting_at must be before ending_at") end
  if length > window.longest then
    problem.raise("bad_request", "A query covers at most " .. window.message)
  end
  local starts = clock.floor(query.starting_at, window.size)
  local ends = clock.ceil(math.min(query.ending_at, now + 1), window.size)
  return { starts = starts, size = window.size, count = math.max(ends - starts, 0) / window.size }
end

--- The groups of a query, each with the pairs of workspace and application that it sums up.
local function groups_of(store, query)
  local by = set_of(query["group_by[]"] or {})
  local wanted_ids = set_of(query["workspace_ids[]"])
  local wanted_applications = set_of(query["applications[]"])
  local groups, known = {}, {}
  if not next(by) then
    groups[1] = { parts = {} } -- the one group of an ungrouped query, also when it sums up nothing
    known["/"] = groups[1]
  end
  for _, workspace in store.workspaces:each() do
    for _, application in ipairs(meter.APPLICATIONS) do
      if wanted_ids[workspace.id] and wanted_applications[application] then
        local id = by.workspace_id and workspace.id or nil
        local name = by.application and application or nil
        local label = (id or "") .. "/" .. (name or "")
        if not known[label] then
          known[label] = { workspace_id = id, application = name, parts = {} }
          groups[#groups + 1] = known[label]
        end
        table.insert(known[label].parts, { workspace, application })
      end
    end
  end
  return groups
end

local function bucket_of(emulator, group, starts, size)
  local quantity = 0
  for _, part in ipairs(group.parts) do
    quantity = quantity + emulator.meter:units(part[1], part[2], starts, starts + size)
      + emulator.ledger:units(part[1], part[2], starts, starts + size)
  end
  return {
    start_time = clock.format(starts),
    end_time = clock.format(starts + size),
    quantity = quantity,
    workspace_id = group.workspace_id,
    application = group.application,
  }
end

--- A number that only this query, on this emulator, gives to this position: page tokens carry it,
-- so that one that was made up, or belongs to another query, is refused.
local function seal(emulator, query, window, group)
  local texts = { query.window_size, clock.format(math.floor(query.starting_at)),
    clock.format(math.floor(query.ending_at)) }
  for _, name in ipairs{ "applications[]", "group_by[]", "workspace_ids[]" } do
    texts[#texts + 1] = table.concat(query[name] or {}, ",")
  end
  local state = random.absorb(random.hash(table.concat(texts, "&")), emulator.seed)
  return random.absorb(random.absorb(state, window), group)
end

-- A token names window and group apart: a workspace made meanwhile adds groups to every window.
local function write_token(emulator, query, window, group)
  return ("page_%x_%x_%x"):format(window, group, seal(emulator, query, window, group))
end

local function read_token(emulator, query)
  if not query.page then return 0, 0 end
  local window, group = query.page:match("^page_(%x%x?%x?%x?)_(%x%x?%x?%x?%x?%x?)_%x+$")
  if window then
    window, group = tonumber(window, 16), tonumber(group, 16)
    if query.page == write_token(emulator, query, window, group) then return window, group end
  end
  problem.raise("bad_request", "Unknown page token")
end

local function list(request)
  local emulator, query = request.emulator, request.query
  local range = range_of(query, emulator:now())
  local groups = groups_of(emulator.store, query)
  local grouped = #(query["group_by[]"] or {}) > 0
  local limit = query.limit or DEFAULT_LIMIT
  local first_window, first_group = read_token(emulator, query)
  local data, next_page = core.array{}, nil
  for position = first_window * #groups + first_group, range.count * #groups - 1 do
    local window, group = math.floor(position / #groups), position % #groups
    local starts = range.starts + window * range.size
    local bucket = bucket_of(emulator, groups[group + 1], starts, range.size)
    if not grouped or bucket.quantity > 0 then
      if #data == limit then
        next_page = write_token(emulator, query, window, group)
        break
      end
      data[#data + 1] = bucket
    end
  end
  return { data = data, has_more = next_page ~= nil, next_page = next_page or core.null }
end

return {
  routes = {
    { method = "GET", template = "/compute/v1/admin/usage", handle = list, query = query_rule },
  },
}
