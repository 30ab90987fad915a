-- SPDX-License-Identifier: MIT
local child = require "support.child"

local NEEDS = "boltz needs Lua 5.3, 5.4, 5.5 or LuaJIT 2.1, and this is %s\n"
-- No core is in reach, as it is on a machine that has one for other Luas only.
local ENVIRONMENT = { LUA_CPATH = "/nowhere/?.so", LUA_PATH = package.path }

local function refusal(before, module, program)
  return child.run(("%s print(select(2, pcall(require, '%s')))"):format(before, module),
    ENVIRONMENT, program)
end

describe("a Lua that boltz does not run on", function()
  it("is refused by name", function()
    for _, module in ipairs { "boltz", "boltz.emulator" } do
      assert.equal(NEEDS:format("Lua 5.2"), refusal("_VERSION = 'Lua 5.2'", module))
      local plain_51 = "_VERSION = 'Lua 5.1' local rep = string.rep "
        .. "string.rep = function(text, n) return rep(text, n) end"
      assert.equal(NEEDS:format("Lua 5.1"), refusal(plain_51, module))
    end
  end)

  it("is refused by name where the machine has one", function()
    for _, version in ipairs { "5.1", "5.2" } do
      if child.run("print 'here'", nil, "lua" .. version) == "here\n" then
        assert.equal(NEEDS:format("Lua " .. version), refusal("", "boltz", "lua" .. version))
      end
    end
  end)
end)

describe("LuaJIT", function()
  it("is not taken for Lua 5.1, also where a sandbox hides its own table", function()
    assert.equal("true\n", refusal("jit, package.loaded.jit = nil", "boltz.supported", "luajit"))
  end)
end)
