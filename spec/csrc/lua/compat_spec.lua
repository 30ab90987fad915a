-- SPDX-License-Identifier: MIT
-- The core of this build in every other Lua that the machine has; LuaJIT, on which nginx runs the
-- emulator, is always one of two.
local child = require "support.child"

local NAMES = { luajit = "LuaJIT 2.1" }
for minor = 1, 5 do NAMES["lua5." .. minor] = "Lua 5." .. minor end
local UNFIT = "boltz needs Lua 5.3, 5.4, 5.5 or LuaJIT 2.1"
local HINTS = {
  ["lua5.1"] = UNFIT,
  ["lua5.2"] = UNFIT,
  ["lua5.3"] = "cmake -DBOLTZ_LUA=5.3, or luarocks --lua-version=5.3 make",
  ["lua5.4"] = "cmake -DBOLTZ_LUA=5.4, or luarocks --lua-version=5.4 make",
  ["lua5.5"] = "cmake -DBOLTZ_LUA=5.5, or luarocks --lua-version=5.5 make",
  luajit = "cmake -DBOLTZ_LUA=luajit, or luarocks --lua-version=5.1 make",
}
local THIS = jit and "luajit" or "lua" .. _VERSION:match("%S+$")

local function others()
  local list = {}
  for program in pairs(NAMES) do
    if program ~= THIS and child.run("print 'here'", nil, program) == "here\n" then
      list[#list + 1] = program
    end
  end
  assert.is_true(#list > 0)
  return list
end

describe("a core for another Lua than the one that loads it", function()
  local cpath = package.searchpath("boltz.core", package.cpath):gsub("boltz/core%.so$", "?.so")

  local function load_in(program, module)
    return child.run(("print(select(2, pcall(require, '%s')))"):format(module),
      { LUA_CPATH = cpath, LUA_PATH = package.path }, program)
  end

  it("says for which it was built, which this one is and what to do", function()
    for _, program in ipairs(others()) do
      local message = load_in(program, "boltz.core")
      local start = ("boltz.core was built for %s, and this is %s: "):format(NAMES[THIS],
        NAMES[program])
      assert.equal(start, message:sub(1, #start))
      assert.is_truthy(message:find(HINTS[program], 1, true), message)
    end
  end)

  it("says so too when it is required by another module", function()
    for _, program in ipairs(others()) do
      if HINTS[program] ~= UNFIT then
        for _, module in ipairs { "boltz", "boltz.emulator", "boltz.client" } do
          assert.matches("^boltz%.core was built for ", load_in(program, module))
        end
      end
    end
  end)
end)
