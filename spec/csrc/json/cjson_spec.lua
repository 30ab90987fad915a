-- SPDX-License-Identifier: MIT
local real = require "cjson"

-- The core as it is when `require "cjson"` gives that.
local function load_with(module)
  local core, cjson = package.loaded["boltz.core"], package.loaded.cjson
  package.loaded["boltz.core"], package.loaded.cjson = nil, module
  local loaded, result = pcall(require, "boltz.core")
  package.loaded["boltz.core"], package.loaded.cjson = core, cjson
  return loaded, result
end

-- An imitation of lua-cjson: another one's functions, of which some are changed.
local function imitate(changes)
  return {
    new = function()
      local made = real.new()
      for name, value in pairs(changes) do made[name] = value or nil end
      return made
    end,
  }
end

describe("the core beside another cjson", function()
  it("takes cjson.safe, for which bad JSON is no success", function()
    local loaded, core = load_with(require "cjson.safe")
    assert.is_true(loaded)
    assert.same({ { a = 1 }, {} }, core.decode '[{"a":1},{}]')
    for _, text in ipairs { "<html>", "", "[1", "nul" } do
      local value, message = core.decode(text)
      assert.is_nil(value)
      assert.matches("^Expected ", message)
    end
    assert.equal("\239\191\189", core.decode [["\ud83d"]])
  end)

  local others = {
    { "a text", "a text" }, { "a number", 1 }, { "true", true }, { "an empty table", {} },
    { "encode and decode only", { encode = print, decode = function() return nil, "bad" end } },
    { "a new that makes nothing", { new = function() end } },
    { "a new that is no function", { new = {} } },
    { "no settings", imitate { decode_max_depth = false } },
    { "no decode", imitate { decode = false } },
    { "a decode that reads nothing", imitate { decode = function() end } },
    { "a decode that always fails", imitate { decode = error } },
    { "a decode that reads all", imitate { decode = function() return { 1, real.null } end } },
    { "another null", imitate { decode = function(text)
      return text == "[1,null]" and { 1, "null" } or error "bad"
    end } },
  }
  for _, other in ipairs(others) do
    it("says so at require: " .. other[1], function()
      local loaded, message = load_with(other[2])
      assert.is_false(loaded)
      assert.matches('^boltz needs lua%-cjson, and require "cjson" gives ', message)
    end)
  end
end)

describe("JSON in a finalizer that runs when the state closes", function()
  -- On LuaJIT, modules in C are unloaded before what is older than they are is finalized.
  it("is read", function()
    local wire = require "support.wire"
    local script = os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write [[
      local kept = newproxy and newproxy(true) or setmetatable({}, { __gc = true })
      local boltz = require "boltz"
      getmetatable(kept).__gc = function()
        local client = boltz.new { api_key = "sk_bc_admin_test_0123456789abcdef", max_retries = 0,
          log_level = "off", transport = { handle = function() return 200, {}, '{"a":[1,2]}' end } }
        io.stdout:write(client:get("/x").a[2])
      end
    ]]
    file:close()
    local under = os.getenv "BOLTZ_UNDER" or "" -- valgrind or a sanitizer's preload, see tools/lua
    -- What a finalizer makes while the state closes, Lua 5.4 does not finalize: it leaks.
    local pipe = assert(io.popen(("ASAN_OPTIONS=detect_leaks=0 %s %s %s; echo ' '$?")
      :format(under, wire.interpreter(), script)))
    local said = pipe:read "*a"
    pipe:close()
    os.remove(script)
    assert.equal("2 0\n", said)
  end)
end)
