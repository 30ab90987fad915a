-- SPDX-License-Identifier: MIT
local body = require "boltz.emulator.body"
local core = require "boltz.core"
local problem = require "boltz.emulator.problem"

describe("boltz.emulator.body", function()
  local JSON = "application/json"

  local function refusal(...)
    local ok, err = pcall(...)
    assert.is_false(ok)
    assert.is_true(problem.is(err), tostring(err))
    return err
  end

  it("keeps null, which decoding alone would lose", function()
    local value = body.read('{"name":null,"deep":{"a":[1,null,3]},"kept":false}', JSON)
    assert.equal(core.null, value.name)
    assert.equal(core.null, value.deep.a[2])
    assert.equal(3, value.deep.a[3])
    assert.is_false(value.kept)
  end)

  it("tells an empty list from an empty object", function()
    assert.is_true(core.is_array(body.read("[]", JSON)))
    assert.is_false(core.is_array(body.read("{}", JSON)))
  end)

  it("accepts a content type with parameters", function()
    assert.same({}, body.read("{}", "Application/JSON; charset=utf-8"))
  end)

  it("refuses any other content type, and none", function()
    for _, content_type in ipairs{ "text/plain", "application/jsonx", "" } do
      assert.equal("bad_request", refusal(body.read, "{}", content_type).code)
    end
    assert.equal("bad_request", refusal(body.read, "{}", nil).code)
  end)

  it("refuses what is not JSON", function()
    for _, text in ipairs{ "", "{", "{'a':1}", "nope", '{"a":1}}' } do
      assert.equal("bad_request", refusal(body.read, text, JSON).code, text)
    end
    assert.equal("bad_request", refusal(body.read, nil, JSON).code)
  end)

  it("refuses a body where none belongs", function()
    assert.has_no_error(function() body.refuse(nil) end)
    assert.has_no_error(function() body.refuse("") end)
    assert.equal("bad_request", refusal(body.refuse, "{}").code)
  end)
end)
