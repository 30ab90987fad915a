-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local encode = require "boltz.check.encode"

describe("check.encode", function()
  it("is the text of a value, and of what a metatable shows in its place", function()
    assert.are.equal("[]", encode(core.array {}, "body", "body."))
    assert.are.equal("false", encode(false, "body", "body."))
    local shown = setmetatable({}, { __pairs = function() return next, { a = 1 } end })
    assert.are.equal('{"b":{"a":1}}', encode({ b = shown }, "body", "body."))
  end)

  -- what, value, the name in messages, what came
  local loop = {}
  loop.a = { { back = loop }, { back = loop } }
  local deep = { "\255" }
  for _ = 1, 70 do deep = { level = deep } end
  local cases = {
    { "itself", 0 / 0, "value", "NaN" },
    { "that is not there", nil, "value", "nothing" },
    { "by its field", { limit = { amount = print } }, "value.limit.amount", "function" },
    { "by its position", { { a = math.huge } }, "value[1].a", "infinity" },
    { "that contains itself", loop, "value.a[1].back", "a table that contains itself" },
    { "whose name is a key", { ["sk_bc_x"] = print }, "(an API key)", "function" },
    { "whose name moves a terminal", { ["a\27[2J"] = print }, "value.a?[2J", "function" },
    { "whose name is no text", { ["a\255"] = 1 }, "value.a?", "text that is not UTF-8" },
    { "deep inside, by the end of its path", deep,
      "value...." .. (".level"):rep(70):sub(-197) .. "[1]", "text that is not UTF-8" },
    { "that hides its contents", setmetatable({}, { __index = { a = 1 } }), "value",
      "a table that hides its contents" },
  }
  for _, case in ipairs(cases) do
    it("names what is no JSON: one " .. case[1], function()
      local text, mistake = encode(case[2], "value", "value.")
      assert.is_nil(text)
      assert.are.same({ path = case[3], expected = "a JSON value", got = case[4] }, mistake)
    end)
  end
end)
