-- SPDX-License-Identifier: MIT
-- Usage and spending that a test has added, beside what the meter makes up.

local clock = require "boltz.emulator.clock"

local Ledger = {}
Ledger.__index = Ledger

local MOST = 9007199254740991 -- 2^53 - 1

local FIELDS = {
  workspace_id = "string",
  application = "string",
  quantity = "number",
  amount = "number",
  at = "number or string",
}
local KNOWN = "amount, application, at, quantity, workspace_id"

--- Makes an empty one.
-- @param applications a list of what there is
-- @param price of a unit, in milli-USD
function Ledger.new(applications, price)
  return setmetatable({ _applications = applications, _price = price, _entries = {}, _used = {} },
    Ledger)
end

local function bad(name, expected, value)
  local got = type(value) == "string" and ("%q"):format(value) or tostring(value)
  return ("bad '%s' in a use (expected %s, got %s)"):format(name, expected, got)
end

local function is_count(value)
  return value == nil
    or type(value) == "number" and value >= 0 and value <= MOST and value % 1 == 0
end

function Ledger:_knows(application)
  for _, name in ipairs(self._applications) do
    if name == application then return true end
  end
  return false
end

-- What is wrong with the fields but for the time, or nil.
function Ledger:_mistake_in(use)
  for name in pairs(use) do
    if not FIELDS[name] then
      return ("unknown field in a use: %s (known: %s)"):format(tostring(name), KNOWN)
    end
  end
  for _, name in ipairs{ "quantity", "amount" } do
    if not is_count(use[name]) then return bad(name, "a whole number from 0", use[name]) end
  end
  if use.quantity == nil and use.amount == nil then
    return "a use needs a 'quantity' or an 'amount'"
  end
  local needs_application = use.application ~= nil or (use.quantity or 0) > 0
  if needs_application and not self:_knows(use.application) then
    return bad("application", "one of: " .. table.concat(self._applications, ", "),
      use.application)
  end
end

-- The time of a use, or nil and what is wrong with it.
local function time_of(use, now)
  if use.at == nil then return now end
  local at = use.at
  if type(at) == "string" then at = clock.parse(at) end
  if type(at) ~= "number" or at ~= at or at == -math.huge then
    return nil, bad("at", "seconds since the epoch, or ISO 8601 with a timezone", use.at)
  end
  if at >= now + 1 then return nil, bad("at", "a time that is not in the future", use.at) end
  return at
end

local function label(workspace, application)
  return workspace.id .. "/" .. application
end

--- Adds a use; see `Emulator:use`.
-- @param use
-- @param workspace that it names, or nil
-- @param now in whole seconds
-- @return nil, or what is wrong with it
function Ledger:add(use, workspace, now)
  local mistake = self:_mistake_in(use)
  if mistake then return mistake end
  if not workspace then return bad("workspace_id", "the id of a workspace", use.workspace_id) end
  local at, problem = time_of(use, now)
  if not at then return problem end
  local quantity = use.quantity or 0
  local entry = { workspace = workspace, quantity = quantity, at = at,
    amount = use.amount or quantity * self._price }
  self._entries[#self._entries + 1] = entry
  if use.application then
    local key = label(workspace, use.application)
    self._used[key] = self._used[key] or {}
    table.insert(self._used[key], entry)
  end
end

--- How many there are: those to come have greater numbers.
function Ledger:count()
  return #self._entries
end

--- Units that a workspace used of an application at times within [from, to).
function Ledger:units(workspace, application, from, to)
  local sum = 0
  for _, entry in ipairs(self._used[label(workspace, application)] or {}) do
    if entry.at >= from and entry.at < to then sum = sum + entry.quantity end
  end
  return sum
end

--- What a workspace spent since a time, in milli-USD.
-- @param after leaves out the first so many of all
function Ledger:spent(workspace, since, after)
  local sum = 0
  for i = after + 1, #self._entries do
    local entry = self._entries[i]
    if entry.workspace == workspace and entry.at >= since then sum = sum + entry.amount end
  end
  return sum
end

return Ledger
