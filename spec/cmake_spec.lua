-- SPDX-License-Identifier: MIT
-- Which Lua CMake builds for: cmake/lua.cmake, with headers and pkg-config files made up for it.
local system = require "support.system"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/cmake_spec%.lua$")
if ROOT == "" then ROOT = "." end

-- Asks for no compiler, so that it is done in no time.
local PROJECT = [[
cmake_minimum_required(VERSION 3.18)
project(which_lua NONE)
set(BOLTZ_LUA "" CACHE STRING "")
set(BOLTZ_LUA_INCLUDE_DIR "" CACHE PATH "")
include("%s/cmake/lua.cmake")
message(NOTICE "lua ${BOLTZ_LUA}, abi ${lua_abi}, headers ${lua_include_dir}")
]]

describe("CMake", function()
  local folder

  before_each(function()
    folder = system.run("mktemp -d"):match("%S+")
    system.run(("mkdir '%s/pc' '%s/headers' '%s/project'"):format(folder, folder, folder))
    local root = system.run(("cd '%s' && pwd"):format(ROOT)):match("[^\n]+")
    system.write(folder .. "/project/CMakeLists.txt", PROJECT:format(root))
  end)

  after_each(function()
    system.run(("rm -r '%s'"):format(folder))
  end)

  local function headers(lua_h, luajit)
    system.write(folder .. "/headers/lua.h", lua_h .. "\n")
    if luajit then system.write(folder .. "/headers/luajit.h", "") end
  end

  local function knows(name, version)
    system.write(("%s/pc/%s.pc"):format(folder, name), ("Name: Lua\nDescription: Lua\nVersion: %s\n"
      .. "Cflags: -I%s/%s\n"):format(version, folder, name))
  end

  -- What it says in the end, with its line breaks as spaces and the folder left out.
  local function configure(options, source)
    local said = system.run(("PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR='%s/pc' cmake --log-level=NOTICE "
      .. "-S '%s' -B '%s/build' %s"):format(folder, source or folder .. "/project", folder,
      (options or ""):gsub("HEADERS", "-DBOLTZ_LUA_INCLUDE_DIR='" .. folder .. "/headers'")))
    return (said:gsub("%s+", " "):gsub(folder:gsub("%p", "%%%0"), "."))
  end

  local function says(words, said)
    assert.is_truthy(said:find(words, 1, true), ("%q is not in %q"):format(words, said))
  end

  it("finds a Lua by the names of Debian, Alpine, Arch and Fedora", function()
    for name, lua in pairs { ["lua5.4"] = "5.4", ["lua-5.3"] = "5.3", lua55 = "5.5",
                             luajit = "luajit" } do
      knows(name, lua == "luajit" and "2.1.0" or lua .. ".1")
      says(("lua %s, abi %s, headers ./%s"):format(lua, lua == "luajit" and "5.1" or lua, name),
        configure("-DBOLTZ_LUA=" .. lua))
    end
  end)

  it("takes the module `lua` for the version that it is", function()
    knows("lua", "5.3.6")
    says("No headers of Lua 5.4", configure "-DBOLTZ_LUA=5.4")
    says("lua 5.3, abi 5.3, headers ./lua", configure "-DBOLTZ_LUA=5.3")
    knows("lua", "5.4.7")
    says("lua 5.4, abi 5.4, headers ./lua", configure "-DBOLTZ_LUA=")
  end)

  it("says which option names the headers that it does not find", function()
    local said = configure "-DBOLTZ_LUA=5.5"
    says("No headers of Lua 5.5", said)
    says("liblua5.5-dev", said)
    says("-DBOLTZ_LUA_INCLUDE_DIR=", said)
  end)

  it("says so in the project itself", function()
    local said = configure("", ROOT)
    says("No headers of Lua 5.4", said)
    says("-DBOLTZ_LUA_INCLUDE_DIR=", said)
  end)

  it("builds for the Lua whose headers it is given", function()
    headers "#define LUA_VERSION_NUM\t\t504"
    says("lua 5.4, abi 5.4, headers ./headers", configure "HEADERS")
    headers("#define LUA_VERSION_MAJOR_N\t5\n#define LUA_VERSION_MINOR_N\t5\n"
      .. "#define LUA_VERSION_NUM  (LUA_VERSION_MAJOR_N * 100 + LUA_VERSION_MINOR_N)")
    says("lua 5.5, abi 5.5, headers ./headers", configure "HEADERS")
    headers("#define LUA_VERSION_NUM\t\t501", true)
    says("lua luajit, abi 5.1, headers ./headers", configure "HEADERS")
  end)

  it("refuses headers of another Lua than the one that is named", function()
    headers "#define LUA_VERSION_NUM 503"
    says("BOLTZ_LUA is 5.4, and the headers in BOLTZ_LUA_INCLUDE_DIR, ./headers, are those of 5.3",
      configure "HEADERS -DBOLTZ_LUA=5.4")
  end)

  it("refuses a folder without headers", function()
    says("BOLTZ_LUA_INCLUDE_DIR is ./headers, and no Lua's lua.h is there", configure "HEADERS")
  end)

  it("refuses plain Lua 5.1 and 5.2, and says how LuaJIT is chosen", function()
    for _, version in ipairs { "5.1", "5.2" } do
      headers("#define LUA_VERSION_NUM 50" .. version:match("%d$"))
      for _, options in ipairs { "HEADERS", "HEADERS -DBOLTZ_LUA=luajit",
                                 "-DBOLTZ_LUA_INCLUDE_DIR= -DBOLTZ_LUA=" .. version } do
        local said = configure(options)
        says("boltz does not run on plain Lua " .. version, said)
        says("it needs Lua 5.3, 5.4, 5.5 or LuaJIT 2.1", said)
        says("luarocks --lua-version=5.1 make LUA_INCDIR=FOLDER-OF-LUAJIT.H", said)
        system.run(("rm -r '%s/build'"):format(folder))
      end
    end
    knows("luajit", "2.1.0")
    says("luarocks --lua-version=5.1 make LUA_INCDIR=./luajit", configure "-DBOLTZ_LUA=5.1")
  end)
end)
