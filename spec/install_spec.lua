-- SPDX-License-Identifier: MIT
-- The module in a prefix of its own, as `make install` puts it there: Lua finds it from another
-- folder, the emulator runs from it, and `make uninstall` leaves nothing. The prefix has a space in
-- its name, and its libraries are in lib64, as on Fedora.
--
-- The projects in build/ are left alone, since their builds may have other options. This spec has
-- CMake make its own, in which a core that is built already stands in for theirs.

local child = require "support.child"
local system = require "support.system"

local quote, exists = system.quote, system.exists

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/install_spec%.lua$")
local LUA = jit and "luajit" or _VERSION:match("%S+$")
local ABI = jit and "5.1" or LUA
local NO_LUAJIT = "boltz-emulator: there is no build for LuaJIT, which nginx runs: "

-- Runs a shell command in the root folder. Returns what it wrote, and its exit status.
local function shell(command)
  return system.run("cd /; " .. command)
end

local function run(command)
  local output, status = shell(command)
  if status ~= 0 then error(command .. " failed:\n" .. output, 2) end
  return output
end

describe("an installed module", function()
  local root = io.popen("cd " .. quote(ROOT == "" and "." or ROOT) .. " && pwd"):read("*l")
  local luajit = root .. "/build/luajit/boltz/core.so"
  local folder, into, top, prefix

  local function configure(lua, core)
    local build = into .. "/" .. lua
    run(("cmake -S %s -B %s -DBOLTZ_LUA=%s -DCMAKE_INSTALL_LIBDIR=lib64")
      :format(quote(root), quote(build), lua))
    run(("mkdir -p %s && cp %s %s"):format(quote(build .. "/boltz"), quote(core),
      quote(build .. "/boltz/core.so")))
  end

  -- Runs tools/install or tools/uninstall for a Lua.
  local function tool(name, lua, destdir)
    return run(("INTO=%s PREFIX=%s DESTDIR=%s %s %s"):format(quote(into),
      quote(destdir and "/usr/local" or prefix), quote(destdir or ""),
      quote(root .. "/tools/" .. name), lua))
  end

  setup(function()
    folder = run("mktemp -d"):match("%S+")
    into, top = folder .. "/build", folder .. "/top"
    prefix = top .. "/a prefix"
    configure(LUA, package.searchpath("boltz.core", package.cpath))
    if LUA ~= "luajit" and exists(luajit) then configure("luajit", luajit) end
  end)

  teardown(function() run("rm -rf " .. quote(folder)) end)
  before_each(function() run("mkdir " .. quote(top)) end)
  after_each(function() run("rm -rf " .. quote(top)) end)

  it("is found by the LUA_PATH and LUA_CPATH of its prefix", function()
    tool("install", LUA)
    local modules, libraries = prefix .. "/share/lua/" .. ABI, prefix .. "/lib64/lua/" .. ABI
    local output = child.run([[
      require "boltz"
      print(package.searchpath("boltz", package.path))
      print(package.searchpath("boltz.core", package.cpath))
    ]], {
      LUA_PATH = ("%s/?.lua;%s/?/init.lua;;"):format(modules, modules),
      LUA_CPATH = libraries .. "/?.so;;",
    })
    assert.are.equal(("%s/boltz/init.lua\n%s/boltz/core.so\n"):format(modules, libraries), output)
  end)

  it("brings an emulator that runs where it is, with what it has beside it", function()
    if not exists(luajit) then return pending("there is no build for LuaJIT") end
    tool("install", "luajit")
    local program = quote(prefix .. "/bin/boltz-emulator")
    -- The caller's variables name modules of another Lua, which nginx could not load.
    local pipe = io.popen(("cd /; LUA_CPATH=%s exec %s --workspaces 1 2>&1")
      :format(quote(folder .. "/?.so"), program), "r")
    local pid, output = nil, {}
    for line in pipe:lines() do
      output[#output + 1] = line
      pid = line:match("^PID=(%d+)$")
      if pid then break end
    end
    if pid then os.execute("kill " .. pid) end
    pipe:close()
    assert.is_truthy(pid, table.concat(output, "\n"))
  end)

  it("brings an emulator that says when LuaJIT's part is missing", function()
    tool("install", LUA)
    if jit then os.remove(prefix .. "/lib64/lua/5.1/boltz/core.so") end
    local output, status = shell(quote(prefix .. "/bin/boltz-emulator"))
    assert.are.equal(NO_LUAJIT .. "install boltz for LuaJIT in " .. prefix .. ", too\n", output)
    assert.are.equal(1, status)
  end)

  it("is uninstalled without what was built, and leaves nothing", function()
    tool("install", LUA)
    local core = quote(into .. "/" .. LUA .. "/boltz/core.so")
    run(("mv %s %s.aside"):format(core, core))
    tool("uninstall", LUA)
    run(("mv %s.aside %s"):format(core, core))
    assert.are.equal("", run(("find %s -mindepth 1"):format(quote(top))))
  end)

  it("is uninstalled from a DESTDIR, and leaves nothing there", function()
    tool("install", LUA, top)
    assert.is_true(exists(("%s/usr/local/share/lua/%s/boltz/init.lua"):format(top, ABI)))
    tool("uninstall", LUA, top)
    assert.are.equal("", run(("find %s -mindepth 1"):format(quote(top))))
  end)

  it("is uninstalled and leaves what others have put beside it", function()
    tool("install", LUA)
    local others = ("share/lua/%s/boltz/others.lua"):format(ABI)
    run("touch " .. quote(prefix .. "/" .. others))
    tool("uninstall", LUA)
    assert.are.equal("./" .. others .. "\n",
      run(("cd %s && find . -type f"):format(quote(prefix))))
  end)

  it("comes as a rock with the emulator for LuaJIT alone, as rocks share a folder", function()
    local project = ("cmake %s -DBOLTZ_ROCK="):format(quote(into .. "/" .. LUA))
    run(project .. "ON")
    tool("install", LUA)
    run(project .. "OFF")
    assert.are.equal(LUA == "luajit", exists(prefix .. "/bin/boltz-emulator"))
    tool("uninstall", LUA)
  end)

  if jit then return end -- what follows takes two Luas

  it("leaves the emulator to the other Lua in its prefix", function()
    if not exists(luajit) then return pending("there is no build for LuaJIT") end
    tool("install", LUA)
    tool("install", "luajit")
    tool("uninstall", LUA)
    assert.is_true(exists(prefix .. "/bin/boltz-emulator"))
    assert.is_false(exists(("%s/share/lua/%s"):format(prefix, ABI)))
    tool("uninstall", "luajit")
    assert.are.equal("", run(("find %s -mindepth 1"):format(quote(top))))
  end)
end)
