-- SPDX-License-Identifier: MIT
local split_range = require "boltz.resources.split_range"
local time = require "boltz.time"

local HOUR, DAY = 3600, 86400

local RANGED = require("boltz.resources.usage")[1].ranged

local function range(from, to, window)
  return { starting_at = time.format(from), ending_at = time.format(to), window_size = window }
end

-- The parts of a range as {from, to} in seconds, in the order in which they are asked for.
local function parts_of(params)
  local parts = {}
  while params do
    local part, rest = split_range(RANGED, params)
    parts[#parts + 1] = { time.parse(part.starting_at), time.parse(part.ending_at) }
    params = rest
  end
  return parts
end

describe("split_range", function()
  local NEW_YEAR = 1735689600 -- 2025-01-01T00:00:00Z

  -- name, window, start, length, expected lengths
  local CASES = {
    { "31 days by HOUR in one", "HOUR", NEW_YEAR, 31 * DAY, { 31 * DAY } },
    { "a second more in two", "HOUR", NEW_YEAR, 31 * DAY + 1, { 31 * DAY, 1 } },
    { "62 days by HOUR in two", "HOUR", NEW_YEAR, 62 * DAY, { 31 * DAY, 31 * DAY } },
    { "365 days by DAY in one", "DAY", NEW_YEAR, 365 * DAY, { 365 * DAY } },
    { "a second more in two", "DAY", NEW_YEAR, 365 * DAY + 1, { 365 * DAY, 1 } },
    { "800 days by DAY in three", "DAY", NEW_YEAR, 800 * DAY, { 365 * DAY, 365 * DAY, 70 * DAY } },
    { "an odd start by HOUR up to the full hour", "HOUR", NEW_YEAR + 1, 31 * DAY + HOUR,
      { 31 * DAY - 1, HOUR + 1 } },
    { "an odd start by DAY up to midnight", "DAY", NEW_YEAR + 7 * HOUR, 366 * DAY,
      { 365 * DAY - 7 * HOUR, DAY + 7 * HOUR } },
    { "an odd start of just the longest range in one", "DAY", NEW_YEAR + 7 * HOUR, 365 * DAY,
      { 365 * DAY } },
    { "what ends before it starts in one, for the service to refuse", "DAY", NEW_YEAR, -DAY,
      { -DAY } },
  }
  for _, case in ipairs(CASES) do
    local name, window, from, length, expected = case[1], case[2], case[3], case[4], case[5]
    it(("reads %s (%s)"):format(name, window), function()
      local lengths = {}
      for i, part in ipairs(parts_of(range(from, from + length, window))) do
        lengths[i] = part[2] - part[1]
      end
      assert.are.same(expected, lengths)
    end)
  end

  it("covers any range once, in parts that a query may cover and that meet on windows", function()
    local state = 20260408
    local function random(n) -- the same on every run and every Lua
      state = (state * 48271) % 2147483647
      return state % n
    end
    for _ = 1, 500 do
      local name = random(2) == 0 and "HOUR" or "DAY"
      local window = RANGED.windows[name]
      local from = NEW_YEAR + random(2000 * DAY)
      local to = from + 1 + random(5 * window.longest)
      local parts = parts_of(range(from, to, name))
      assert(parts[1][1] == from and parts[#parts][2] == to)
      for i, part in ipairs(parts) do
        assert(part[2] > part[1] and part[2] - part[1] <= window.longest)
        if i > 1 then assert(part[1] == parts[i - 1][2] and part[1] % window.length == 0) end
      end
    end
  end)

  it("leaves what it was given as it is, and everything else in both parts", function()
    local params = range(NEW_YEAR, NEW_YEAR + 400 * DAY, "DAY")
    params.page, params._skip, params.limit, params.group_by = "p2", 3, 10, { "application" }
    local part, rest = split_range(RANGED, params)
    assert.are.equal(time.format(NEW_YEAR + 400 * DAY), params.ending_at)
    assert.are.same({ "p2", 3, 10 }, { part.page, part._skip, part.limit })
    assert.are.same({ 10, { "application" } }, { rest.limit, rest.group_by })
    assert.is_nil(rest.page) -- a cursor belongs to one query
    assert.is_nil(rest._skip)
  end)

  it("understands times with an offset, and passes them on as they were written", function()
    local part, rest = split_range(RANGED, { starting_at = "2025-01-01T02:00:00+02:00",
      ending_at = "2025-03-01T00:00:00-05:00", window_size = "HOUR" })
    assert.are.equal("2025-01-01T02:00:00+02:00", part.starting_at)
    assert.are.equal("2025-02-01T00:00:00Z", part.ending_at)
    assert.are.equal("2025-02-01T00:00:00Z", rest.starting_at)
    assert.are.equal("2025-03-01T00:00:00-05:00", rest.ending_at)
  end)

  local WHOLE = {
    ["a window that this version does not know"] = range(0, 4000 * DAY, "MONTH"),
    ["a start that it cannot read"] = { starting_at = "a while ago", window_size = "DAY",
      ending_at = time.format(4000 * DAY) },
    ["no end"] = { starting_at = time.format(0), window_size = "DAY" },
    ["nothing"] = {},
    ["what is no text (validate = false)"] = { starting_at = {}, ending_at = true,
      window_size = "DAY" },
  }
  for name, params in pairs(WHOLE) do
    it("passes a query on whole that has " .. name, function()
      local part, rest = split_range(RANGED, params)
      assert.are.equal(params, part)
      assert.is_nil(rest)
    end)
  end
end)
