-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local message = require "boltz.check.message"

local BIG = 9007199254740991
local NULL = core.null

describe("message.describe", function()
  local CASES = {
    { nil, "nothing" }, { NULL, "boltz.null" }, { 0 / 0, "NaN" }, { math.huge, "inf" },
    { -math.huge, "-inf" }, { 3, "3" }, { 3.0, "3" }, { 0.1, "0.1" }, { BIG, "9007199254740991" },
    { "text", '"text"' }, { "a\nb\27", '"a?b?"' }, { ("x"):rep(60), '"' .. ("x"):rep(60) .. '"' },
    { ("x"):rep(61), "a string of 61 bytes" }, { "\255", "text that is not UTF-8" },
    { true, "true" }, { false, "false" }, { {}, "a table" }, { print, "a function" },
    { io.stdout, "a userdata" }, { coroutine.create(print), "a thread" },
    { "my sk_bc_admin_live_x", "text with an API key" },
    { "a\194\155b", '"a?b"' }, -- U+009B begins a terminal's commands as ESC [ does
  }
  for i = 1, #CASES do
    local value, text = CASES[i][1], CASES[i][2]
    it("says " .. text, function()
      assert.are.equal(text, message.describe(value))
    end)
  end
end)

describe("message.describe_table", function()
  it("quotes no text, which may be a key of any form", function()
    assert.are.equal("a string", message.describe_table("0123456789"))
    assert.are.equal("5", message.describe_table(5))
  end)
end)

describe("message.show_name", function()
  it("shows a name on one line, and no key in its place", function()
    assert.are.equal("name", message.show_name("name"))
    assert.are.equal("(an API key)", message.show_name("limit.sk_bc_admin_live_0123456789"))
    assert.is_nil(message.show_name("a\27[1m\n"):find("%c"))
  end)
end)

describe("message.of", function()
  it("names method, parameter, what was expected and what came", function()
    assert.are.equal("bad parameter 'a.b' to 'w:create' (expected x, got y)",
      message.of("parameter", "w:create", { path = "a.b", expected = "x", got = "y" }))
  end)

  it("gives the hint for an unknown name", function()
    assert.are.equal("bad option 'a' to 'boltz.new' (unknown; did you mean 'b'?)",
      message.of("option", "boltz.new",
        { path = "a", unknown = true, hint = "did you mean 'b'?" }))
  end)
end)
