-- SPDX-License-Identifier: MIT
-- The tower of docs/architecture.md: each floor uses what is below it, and there is no circle. All
-- is read out of the `require`s and `#include`s.

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/architecture_spec%.lua$")
if ROOT == "" then ROOT = "./" end

-- From the ground up. What stands on one floor in different rooms does not use each other.
local FLOORS = {
  { "ascii", "supported", "tables", "time" },
  { "check" },
  { "json", "money", "request" },
  { "wait" },
  { "options", "session", "version_report" },
  { "pager", "concurrent" },
  { "resources" },
  { "client" },
  { "init" },
}
local EMULATOR = { tables = true, time = true, core = true, supported = true, emulator = true }
local FLAT = 14 -- modules that may lie flat in lua/boltz

-- Rooms of csrc, and those that each may include.
local ROOMS = {
  http = { http = true },
  json = { http = true, json = true },
  lua = { http = true, json = true, lua = true },
}
local COMPAT = "lua/compat.h" -- which csrc/json may include, too

local function files(folder, pattern)
  local found = {}
  local pipe = assert(io.popen(("cd '%s%s' && find . -name '%s'"):format(ROOT, folder, pattern)))
  for line in pipe:lines() do found[#found + 1] = line:match("^%./(.*)$") end
  pipe:close()
  table.sort(found)
  return found
end

local function text_of(path)
  local file = assert(io.open(ROOT .. path))
  local text = file:read("*a")
  file:close()
  return text
end

-- The modules that each module of lua/boltz requires, by their names below `boltz`.
local function read_modules()
  local uses = {}
  for _, file in ipairs(files("lua/boltz", "*.lua")) do
    local name = file:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    uses[name] = name ~= "meta" and {} or nil -- of examples
    for used in text_of("lua/boltz/" .. file):gmatch('require%s*%(?%s*"boltz%.([%w_.]+)"') do
      if used ~= "core" and uses[name] then uses[name][#uses[name] + 1] = used end
    end
  end
  return uses
end

-- The headers that each file of csrc includes, as paths in csrc.
local function read_includes()
  local uses = {}
  for _, file in ipairs(files("csrc", "*.[ch]")) do
    uses[file] = {}
    for included in text_of("csrc/" .. file):gmatch('#include "([^"]+)"') do
      local path = included:find("/", 1, true) and included or file:match("^(.*/)") .. included
      uses[file][#uses[file] + 1] = path
    end
  end
  return uses
end

-- A circle as text, or nil.
local function circle_in(uses)
  local state = {}
  local function visit(name, trail)
    if state[name] == "done" or not uses[name] then return nil end
    trail = trail .. name
    if state[name] == "open" then return trail end
    state[name] = "open"
    for _, used in ipairs(uses[name]) do
      local found = visit(used, trail .. " -> ")
      if found then return found end
    end
    state[name] = "done"
  end
  for name in pairs(uses) do
    local found = visit(name, "")
    if found then return found end
  end
end

local function room_of(name)
  return name:match("^[^.]+")
end

describe("the tower of Lua modules", function()
  local uses, floor_of = read_modules(), {}
  for number, rooms in ipairs(FLOORS) do
    for _, room in ipairs(rooms) do floor_of[room] = number end
  end

  it("has a floor for each module", function()
    for name in pairs(uses) do
      local room = room_of(name)
      assert.is_truthy(floor_of[room] or room == "emulator", name)
    end
  end)

  it("has no arrow that goes up, nor one from room to room on a floor", function()
    local count = 0
    for name, list in pairs(uses) do
      local room = room_of(name)
      for _, used in ipairs(list) do
        local below = room_of(used)
        if room == "emulator" then
          assert.is_truthy(EMULATOR[below], name .. " requires " .. used)
        else
          assert.is_true(room == below or floor_of[below] < floor_of[room],
            name .. " requires " .. used)
        end
        count = count + 1
      end
    end
    assert.is_true(count > 80, count .. " arrows")
  end)

  it("has no circle", function()
    assert.is_nil(circle_in(uses))
    assert.is_string(circle_in { a = { "b" }, b = { "c" }, c = { "b" } }) -- which it would see
  end)

  it("loops over tables by tables.each, which LuaJIT ends in finalizers, too", function()
    local count = 0
    for name in pairs(uses) do
      if room_of(name) ~= "emulator" and name ~= "init" then
        local text = text_of("lua/boltz/" .. name:gsub("%.", "/") .. ".lua")
        assert.is_nil(text:match("\n[^\n]* in pairs%(") or text:match("\n[^\n]* in next,"), name)
        count = count + select(2, text:gsub(" in tables%.each%(", ""))
      end
    end
    assert.is_true(count > 30, count .. " loops")
  end)

  it("has no more modules flat than can be seen at once", function()
    local flat = 0
    for _, file in ipairs(files("lua/boltz", "*.lua")) do
      if not file:find("/", 1, true) then flat = flat + 1 end
    end
    assert.is_true(flat > 5 and flat <= FLAT, flat .. " modules")
  end)
end)

describe("the rooms of the core", function()
  local uses = read_includes()

  it("include only what is below them", function()
    local count = 0
    for file, list in pairs(uses) do
      local room = file:match("^(%a+)/")
      for _, included in ipairs(list) do
        assert.is_truthy(uses[included], file .. " includes " .. included)
        local other = included:match("^(%a+)/")
        assert.is_truthy(ROOMS[room][other] or room == "json" and included == COMPAT,
          file .. " includes " .. included)
        count = count + 1
      end
    end
    assert.is_true(count > 40, count .. " includes")
  end)

  it("have no circle", function()
    local by_unit = {} -- a header and its source are one
    for file, list in pairs(uses) do
      local unit = file:gsub("%.[ch]$", "")
      by_unit[unit] = by_unit[unit] or {}
      for _, included in ipairs(list) do
        local other = included:gsub("%.[ch]$", "")
        if other ~= unit then table.insert(by_unit[unit], other) end
      end
    end
    assert.is_nil(circle_in(by_unit))
  end)

  it("know Lua in csrc/lua and csrc/json only, and its version in compat.h only", function()
    for file in pairs(uses) do
      local text = text_of("csrc/" .. file)
      if file:find("^http/") then
        assert.is_nil(text:find("#include <l[ua][au][ax%.]"), file .. " includes Lua's headers")
        assert.is_nil(text:find("lua_State", 1, true), file .. " knows lua_State")
      end
      if file ~= COMPAT then
        assert.is_nil(text:find("#if[^\n]*LUA_VERSION_NUM"), file .. " tests the version of Lua")
      end
    end
  end)

  it("keep the functions for Lua in csrc/lua and csrc/json", function()
    local count = 0
    for file in pairs(uses) do
      for _ in text_of("csrc/" .. file):gmatch("\n[%w ]*int [%w_]+ %(lua_State %*L%) {") do
        assert.is_truthy(file:find("^lua/") or file:find("^json/"), file)
        count = count + 1
      end
    end
    assert.is_true(count > 20, count .. " functions")
  end)
end)
