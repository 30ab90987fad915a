-- SPDX-License-Identifier: MIT
-- The example of docs/testing.md runs as it stands, and its tables name every field.

local emulators = require "boltz.emulator"
local faults = require "boltz.emulator.faults"
local system = require "support.system"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/docs/testing_spec%.lua$")
local TEXT = system.read((ROOT == "" and "./" or ROOT) .. "docs/testing.md")
local load_text = rawget(_G, "loadstring") or load

describe("docs/testing.md", function()
  it("has an example that passes", function()
    local before, passed = nil, 0
    local env = {
      describe = function(_, fn) fn() end,
      before_each = function(fn) before = fn end,
      it = function(_, fn)
        before()
        fn()
        passed = passed + 1
      end,
    }
    local source = "local describe, before_each, it, assert = ...\n"
      .. TEXT:match("```lua\n(.-)```")
    assert(load_text(source))(env.describe, env.before_each, env.it, assert)
    assert.are.equal(3, passed)
  end)

  it("names every field of a fault", function()
    local _, message = pcall(function() emulators.new():fault{ unknown = 1 } end)
    local count = 0
    for name in message:match("known: (.*)%)"):gmatch("[%l_]+") do
      assert.is_string(faults.kind_of(name))
      assert.is_truthy(TEXT:find("\n| [^|]*`" .. name .. "`[^|]* |"), name)
      count = count + 1
    end
    assert.are.equal(15, count)
  end)
end)
