-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local mistake = require "support.mistake"
local stub = require "support.stub"

local json = boltz.json

-- Of objects with one field at most, so that the order of fields is none.
local SAME = {
  "null", "true", "false", "0", "-1", "1.5", "0.1", "1e+300", '""', '"a"', "[]", "{}", "[[],{}]",
  "[null]", "[1,null]", '{"a":null}', '{"a":[]}', '{"a":{}}', '[{"a":[null,{}]},[]]',
  "9007199254740991", "-9007199254740991", "28990", '"\\u0000\\u001f"', '"\\"\\\\/"', '"é😀"',
}

describe("boltz.json", function()
  for _, text in ipairs(SAME) do
    it("writes again what it has read: " .. text, function()
      assert.are.equal(text, json.encode(json.decode(text)))
    end)
  end

  it("keeps null as boltz.null, wherever it is", function()
    assert.are.equal(boltz.null, json.decode "null")
    assert.are.same({ a = { boltz.null, { b = boltz.null } } },
      json.decode '{"a":[null,{"b":null}]}')
  end)

  it("tells arrays from objects, also where both are empty", function()
    local value = json.decode '{"array":[],"object":{}}'
    assert.is_true(core.is_array(value.array))
    assert.is_false(core.is_array(value.object))
    assert.are.equal("[]", json.encode(boltz.array {}))
    assert.are.equal("{}", json.encode {})
  end)

  it("keeps amounts exact, and a number that this Lua cannot hold as its text", function()
    assert.are.equal(boltz.UNLIMITED, json.decode '{"amount":9007199254740991}'.amount)
    assert.are.equal('{"amount":9007199254740991}', json.encode { amount = boltz.UNLIMITED })
    assert.are.equal("123456789012345678901", json.decode "123456789012345678901")
    assert.are.equal('"123456789012345678901"', json.encode(json.decode "123456789012345678901"))
  end)

  if math.type then
    it("reads whole numbers as integers", function()
      for _, text in ipairs { "1", "1.0", "-0", "1e3", "9007199254740993" } do
        assert.are.equal("integer", math.type(json.decode(text)), text)
      end
      assert.are.equal("float", math.type(json.decode "1.5"))
    end)
  end

  it("writes what a call has returned: empty lists, exact amounts, and nulls in lists", function()
    local body = '{"a":[[],{},9007199254740991,[1,null]]}'
    local client = stub.client { body, '{"a":null,"b":[]}' }
    assert.are.equal(body, json.encode(client:get "/x"))
    assert.are.equal('{"b":[]}', json.encode(client:get "/x")) -- a field that is null is absent
  end)

  it("takes errors and responses, whose headers are read when they are asked for", function()
    local client = stub.client { { status = 404, headers = { ["x-a"] = "1" },
      body = '{"code":"c","message":"m","details":[1,null]}' }, "{}" }
    local _, err = client:get "/x"
    local read = json.decode(json.encode(err))
    assert.are.equal("not_found", read.kind)
    assert.are.equal("1", read.headers["x-a"])
    assert.are.same({ 1, boltz.null }, read.details)
    local _, _, response = client:get "/x"
    local written = json.decode(json.encode(response))
    assert.are.equal(200, written.status)
    assert.is_table(written.headers)
  end)

  it("writes what a metatable shows", function()
    local shown = setmetatable({}, { __pairs = function() return next, { a = 1 } end })
    assert.are.equal('[{"a":1}]', json.encode { shown })
  end)
end)

describe("boltz.json.encode", function()
  local loop = {}
  loop[1], loop[2] = { back = loop }, loop
  local cases = {
    { nil, "value", "nothing" },
    { print, "value", "function" },
    { { a = { b = { 1, print } } }, "value.a.b[2]", "function" },
    { loop, "value[1].back", "a table that contains itself" },
    { { amount = 0 / 0 }, "value.amount", "NaN" },
    { { -math.huge }, "value[1]", "infinity" },
    { { a = { 1, b = 2 } }, "value.a", "a table with both positions and names" },
    { { 1, nil, 3 }, "value", "a list with holes" },
    { { [1.5] = 1 }, "value", "a table with a key that is neither a string nor a position" },
    { { name = "\255" }, "value.name", "text that is not UTF-8" },
    { setmetatable({}, { __index = { a = 1 } }), "value", "a table that hides its contents" },
  }
  for _, case in ipairs(cases) do
    it("raises where it is called for " .. case[3], function()
      assert.are.equal(("bad parameter '%s' to 'boltz.json.encode' (expected a JSON value, got %s)")
        :format(case[2], case[3]), mistake(function() json.encode(case[1]) end))
    end)
  end
end)

describe("boltz.json.decode", function()
  local function reason(text)
    return mistake(function() json.decode(text) end)
      :match("^bad parameter 'text' to 'boltz.json.decode' %((.*)%)$")
  end

  it("raises where it is called, with the place in the text", function()
    local cases = {
      [""] = "line 1, column 1", ["nul"] = "line 1, column 1", ["[1,"] = "line 1, column 4",
      ["[1]x"] = "line 1, column 4", ['{"a":1,}'] = "line 1, column 8",
      ["[\n  1,\n  x]"] = "line 3, column 3", ["[\r\n1\r\n2]"] = "line 3, column 1",
      ["[\n\n01]"] = "line 3, column 1", ["[1,\n\0]"] = "line 2, column 1",
      ['["\\ud800",\n1e400,9007199254740993,"\\x"]'] = "line 2, column 25",
    }
    for text, place in pairs(cases) do assert.are.equal(place, reason(text):match("^(.*):")) end
  end)

  it("raises for what is no text, or none in UTF-8", function()
    assert.are.equal("expected JSON as a string, got nothing", reason(nil))
    assert.are.equal("expected JSON as a string, got 12", reason(12))
    assert.are.equal("expected JSON as a string, got a table", reason {})
    assert.are.equal("expected JSON, got text that is not UTF-8", reason '["\255"]')
  end)

  it("raises for 101 levels of nesting, and reads 100", function()
    assert.matches("nested", reason(("["):rep(101) .. ("]"):rep(101)))
    assert.is_table(json.decode(("["):rep(100) .. ("]"):rep(100)))
  end)

  it("shows nothing of the text, which may hold a key", function()
    assert.is_nil(reason('{"api_key": sk_bc_admin_test_0123}'):find("sk_bc", 1, true))
  end)
end)
