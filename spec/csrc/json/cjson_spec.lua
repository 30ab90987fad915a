-- SPDX-License-Identifier: MIT
local real = require "cjson"
local stub = require "support.stub"

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

-- OpenResty's branch: the two metatables and the light userdata by which it knows arrays.
describe("the core beside a lua-cjson that marks arrays", function()
  local light_userdata = rawget(debug, "upvalueid")(imitate, 1)
  local marks = { array_mt = {}, empty_array_mt = {}, empty_array = light_userdata }
  local core

  setup(function() core = select(2, load_with(imitate(marks))) end)
  teardown(function() load_with(real) end)

  local cases = {
    { "an empty table with array_mt", setmetatable({}, marks.array_mt), "[]" },
    { "a list with array_mt", setmetatable({ 1, 2 }, marks.array_mt), "[1,2]" },
    { "an empty table with empty_array_mt", setmetatable({}, marks.empty_array_mt), "[]" },
    { "a list with empty_array_mt", setmetatable({ 1 }, marks.empty_array_mt), "[1]" },
    { "a table with names and empty_array_mt", setmetatable({ a = 1 }, marks.empty_array_mt),
      '{"a":1}' },
    { "empty_array", marks.empty_array, "[]" },
  }
  for _, case in ipairs(cases) do
    it("writes what that one writes of " .. case[1], function()
      assert.equal(case[3], core.encode(case[2]))
      assert.equal(('{"x":[%s]}'):format(case[3]), core.encode { x = { case[2] } })
      assert.equal(case[3]:sub(1, 1) == "[", core.is_array(case[2]))
    end)
  end

  it("refuses names beside array_mt, which that one leaves out", function()
    local text, problem = core.encode(setmetatable({ a = 1 }, marks.array_mt))
    assert.is_nil(text)
    assert.equal("an array with named entries", problem)
  end)

  it("has each of them stand for an empty list in parameters and in bodies", function()
    for _, value in ipairs { setmetatable({}, marks.array_mt), marks.empty_array,
      setmetatable({}, marks.empty_array_mt) } do
      local client, server = stub.client()
      assert(client.api_keys:create { name = "k", workspace_id = "w", allowed_ips = value })
      assert.matches('"allowed_ips":[]', server:last().body, 1, true)
      assert(client:post("/x", { body = { ips = value } }))
      assert.equal('{"ips":[]}', server:last().body)
    end
  end)

  it("knows of no such marks where lua-cjson has none", function()
    local plain = select(2, load_with(real.array_mt and imitate { array_mt = false,
      empty_array_mt = false, empty_array = false } or real))
    assert.equal("{}", plain.encode(setmetatable({}, marks.array_mt)))
    assert.is_nil((plain.encode(marks.empty_array)))
    assert.is_false(plain.is_array(marks.empty_array))
    load_with(imitate(marks))
  end)
end)

-- OpenResty's branch again: what is beyond a long long becomes the nearest one.
describe("the core beside a lua-cjson that reads whole numbers as integers", function()
  it("reads those beyond 2^63 - 1 for what they are", function()
    local loaded, core = load_with(imitate { decode = function(text)
      return real.decode((text:gsub("([%[:,]%-?)(%d+)([%],}])", function(before, digits, after)
        local limit = before:find("-", 1, true) and "9223372036854775808" or "9223372036854775807"
        return #digits > 18 and before .. limit .. after or nil
      end)))
    end })
    load_with(real)
    assert.is_true(loaded)
    for _, text in ipairs { "9223372036854775808", "-9223372036854775808",
      "100000000000000000000" } do
      assert.equal(tonumber(text), core.decode("[" .. text .. "]")[1])
      assert.equal(tonumber(text), core.decode('[[],{},{"a":' .. text .. "}]")[3].a)
    end
    assert.equal("100000000000000000001", core.decode "[100000000000000000001]"[1])
  end)
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
