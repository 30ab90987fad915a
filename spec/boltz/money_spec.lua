-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local mistake = require "support.mistake"

local money = boltz.money

describe("boltz.money.format", function()
  local cases = {
    { 250000, "$250.00" }, { 0, "$0.00" }, { 1, "$0.001" }, { 10, "$0.01" }, { 100, "$0.10" },
    { 999, "$0.999" }, { 1000, "$1.00" }, { 28990, "$28.99" }, { 28995, "$28.995" },
    { 28905, "$28.905" }, { 28900, "$28.90" }, { 1234567890, "$1234567.89" },
    { -1000, "-$1.00" }, { -1, "-$0.001" }, { -28990, "-$28.99" }, { -0.0, "$0.00" },
    { 250000.0, "$250.00" }, { boltz.UNLIMITED, "unlimited" }, { 2 ^ 53 - 1, "unlimited" },
    { boltz.UNLIMITED - 1, "$9007199254740.99" }, { 2 ^ 53, "$9007199254740.992" },
    { -boltz.UNLIMITED, "-$9007199254740.991" }, { 1e21, "$1000000000000000000.00" },
    -- as text, which it is where this Lua cannot hold it exactly
    { "250000", "$250.00" }, { "0", "$0.00" }, { "-5", "-$0.005" },
    { "9007199254740991", "unlimited" }, { "9007199254740993", "$9007199254740.993" },
    { "123456789012345678901", "$123456789012345678.901" },
  }
  for _, case in ipairs(cases) do
    it(("writes %s as %s"):format(tostring(case[1]), case[2]), function()
      assert.are.equal(case[2], money.format(case[1]))
    end)
  end

  it("raises where it is called for what is no whole number", function()
    local bad = { { 0.5, "0.5" }, { 0 / 0, "NaN" }, { math.huge, "inf" }, { -math.huge, "-inf" },
      { "", '""' }, { "1.5", '"1.5"' }, { "1e3", '"1e3"' }, { "0x10", '"0x10"' },
      { " 1", '" 1"' }, { "01", '"01"' }, { "-0", '"-0"' }, { "+1", '"+1"' }, { "$1", '"$1"' },
      { boltz.null, "boltz.null" }, { nil, "nothing" }, { {}, "a table" }, { true, "true" } }
    for _, case in ipairs(bad) do
      assert.are.equal("bad parameter 'milli_usd' to 'boltz.money.format' (expected a whole number "
        .. "of milli-USD, got " .. case[2] .. ")", mistake(function() money.format(case[1]) end))
    end
  end)
end)

describe("boltz.money.usd", function()
  local cases = {
    { 28.99, 28990 }, { "28.99", 28990 }, { 0, 0 }, { "0", 0 }, { -0.0, 0 }, { "-0.00", 0 },
    { 250, 250000 }, { "250", 250000 }, { "250.0", 250000 }, { "0.001", 1 }, { 0.001, 1 },
    { "0.1", 100 }, { 0.3, 300 }, { 1.005, 1005 }, { 4.35, 4350 }, { 1.1, 1100 }, { "007.5", 7500 },
    { -5, -5000 }, { "-5", -5000 }, { -28.99, -28990 }, { "-0.001", -1 },
    { 999999999999.999, 999999999999999 }, { -999999999999.999, -999999999999999 },
    { 999999999999, 999999999999000 }, { "1000000000000", 1000000000000000 },
    { "9007199254740.991", 9007199254740991 }, { "-9007199254740.991", -9007199254740991 },
    { "9007199254740.99", 9007199254740990 }, { "000009007199254740.991", 9007199254740991 },
  }
  for _, case in ipairs(cases) do
    it(("reads %s as %.0f"):format(tostring(case[1]), case[2]), function()
      local milli = money.usd(case[1])
      assert.are.equal(case[2], milli)
      if math.type then assert.are.equal("integer", math.type(milli)) end
    end)
  end

  it("reads every amount that it has itself written with two or three decimals", function()
    local milli = 0
    for step = 1, 20000 do
      milli = milli + step * 2411
      local text = money.format(milli):sub(2)
      assert(money.usd(text) == milli and money.usd(tonumber(text)) == milli, text)
    end
  end)

  local function reason(amount)
    return mistake(function() money.usd(amount) end):match("^bad parameter 'amount' to "
      .. "'boltz.money.usd' %(expected US dollars such as 28.99 or \"28.99\", got (.*)%)$")
  end

  it("raises where it is called for a number that was computed, and says to round it", function()
    local advice = "; round it first: math.floor(amount * 1000 + 0.5) / 1000"
    assert.are.equal("0.30000000000000004" .. advice, reason(0.1 + 0.2))
    assert.are.equal("0.0005" .. advice, reason(0.0005))
    assert.are.equal("28.9999" .. advice, reason(28.9999))
    for _, computed in ipairs { 0.1 + 0.2, 1.1 * 3, 100 / 3, 0.07 * 100, -28.9999 } do
      assert.is_truthy(reason(computed):find(advice, 1, true))
      assert.is_number(money.usd(math.floor(computed * 1000 + 0.5) / 1000))
    end
  end)

  it("raises for a number so large that it may be another amount", function()
    assert.are.equal("1000000000000; from 10^12 on give it as text", reason(1e12))
    assert.are.equal("-1000000000000; from 10^12 on give it as text", reason(-1e12))
    assert.are.equal("1e+300; from 10^12 on give it as text", reason(1e300))
    assert.are.equal('"9007199254740.992", more than 9007199254740.991',
      reason "9007199254740.992")
    assert.are.equal('"10000000000000000", more than 9007199254740.991',
      reason "10000000000000000")
  end)

  it("raises for what is no amount", function()
    for _, text in ipairs { "", "$28.99", "28,99", "28.", ".5", ".", "-", "1e3", "0x10", " 1", "1 ",
      "1\n", "+1", "--1", "1.2.3", "1,000.00", "28.99 USD", "inf", "nan", "-.5" } do
      assert.is_truthy(reason(text), text)
    end
    assert.are.equal('"28.9999", with more than three decimals', reason "28.9999")
    assert.are.equal('"28.9900", with more than three decimals', reason "28.9900")
    assert.are.equal("NaN", reason(0 / 0))
    assert.are.equal("inf", reason(math.huge))
    assert.are.equal("nothing", reason(nil))
    assert.are.equal("boltz.null", reason(boltz.null))
    assert.are.equal("a table", reason {})
  end)
end)
