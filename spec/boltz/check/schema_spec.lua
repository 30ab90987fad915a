-- SPDX-License-Identifier: MIT
local schema = require "boltz.check.schema"
local core = require "boltz.core"
local message = require "boltz.check.message"

local NULL = core.null
local BIG = 2 ^ 53 - 1

local ENUM = { type = "enum", values = { "hours", "days" } }
local NAME = { type = "string", min = 1, max = 4 }
local COUNT = { type = "integer", min = 1, max = 100 }
local LIST = { type = "list", of = ENUM }
local SINGLE = { type = "list", of = ENUM, single = true }
local TIME = { type = "time" }
local RETENTION = { type = "object", fields = {
  unit = { type = "enum", values = { "hours", "days" }, required = true },
  value = { type = "integer", min = 1, required = true },
} }

describe("schema.check", function()
  -- description, value, and what it becomes where that is something else
  local FITS = {
    { NAME, "a" }, { NAME, "東京東京" }, { { type = "string" }, "" },
    { { type = "string", null = true }, NULL },
    { COUNT, 1 }, { COUNT, 100 }, { { type = "integer" }, -5 },
    { { type = "integer", min = 0, max = BIG }, BIG },
    { { type = "number", min = 0.001 }, 0.5 }, { { type = "number" }, -1e300 },
    { { type = "boolean" }, true }, { { type = "boolean" }, false },
    { ENUM, "days" },
    { { type = "ip" }, "203.0.113.7" }, { { type = "ip" }, "2001:db8::7" },
    { { type = "ip" }, "::1" },
    { TIME, "2026-04-08T12:00:00+02:00" }, { TIME, 0, "1970-01-01T00:00:00Z" },
    { TIME, 1775649600.5, "2026-04-08T12:00:00.500Z" },
    { LIST, { "days", "hours" } }, { LIST, {} }, { SINGLE, "days", { "days" } },
    { SINGLE, { "days" } },
    { RETENTION, { unit = "days", value = 14 } },
    { { type = "table" }, { 1, a = 2 } }, { { type = "function" }, print },
    { { type = "any" }, print }, { { type = "any" }, false },
  }
  for i, case in ipairs(FITS) do
    it(("takes %s as %s (%d)"):format(message.describe(case[2]), case[1].type, i), function()
      local expected = case[3]
      if expected == nil then expected = case[2] end
      local value, mistake = schema.check(case[1], case[2], "x")
      assert.is_nil(mistake)
      assert.are.same(expected, value)
    end)
  end

  local A_TIME = "an ISO 8601 time with a timezone or seconds since the epoch"
  -- description, value, expected, got; and the path where it is not that of the value
  local MISFITS = {
    { NAME, "", "a string of 1 to 4 characters", '""' },
    { NAME, "abcde", "a string of 1 to 4 characters", '"abcde"' },
    { NAME, "東京東京東", "a string of 1 to 4 characters", '"東京東京東"' },
    { NAME, 5, "a string of 1 to 4 characters", "5" },
    { NAME, NULL, "a string of 1 to 4 characters", "boltz.null" },
    { NAME, "\255", "a string of 1 to 4 characters", "text that is not UTF-8" },
    { { type = "string" }, {}, "a string", "a table" },
    { { type = "string", min = 1 }, "", "a non-empty string", '""' },
    { { type = "string", null = true }, 1, "a string, or boltz.null", "1" },
    { COUNT, 0, "an integer from 1 to 100", "0" },
    { COUNT, 101, "an integer from 1 to 100", "101" },
    { COUNT, 1.5, "an integer from 1 to 100", "1.5" },
    { COUNT, "5", "an integer from 1 to 100", '"5"' },
    { COUNT, true, "an integer from 1 to 100", "true" },
    { COUNT, 0 / 0, "an integer from 1 to 100", "NaN" },
    { COUNT, math.huge, "an integer from 1 to 100", "inf" },
    { { type = "integer", min = 1 }, 0, "an integer of at least 1", "0" },
    { { type = "integer", min = 0, max = BIG }, 2 ^ 53, "an integer from 0 to 9007199254740991",
      "9007199254740992" },
    { { type = "number", min = 0.5 }, 0.25, "a number of at least 0.5", "0.25" },
    { { type = "number" }, math.huge, "a number", "inf" },
    { { type = "number" }, "1", "a number", '"1"' },
    { { type = "boolean" }, 1, "a boolean", "1" },
    { { type = "function" }, {}, "a function", "a table" },
    { { type = "table" }, "x", "a table", '"x"' },
    { ENUM, "weeks", '"hours" or "days"', '"weeks"' },
    { ENUM, "Days", '"hours" or "days"', '"Days"' },
    { ENUM, 1, '"hours" or "days"', "1" },
    { { type = "enum", values = { "a", "b", "c" } }, "d", '"a", "b" or "c"', '"d"' },
    { { type = "enum", values = { "a" } }, "d", '"a"', '"d"' },
    { { type = "ip" }, "1.2.3", "an IPv4 or IPv6 address", '"1.2.3"' },
    { { type = "ip" }, "1.2.3.4/24", "an IPv4 or IPv6 address", '"1.2.3.4/24"' },
    { { type = "ip" }, 16909060, "an IPv4 or IPv6 address", "16909060" },
    { TIME, "2026-04-08T12:00:00", A_TIME, '"2026-04-08T12:00:00"' },
    { TIME, 1e300, A_TIME, "1e+300" },
    { TIME, 0 / 0, A_TIME, "NaN" },
    { TIME, {}, A_TIME, "a table" },
    { LIST, "days", "a list", '"days"' },
    { LIST, { a = "days" }, "a list", "a table" },
    { LIST, { nil, "days" }, "a list", "a table" },
    { LIST, { "days", "weeks" }, '"hours" or "days"', '"weeks"', "x[2]" },
    { SINGLE, "weeks", '"hours" or "days"', '"weeks"' },
    { SINGLE, { a = "days" }, '"hours" or "days", or a list of such', "a table" },
    { RETENTION, "days", "a table", '"days"' },
    { RETENTION, { unit = "days" }, "an integer of at least 1", "nothing", "x.value" },
    { RETENTION, { unit = "weeks", value = 1 }, '"hours" or "days"', '"weeks"', "x.unit" },
  }
  for i, case in ipairs(MISFITS) do
    it(("refuses %s where it expects %s (%d)"):format(case[4], case[3], i), function()
      local value, mistake = schema.check(case[1], case[2], "x")
      assert.is_nil(value)
      assert.are.same({ path = case[5] or "x", expected = case[3], got = case[4] }, mistake)
    end)
  end

  it("copies lists and objects, and marks lists as arrays", function()
    local given = { "days" }
    local checked = schema.check(LIST, given, "x")
    assert.are_not.equal(given, checked)
    assert.is_true(core.is_array(checked))
    assert.is_nil(getmetatable(given))
    assert.is_true(core.is_array((schema.check(LIST, {}, "x"))))
    local retention = { unit = "days", value = 1 }
    assert.are_not.equal(retention, (schema.check(RETENTION, retention, "x")))
  end)
end)

describe("schema.check, lenient,", function()
  for i, case in ipairs { { NAME, 5 }, { COUNT, 1000 }, { ENUM, "weeks" }, { { type = "ip" }, "x" },
    { RETENTION, "x" }, { LIST, { a = 1 } }, { TIME, "later" }, { TIME, 1e300 } } do
    it(("passes on as it is what does not fit %s (%d)"):format(case[1].type, i), function()
      assert.are.same({ case[2] }, { schema.check(case[1], case[2], "x", true) })
    end)
  end

  it("still writes times, makes lists of single values, and looks into tables", function()
    assert.are.equal("1970-01-01T00:00:00Z", schema.check(TIME, 0, "x", true))
    assert.are.same({ "weeks" }, (schema.check(SINGLE, "weeks", "x", true)))
    assert.are.same({ unit = "weeks", later = 1 },
      (schema.check(RETENTION, { unit = "weeks", later = 1 }, "x", true)))
    assert.are.same({ "1970-01-01T00:00:00Z", "x" },
      (schema.check({ type = "list", of = TIME }, { 0, "x" }, "x", true)))
  end)
end)

describe("schema.check of an id", function()
  local ID = { type = "string", min = 1, id = true }
  local IDS = { type = "list", of = ID, single = true }
  local SECRET = "sk_bc_admin_live_0123456789"

  it("refuses a secret, also in a list and in lenient checks, and does not show it", function()
    for _, lenient in ipairs { false, true } do
      for path, case in pairs { id = { ID, SECRET }, ["ids[2]"] = { IDS, { "a", SECRET } } } do
        local name = path:gsub("%[2%]", "")
        local value, mistake = schema.check(case[1], case[2], name, lenient)
        assert.is_nil(value)
        assert.are.same({ path = path, expected = "an id", is_secret = true,
          got = "a secret, as it begins with sk_bc_" }, mistake)
      end
    end
    assert.are.equal("ws_sk_bc_1", schema.check(ID, "ws_sk_bc_1", "id"))
  end)
end)

describe("schema.check_fields", function()
  local FIELDS = {
    name = { type = "string", required = true },
    currency = { type = "enum", values = { "MILLI_USD" }, default = "MILLI_USD" },
    spending_limit = { type = "object", fields = { amount = COUNT } },
    _skip = { type = "integer" },
  }

  it("fills in what has a default and is absent", function()
    assert.are.same({ name = "n", currency = "MILLI_USD" },
      schema.check_fields(FIELDS, { name = "n" }))
  end)

  it("does not change what it was given", function()
    local given = { name = "n" }
    schema.check_fields(FIELDS, given)
    assert.are.same({ name = "n" }, given)
  end)

  it("wants what is required, in lenient checks not", function()
    local checked, mistake = schema.check_fields(FIELDS, {})
    assert.is_nil(checked)
    assert.are.same({ path = "name", expected = "a string", got = "nothing" }, mistake)
    assert.are.same({ currency = "MILLI_USD" }, schema.check_fields(FIELDS, {}, "", true))
  end)

  it("refuses a name that it does not know, in lenient checks not", function()
    local checked, mistake = schema.check_fields(FIELDS, { name = "n", later = 1 }, "a.")
    assert.is_nil(checked)
    assert.are.same({ path = "a.later", unknown = true,
      hint = "known are currency, name, spending_limit" }, mistake)
    assert.are.same({ name = "n", currency = "MILLI_USD", later = 1 },
      schema.check_fields(FIELDS, { name = "n", later = 1 }, "a.", true))
  end)

  local HINTS = {
    nmae = "did you mean 'name'?", Name = "did you mean 'name'?", names = "did you mean 'name'?",
    nam = "did you mean 'name'?", curency = "did you mean 'currency'?",
    currencies = "did you mean 'currency'?", spendinglimit = "did you mean 'spending_limit'?",
    spending_limits = "did you mean 'spending_limit'?",
    spendLimit = "known are currency, name, spending_limit",
    zzzzzzzz = "known are currency, name, spending_limit",
    skip = "known are currency, name, spending_limit", -- what begins with _ is nobody's to write
    [""] = "known are currency, name, spending_limit",
    [1] = "known are currency, name, spending_limit",
  }
  for name, hint in pairs(HINTS) do
    it("helps whoever writes " .. message.describe(name), function()
      local _, mistake = schema.check_fields(FIELDS, { name = "n", [name] = "x" })
      assert.are.equal(hint, mistake.hint)
    end)
  end

  it("hints at a parameter of one letter only for a near miss of two letters or more", function()
    local _, mistake = schema.check_fields({ id = COUNT }, { x = 1 })
    assert.are.equal("known are id", mistake.hint)
    _, mistake = schema.check_fields({ id = COUNT }, { di = 1 })
    assert.are.equal("did you mean 'id'?", mistake.hint)
  end)

  it("shows no key that stands where a name does", function()
    local key = "sk_bc_admin_live_0123456789abcdef"
    local _, mistake = schema.check_fields(FIELDS, { name = "n", [key] = "x" })
    assert.are.equal("(an API key)", mistake.path)
    assert.is_nil(mistake.hint:find(key, 1, true))
  end)

  it("says so where nothing is known", function()
    local _, mistake = schema.check_fields({}, { x = 1 })
    assert.are.equal("none is known", mistake.hint)
  end)

  it("gives the same answer each time when several things are wrong", function()
    local first
    for _ = 1, 20 do
      local _, mistake = schema.check_fields({ a = COUNT, b = COUNT, c = COUNT },
        { a = 0, b = 0, c = 0 })
      first = first or mistake.path
      assert.are.equal(first, mistake.path)
    end
    assert.are.equal("a", first)
  end)

  it("cuts a long name short", function()
    local _, mistake = schema.check_fields(FIELDS, { [("x"):rep(1000)] = 1 })
    assert.is_true(#mistake.path <= 100)
  end)

  it("shows no control character of a name", function()
    local _, mistake = schema.check_fields(FIELDS, { ["\27[31m\n"] = 1 })
    assert.is_nil(mistake.path:find("%c"))
  end)
end)
