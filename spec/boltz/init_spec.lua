-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local cjson = require "cjson"
local core = require "boltz.core"
local child = require "support.child"
local mistake = require "support.mistake"
local stub = require "support.stub"

describe("boltz", function()
  it("offers these names and no others", function()
    local names = {}
    for name in pairs(boltz) do names[#names + 1] = name end
    table.sort(names)
    assert.are.same({ "UNLIMITED", "_VERSION", "array", "gather", "is_error", "json", "map",
      "money", "new", "null", "time", "version_report" }, names)
  end)

  it("has the version of its core", function()
    assert.is_truthy(boltz._VERSION:match("^%d+%.%d+%.%d+$"))
    assert.are.equal(core.version, boltz._VERSION)
  end)

  it("has a null that is lua-cjson's", function()
    assert.are.equal(cjson.null, boltz.null)
    assert.is_true(rawequal(cjson.null, boltz.null))
  end)

  it("has 2^53 - 1 as UNLIMITED, to the last digit", function()
    assert.are.equal("9007199254740991", ("%d"):format(boltz.UNLIMITED))
    assert.are.equal(2 ^ 53 - 1, boltz.UNLIMITED)
  end)

  it("marks a table as an array and returns that table", function()
    local list = {}
    assert.are.equal(list, boltz.array(list))
    assert.is_true(core.is_array(list))
    assert.is_false(core.is_array({}))
  end)

  it("sends an empty array where one is marked and an object where none is", function()
    local client, server = stub.client()
    assert(client:post("/x", { body = { list = boltz.array {}, object = {} } }))
    local body = server:last().body
    assert.is_truthy(body:find('"list":[]', 1, true))
    assert.is_truthy(body:find('"object":{}', 1, true))
  end)

  it("knows its errors from everything else", function()
    local client = stub.client { { status = 404, body = "{}" } }
    local _, err = client.auth:me()
    assert.is_true(boltz.is_error(err))
    for _, other in ipairs { "text", 1, false, {}, { kind = "not_found", message = "m" },
      setmetatable({}, { __name = "boltz.error" }), boltz.null } do
      assert.is_false(boltz.is_error(other))
    end
    assert.is_false(boltz.is_error(nil))
  end)

  it("has its functions called with a dot, and says so where it is a colon", function()
    local function says(name, call)
      assert.are.equal("'boltz." .. name .. "' is no method: call it with a dot", mistake(call))
    end
    says("new", function() boltz:new { api_key = stub.KEY } end)
    says("new", function() boltz:new() end)
    says("map", function() boltz:map({}, print) end)
    says("gather", function() boltz:gather {} end)
    says("is_error", function() boltz:is_error {} end)
    says("array", function() boltz:array {} end)
    says("json.encode", function() boltz.json:encode {} end)
    says("time.parse", function() boltz.time:parse "2026-01-01T00:00:00Z" end)
    says("money.usd", function() boltz.money:usd(5) end)
    assert.is_nil(getmetatable(boltz))
    assert.is_false(boltz.is_error(boltz))
  end)

  it("marks no array but a table", function()
    assert.are.equal("bad parameter 'list' to 'boltz.array' (expected a table, got 5)",
      mistake(function() boltz.array(5) end))
    assert.are.equal("bad parameter 'list' to 'boltz.array' (expected a table, got nothing)",
      mistake(function() boltz.array() end))
  end)

  it("writes nothing, and no global, when it is required", function()
    assert.are.equal("", child.run [[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      require "boltz"
      for name in pairs(_G) do if not before[name] then print(name) end end
    ]])
  end)

  it("does not have OpenSSL read its configuration when it is required", function()
    local fifo = os.tmpname()
    os.execute(("rm %s; mkfifo %s; echo unread >%s &"):format(fifo, fifo, fifo))
    child.run('require "boltz"', { OPENSSL_CONF = fifo })
    local pipe = io.popen("timeout 5 cat " .. fifo)
    assert.are.equal("unread\n", pipe:read("*a"))
    pipe:close()
    os.remove(fifo)
  end)
end)
