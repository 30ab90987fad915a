-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local query = require "boltz.request.query"

describe("query.format", function()
  local CASES = {
    { {}, "" },
    { { name = "a b&c=d", limit = 10 }, "limit=10&name=a%20b%26c%3Dd" },
    { { ["applications[]"] = { "adme", "protein_design" } },
      "applications%5B%5D=adme&applications%5B%5D=protein_design" },
    { { empty = {}, a = "" }, "a=" },
    { { yes = true, no = false }, "no=false&yes=true" },
    { { n = 2 ^ 53 - 1, f = 0.5, whole = 3.0 }, "f=0.5&n=9007199254740991&whole=3" },
    { { mixed = { 1, "x", false } }, "mixed=1&mixed=x&mixed=false" },
    { { name = "東+~" }, "name=%E6%9D%B1%2B~" },
    { { ["a b"] = 1 }, "a%20b=1" },
  }
  for _, case in ipairs(CASES) do
    it("writes " .. (case[2] ~= "" and case[2] or "nothing for an empty table"), function()
      assert.is_nil(query.check(case[1]))
      assert.are.equal(case[2], query.format(case[1]))
    end)
  end
end)

describe("query.merge", function()
  local function merged(...)
    return query.format(query.merge(...))
  end

  it("lets later tables replace earlier ones by name, lists as a whole", function()
    assert.are.equal("a=1&b=3&c=4", merged({ a = 1, b = { 1, 2 } }, nil, { b = 3 }, { c = 4 }))
  end)

  it("takes a value out where a later list is empty", function()
    assert.are.equal("b=2", merged({ a = 1, b = 2 }, { a = {} }))
  end)

  it("is a table of its own, down to the lists", function()
    local list = { "x" }
    local values = query.merge({ a = list })
    list[1] = "changed"
    assert.are.equal("a=x", query.format(values))
  end)
end)

describe("query.parse", function()
  local CASES = {
    { "", {} }, { "a=1", { a = "1" } }, { "a=1&b=2", { a = "1", b = "2" } },
    { "a=1&a=2&a=3", { a = { "1", "2", "3" } } }, { "a", { a = "" } }, { "a=", { a = "" } },
    { "a=b=c", { a = "b=c" } }, { "a%5B%5D=x%20y+z", { ["a[]"] = "x y z" } },
    { "&&a=1&", { a = "1" } },
    { "a=%E6%9D%B1", { a = "東" } }, { "a=100%", { a = "100%" } },
  }
  for _, case in ipairs(CASES) do
    it("reads " .. (case[1] ~= "" and case[1] or "nothing"), function()
      assert.are.same(case[2], query.parse(case[1]))
    end)
  end
end)

describe("query.check", function()
  local EXPECTED = "a string, a number, a boolean, or a list of such"
  local REFUSED = {
    { { a = function() end }, "query.a", EXPECTED, "a function" },
    { { a = { "x", {} } }, "query.a", EXPECTED, "a table" },
    { { a = { x = 1 } }, "query.a", EXPECTED, "a table" },
    { { a = { 1, nil, 3 } }, "query.a", EXPECTED, "a table" },
    { { a = 0 / 0 }, "query.a", EXPECTED, "NaN" },
    { { a = "\255" }, "query.a", EXPECTED, "text that is not UTF-8" },
    { { a = core.null }, "query.a", EXPECTED, "boltz.null" },
    { { "x" }, "query", "names as strings", "1" },
    { { [true] = "x" }, "query", "names as strings", "true" },
    { { ["\255"] = "x" }, "query", "names as strings", "text that is not UTF-8" },
  }
  for i, case in ipairs(REFUSED) do
    it(("refuses %s as %s (%d)"):format(case[4], case[2], i), function()
      assert.are.same({ path = case[2], expected = case[3], got = case[4] },
        query.check(case[1], "query"))
    end)
  end

  it("names a value alone where its table has no name", function()
    assert.are.equal("a", query.check({ a = print }).path)
  end)
end)
