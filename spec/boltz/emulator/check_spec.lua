-- SPDX-License-Identifier: MIT
local check = require "boltz.emulator.check"
local core = require "boltz.core"

describe("boltz.emulator.check", function()
  --- The paths that a rule finds fault with.
  local function faults(rule, value)
    local ok, refusal = pcall(check.apply, rule, value)
    if ok then return {} end
    local paths = {}
    for i, detail in ipairs(refusal.details) do
      assert.is_string(detail.message)
      paths[i] = detail.path
    end
    return paths
  end

  local function holds(rule, value) return #faults(rule, value) == 0 end

  it("bounds whole numbers on both sides", function()
    local rule = check.whole(1, 9007199254740991)
    for _, value in ipairs{ 1, 2, 9007199254740991 } do assert.is_true(holds(rule, value)) end
    for _, value in ipairs{ 0, -1, 1.5, 9007199254740992, "1", true, 1 / 0, 0 / 0, core.null } do
      assert.is_false(holds(rule, value), tostring(value))
    end
    assert.is_true(holds(check.whole(1), 1e15))
  end)

  it("counts characters and not bytes", function()
    local rule = check.text(1, 3)
    assert.is_true(holds(rule, "日本語"))
    assert.is_true(holds(rule, "a"))
    assert.is_false(holds(rule, "日本語!"))
    assert.is_false(holds(rule, ""))
    assert.is_false(holds(rule, 12))
  end)

  it("knows the texts of an enum", function()
    local rule = check.one_of("hours", "days")
    assert.is_true(holds(rule, "days"))
    assert.is_false(holds(rule, "weeks"))
    assert.is_false(holds(rule, 1))
  end)

  it("tells a list from an object, also when empty", function()
    local rule = check.list(check.text(1, 2))
    assert.is_true(holds(rule, core.array{}))
    assert.is_true(holds(rule, core.array{ "a", "b" }))
    assert.is_false(holds(rule, {}))
    assert.is_false(holds(rule, "a"))
    assert.same({ "[1]" }, faults(rule, core.array{ "a", "long" }))
  end)

  it("lets null through only where it may stand", function()
    assert.is_true(holds(check.nullable(check.text(1, 2)), core.null))
    assert.is_false(holds(check.nullable(check.text(1, 2)), ""))
  end)

  it("takes a query parameter once", function()
    local rule = check.digits(1, 100)
    assert.equal(100, check.apply(rule, { "100" }))
    for _, text in ipairs{ "0", "101", "1.5", "", "x", " 1" } do
      assert.is_false(holds(rule, { text }), text)
    end
    assert.is_false(holds(rule, { "1", "2" }))
  end)

  it("names every field that is wrong or missing", function()
    local inner = check.object({
      unit = check.one_of("a"),
      value = check.whole(1),
    }, { "unit", "value" })
    local rule = check.object({ name = check.text(1, 5), inner = inner }, { "name" })
    assert.same({ "inner.unit", "inner.value", "name" }, faults(rule, { inner = { unit = "b" } }))
    assert.same({ "inner" }, faults(rule, { name = "x", inner = core.array{} }))
    assert.same({ "" }, faults(rule, "text"))
  end)

  it("drops fields that no rule names", function()
    local rule = check.object{ a = check.whole(1) }
    assert.same({ a = 1 }, check.apply(rule, { a = 1, b = 2 }))
  end)
end)
