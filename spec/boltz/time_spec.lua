-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local mistake = require "support.mistake"
local time = require "boltz.time"

local MINUTE, HOUR, DAY = 60, 3600, 86400

-- Each is true by the calendar: date -u -d TEXT +%s.
local INSTANTS = {
  { "1970-01-01T00:00:00Z", 0 },
  { "1969-12-31T23:59:59Z", -1 },
  { "1900-03-01T00:00:00Z", -2203891200 }, -- 1900 had no leap day
  { "2000-02-29T12:00:00Z", 951825600 }, -- 2000 had one
  { "2001-09-09T01:46:40Z", 1000000000 },
  { "2023-12-31T23:59:59Z", 1704067199 },
  { "2024-02-29T00:00:00Z", 1709164800 },
  { "2024-03-01T00:00:00Z", 1709251200 },
  { "2026-04-08T18:56:46Z", 1775674606 },
  { "2038-01-19T03:14:08Z", 2147483648 },
  { "2100-03-01T00:00:00Z", 4107542400 }, -- 2100 will have none
  { "0000-01-01T00:00:00Z", -62167219200 },
  { "9999-12-31T23:59:59Z", 253402300799 },
}

describe("time.parse and time.format", function()
  for _, instant in ipairs(INSTANTS) do
    local text, seconds = instant[1], instant[2]
    it("agree on " .. text, function()
      assert.are.equal(seconds, time.parse(text))
      assert.are.equal(text, time.format(seconds))
    end)
  end

  it("undo each other on every day from 1582 to 2500 and at every hour's end", function()
    for days = -141704, 193806 do
      local seconds = days * DAY + (days % 24) * HOUR + 59 * MINUTE + 59
      assert(time.parse(time.format(seconds)) == seconds, time.format(seconds))
    end
  end)
end)

describe("time.format", function()
  it("agrees with the host's calendar over 150 years", function()
    for seconds = 0, 150 * 365 * DAY, 9 * DAY + 7 * HOUR + 13 * MINUTE + 17 do
      local expected = os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
      assert(time.format(seconds) == expected, expected)
    end
  end)

  local FRACTIONS = {
    { 0.5, "1970-01-01T00:00:00.500Z" },
    { 0.001, "1970-01-01T00:00:00.001Z" },
    { 1.25, "1970-01-01T00:00:01.250Z" },
    { -0.25, "1969-12-31T23:59:59.750Z" },
    { 59.9996, "1970-01-01T00:01:00Z" },
    { 0.0004, "1970-01-01T00:00:00Z" },
    { 1775674606.0, "2026-04-08T18:56:46Z" },
    { 253402300799.999, "9999-12-31T23:59:59.999Z" },
  }
  for _, case in ipairs(FRACTIONS) do
    it(("writes %.4f as %s"):format(case[1], case[2]), function()
      assert.are.equal(case[2], time.format(case[1]))
    end)
  end

  it("writes nothing for what has no four-digit year", function()
    for _, seconds in ipairs { 253402300800, -62167219201, 1e300, math.huge, -math.huge, 0 / 0 } do
      assert.is_nil(time.format(seconds))
    end
  end)
end)

describe("time.parse", function()
  local NOON = 1775649600 -- 2026-04-08T12:00:00Z
  local SAME = {
    "2026-04-08T12:00:00Z", "2026-04-08t12:00:00z", "2026-04-08 12:00:00Z", "2026-04-08T12:00Z",
    "2026-04-08T14:00:00+02:00", "2026-04-08T14:00:00+0200", "2026-04-08T06:30:00-05:30",
    "2026-04-09T02:00:00+14:00", "2026-04-08T14:59:00+02:59", "2026-04-07T13:00:00-23:00",
    "2026-04-08T12:00:00+00:00", "2026-04-08T12:00:00-00:00", "2026-04-08T14:00+02:00",
    "2026-04-08T12:00:00.000Z",
  }
  for _, text in ipairs(SAME) do
    it("reads noon of 2026-04-08 from " .. text, function()
      assert.are.equal(NOON, time.parse(text))
    end)
  end

  it("keeps a fraction of a second", function()
    assert.are.equal(NOON + 0.5, time.parse("2026-04-08T12:00:00.5Z"))
    assert.are.equal(NOON + 0.125, time.parse("2026-04-08T14:00:00,125+02:00"))
  end)

  it("reads as many digits of a fraction as a number holds", function()
    local text = "1970-01-01T00:00:00.%sZ"
    assert.are.equal(0.333333333333333, time.parse(text:format(("3"):rep(400))))
    assert.are.equal(1e-15, time.parse(text:format(("0"):rep(14) .. "1")))
    assert.are.equal(0, time.parse(text:format(("0"):rep(400) .. "1")))
  end)

  it("counts a leap second as the next minute's first", function()
    assert.are.equal(time.parse("2017-01-01T00:00:00Z"), time.parse("2016-12-31T23:59:60Z"))
  end)

  if math.type then
    it("gives whole seconds as integers", function()
      for _, text in ipairs { "2026-04-08T12:00:00+02:00", "2026-04-08T12:00Z",
        "2026-04-08T12:00:00.0Z", "2026-04-08T12:00:00,000-01:00" } do
        assert.are.equal("integer", math.type(time.parse(text)), text)
      end
      assert.are.equal("float", math.type(time.parse("2026-04-08T12:00:00.5Z")))
    end)
  end

  local MALFORMED = {
    "", "now", "2026-04-08", "12:00:00Z", "20260408T120000Z", "1775649600",
    "2026-04-08T12:00:00", "2026-04-08T12:00", "2026-04-08T12:00:00 ", -- no timezone
    "2026-04-08T12:00:00+2", "2026-04-08T12:00:00+02", "2026-04-08T12:00:00+02:60",
    "2026-04-08T12:00:00+24:00", "2026-04-08T12:00:00UTC", "2026-04-08T12:00:00 +02:00",
    "2026-04-08T12:00:00ZZ", " 2026-04-08T12:00:00Z", "2026-04-08T12:00:00Z\n",
    "2026-00-08T12:00:00Z", "2026-13-08T12:00:00Z", "2026-04-00T12:00:00Z", "2026-04-31T12:00:00Z",
    "2026-12-32T12:00:00Z",
    "2026-02-29T12:00:00Z", "1900-02-29T12:00:00Z", "2100-02-29T12:00:00Z",
    "2026-04-08T24:00:00Z", "2026-04-08T12:60:00Z", "2026-04-08T12:00:61Z",
    "2026-04-08T12:30:60Z", "2026-04-08T23:59:60Z",
    "2026-04-08T12:00:00.Z", "2026-04-08T12:00:.5Z", "2026-04-08T1:00:00Z", "26-04-08T12:00:00Z",
    "2026-4-8T12:00:00Z", "2026-04-08X12:00:00Z", "+2026-04-08T12:00:00Z", "-026-04-08T12:00:00Z",
  }
  for _, text in ipairs(MALFORMED) do
    it(("does not take %q for a time"):format(text), function()
      assert.is_nil(time.parse(text))
    end)
  end
end)

describe("boltz.time", function()
  it("reads and writes times to the millisecond, before 1970 and from other zones, too", function()
    for _, text in ipairs { "1970-01-01T00:00:00.500Z", "2026-04-08T18:56:46Z",
      "2026-04-08T18:56:46.001Z", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00.750Z",
      "9999-12-31T23:59:59.999Z" } do
      assert.are.equal(text, boltz.time.format(boltz.time.parse(text)))
    end
    assert.are.equal("2026-04-08T10:30:00.250Z",
      boltz.time.format(boltz.time.parse "2026-04-08T12:30:00.2504+02:00"))
  end)

  it("raises where it is called, and says what is wrong with a text", function()
    local function reason(text)
      return mistake(function() boltz.time.parse(text) end):match("^bad parameter 'text' to "
        .. "'boltz.time.parse' %(expected an ISO 8601 time with a timezone, got (.*)%)$")
    end
    local cases = {
      ["now"] = "", ["2026-04-08"] = "", ["2026-04-08T12:00:00+2"] = "",
      ["2026-04-08T12:00:00"] = ", which names no timezone",
      ["2026-04-08T12:00"] = ", which names no timezone",
      ["2026-04-08T12:00:00.5"] = ", which names no timezone",
      ["2026-02-29T12:00:00Z"] = ", whose date does not exist",
      ["2026-13-01T12:00:00Z"] = ", whose date does not exist",
      ["2026-04-08T24:00:00Z"] = ", whose time of day does not exist",
      ["2026-04-08T23:59:60Z"] = ", whose time of day does not exist",
    }
    for text, said in pairs(cases) do
      assert.are.equal(('"%s"%s'):format(text, said), reason(text))
    end
    assert.are.equal("nothing", reason(nil))
    assert.are.equal("1775674606", reason(1775674606))
    assert.are.equal("boltz.null", reason(boltz.null))
  end)

  it("raises where it is called for what is no number, or in no year of four digits", function()
    local function reason(seconds)
      return mistake(function() boltz.time.format(seconds) end):match("^bad parameter 'seconds' to "
        .. "'boltz.time.format' %(expected seconds since the epoch, in a year from 0 to 9999, "
        .. "got (.*)%)$")
    end
    assert.are.equal("NaN", reason(0 / 0))
    assert.are.equal("inf", reason(math.huge))
    assert.are.equal("253402300800", reason(253402300800))
    assert.are.equal('"0"', reason "0")
    assert.are.equal("nothing", reason(nil))
  end)
end)
