-- SPDX-License-Identifier: MIT
-- How much of each application a workspace used. Nothing is stored: a day's total is a hash of
-- seed, workspace, application and day, and an hour's share is cut from it along a fixed profile of
-- a working day. So any span costs one hash a day, and hours always add up to their days.

local clock = require "boltz.emulator.clock"
local random = require "boltz.emulator.random"

local Meter = {}
Meter.__index = Meter

local KEPT = 400 * clock.DAY
local MILLI_USD = 25 -- the price of one unit

local APPLICATIONS = {
  "structure_and_binding",
  "small_molecule_design",
  "small_molecule_library_screen",
  "protein_design",
  "protein_redesign",
  "protein_library_screen",
  "adme",
}

-- How a day's work is spread over its hours (UTC), and the same summed up: SHARE[h] of WHOLE is
-- done before hour h.
local PROFILE = { 1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 9, 8, 6, 8, 9, 9, 8, 6, 5, 4, 3, 2, 2, 1 }
local SHARE, WHOLE = {}, 0
for hour, weight in ipairs(PROFILE) do
  SHARE[hour - 1] = WHOLE
  WHOLE = WHOLE + weight
end
SHARE[24] = WHOLE

--- A meter for one organization.
-- @param seed number
-- @param now function -> seconds; what it says at first is the end of the usage that is kept
function Meter.new(seed, now)
  return setmetatable({
    _seed = seed,
    _now = now,
    _since = clock.floor(now(), clock.DAY) - KEPT,
    _states = {},
  }, Meter)
end

--- The hash state of a workspace's use of an application.
function Meter:_state(workspace, application)
  local id = workspace.id .. "/" .. application
  local state = self._states[id]
  if not state then
    state = random.absorb(random.hash(id), self._seed)
    self._states[id] = state
  end
  return state
end

--- Units on one day, counted in days since the epoch. A workspace leaves about half of the
-- applications alone; weekends are quiet; the rest is chance.
local function day_total(state, day)
  local scale = state % 7
  if scale < 3 then return 0 end
  local chance = random.absorb(random.absorb(state, day), 17) / random.MODULUS
  local weekday = (day + 4) % 7 -- 0 is Sunday: day 0 was a Thursday
  local calm = (weekday == 0 or weekday == 6) and 0.2 or 1
  return math.floor(scale * scale * 12 * calm * (0.4 + chance))
end

--- Units in the whole hours that start at or after `from` and before `to`.
local function span_total(state, from, to)
  local first, last = clock.ceil(from, clock.HOUR), clock.ceil(to, clock.HOUR)
  local total = 0
  while first < last do
    local midnight = clock.floor(first, clock.DAY)
    local stop = math.min(last, midnight + clock.DAY)
    local units = day_total(state, midnight / clock.DAY)
    local before = SHARE[(first - midnight) / clock.HOUR]
    local after = SHARE[(stop - midnight) / clock.HOUR]
    total = total + math.floor(units * after / WHOLE) - math.floor(units * before / WHOLE)
    first = stop
  end
  return total
end

--- Units that a workspace used of an application in hours that start within [from, to). There are
-- none before the workspace was made, after it was archived, or in hours yet to come.
function Meter:units(workspace, application, from, to)
  from = math.max(from, self._since, workspace.created_at)
  to = math.min(to, self._now(), workspace.archived_at or to)
  if from >= to then return 0 end
  return span_total(self:_state(workspace, application), from, to)
end

--- What a workspace spent since an instant, in milli-USD.
function Meter:spent(workspace, since)
  local units = 0
  for _, application in ipairs(APPLICATIONS) do
    units = units + self:units(workspace, application, since, self._now())
  end
  return units * MILLI_USD
end

return { new = Meter.new, APPLICATIONS = APPLICATIONS, PRICE = MILLI_USD }
