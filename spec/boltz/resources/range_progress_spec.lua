-- SPDX-License-Identifier: MIT
local emulator = require "boltz.emulator"
local boltz = require "boltz"
local range_progress = require "boltz.resources.range_progress"
local time = require "boltz.time"

local DAY = 86400
local NEW_YEAR = 1735689600 -- 2025-01-01T00:00:00Z

local RANGED = require("boltz.resources.usage")[1].ranged
local WHOLE = { starting_at = time.format(NEW_YEAR), ending_at = time.format(NEW_YEAR + 100 * DAY) }

-- A page whose last window ends after so many days.
local function page_to(days)
  return { data = { {}, { end_time = time.format(NEW_YEAR + days * DAY) } } }
end

local function from(days)
  return { starting_at = time.format(NEW_YEAR + days * DAY) }
end

describe("range_progress", function()
  it("is what stands before the end of the last window, or before the next query", function()
    assert.are.equal(0.25, range_progress(RANGED, WHOLE, page_to(25), from(0)))
    assert.are.equal(0.75, range_progress(RANGED, WHOLE, page_to(75), from(62)))
    assert.are.equal(0.62, range_progress(RANGED, WHOLE, page_to(40), from(62)))
  end)

  it("is all at the end of the list, also where nothing was used for long", function()
    assert.are.equal(1, range_progress(RANGED, WHOLE, page_to(40), nil))
    assert.are.equal(1, range_progress(RANGED, WHOLE, { data = {} }, nil))
  end)

  it("is within the range, whatever the service sends", function()
    assert.are.equal(1, range_progress(RANGED, WHOLE, page_to(200), from(0)))
    assert.are.equal(0, range_progress(RANGED, WHOLE, page_to(-200), from(-5)))
    for _, item in ipairs { 1, "x", { end_time = 5 }, { end_time = "soon" } } do
      assert.are.equal(0.5, range_progress(RANGED, WHOLE, { data = { item } }, from(50)))
    end
  end)

  it("is not known of a range that cannot be read, or is none", function()
    local odd = { starting_at = "a while ago", ending_at = WHOLE.ending_at }
    assert.is_nil(range_progress(RANGED, odd, page_to(1), from(0)))
    local reversed = { starting_at = WHOLE.ending_at, ending_at = WHOLE.starting_at }
    assert.is_nil(range_progress(RANGED, reversed, page_to(1), from(0)))
  end)

  it("grows to 1 over the pages and queries of a usage list, as on_page is told", function()
    local service = emulator.new { workspaces = 1 }
    local client = boltz.new { transport = service, api_key = service.admin_key }
    local ends = math.floor(os.time() / DAY) * DAY
    local fractions, last = {}, nil
    assert(client.usage:list({ starting_at = ends - 90 * DAY, ending_at = ends,
      window_size = "HOUR", limit = 200 }, { on_page = function(_, _, progress)
        fractions[#fractions + 1], last = progress.fraction, progress
      end }):all())
    assert.are.equal(12, #fractions) -- 744 + 744 + 672 hours, 4 pages each
    assert.are.equal(1, fractions[12])
    assert.are.equal(31 / 90, fractions[4]) -- the first query is done
    for i = 2, 12 do assert.is_true(fractions[i] > fractions[i - 1]) end
    assert.are.same({ pages = 12, has_more = false, fraction = 1 }, last)
    client:close()
  end)

  it("is nil of lists without a range", function()
    local service = emulator.new {}
    local client = boltz.new { transport = service, api_key = service.admin_key }
    local told
    assert(client.workspaces:list({}, { on_page = function(_, _, progress) told = progress end })
      :all())
    assert.are.same({ pages = 1, has_more = false }, told)
    client:close()
  end)
end)
