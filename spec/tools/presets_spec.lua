-- SPDX-License-Identifier: MIT
-- CMakePresets.json, which names the builds, and the scripts and make targets that run them.

local cjson = require "cjson"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/tools/presets_spec%.lua$")
if ROOT == "" then ROOT = "./" end

local function read(path)
  local file = assert(io.open(ROOT .. path))
  local text = file:read("*a")
  file:close()
  return text
end

-- What CMake says of a preset without configuring it.
local function variables(preset)
  local pipe = assert(io.popen(("cd '%s' && cmake -N --preset %s 2>&1"):format(ROOT, preset)))
  local output = pipe:read("*a")
  pipe:close()
  assert.matches("Preset CMake variables:", output, 1, true)
  local values = {}
  for name, value in output:gmatch('([%w_]+)="([^"]*)"') do values[name] = value end
  return values
end

describe("CMakePresets.json", function()
  local names = {}
  for _, preset in ipairs(cjson.decode(read "CMakePresets.json").configurePresets) do
    if not preset.hidden then names[preset.name] = true end
  end
  local luas = {}
  for lua in read("cmake/lua.cmake"):match("set%(luas ([^)]+)%)"):gmatch("%S+") do
    luas[#luas + 1] = lua
  end

  it("has a preset for each Lua that CMake builds for", function()
    assert.equal(4, #luas)
    for _, lua in ipairs(luas) do assert.same({ BOLTZ_LUA = lua }, variables(lua)) end
  end)

  it("sets what the project's CMake files read, and which Lua it is", function()
    local read_there = read "CMakeLists.txt" .. read "cmake/lua.cmake"
    local count = 0
    for preset in pairs(names) do
      local values = variables(preset)
      assert.is_truthy(values.BOLTZ_LUA, preset)
      for name in pairs(values) do
        if name:find("^BOLTZ_") then
          assert.is_truthy(read_there:find("%f[%w_]" .. name .. "%f[^%w_]"), name)
        end
      end
      count = count + 1
    end
    assert.is_true(count > #luas)
  end)

  it("has every preset that a script of tools/ builds", function()
    local count = 0
    for _, script in ipairs { "asan", "portable", "fuzz", "lint", "deb" } do
      for preset in read("tools/" .. script):gmatch("tools/build \"?([%w.$-]+)") do
        for _, lua in ipairs(luas) do
          local name = preset:gsub("%$lua", lua)
          assert.is_true(names[name], name)
        end
        count = count + 1
      end
    end
    assert.equal(5, count)
  end)
end)

describe("the Makefile", function()
  -- What several targets run, and what is named after the file that it writes.
  local SHARED = { deps = true, build = true, lua = true, ["docs-reliability"] = true }

  it("runs for each target the script of its name", function()
    local target
    local count = 0
    for line in read("Makefile"):gmatch("[^\n]+") do
      target = line:match("^([%w-]+):.*## ") or target
      local script = line:match("^\t.-tools/([%w-]+)")
      if script and not SHARED[script] then
        assert.equal(target, script)
        count = count + 1
      end
    end
    assert.is_true(count > 10)
  end)
end)
