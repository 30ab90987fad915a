-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local read = require "boltz.request.error_body"

describe("the body of a failure", function()
  local MESSAGES = {
    { '{"code":"x","message":"m"}', "m" },
    { '{"error":{"message":"m","code":"c"}}', "m" },
    { '{"error":"m"}', "m" },
    { '{"message":["a","b"]}', "a; b" },
    { '{"detail":"m"}', "m" },
    { '{"detail":[{"loc":["body","name"],"msg":"a"},{"msg":"b"}]}', "a; b" },
    { '{"type":"about:blank","title":"t","status":403}', "t" },
    { '{"title":"t","detail":"d"}', "t: d" },
    { '{"Message":"m"}', "m" },
    { "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
      "400 The plain HTTP request was sent to HTTPS port" },
    { "<HTML><TITLE> t </TITLE>", "t" },
    { "<title></title>", nil }, { "<title>without an end", nil }, { "", nil }, { "null", nil },
    { '["message"]', nil }, { '{"message":""}', nil }, { '{"message":{}}', nil },
    { '{"error":{}}', nil },
  }
  for _, case in ipairs(MESSAGES) do
    it(("says %s in %s"):format(tostring(case[2]), case[1]:gsub("%c", " ")), function()
      assert.equal(case[2], read(case[1]).message)
    end)
  end

  it("has its code and its details where the service or a gateway puts them", function()
    assert.equal("c", read '{"code":"c","message":"m"}'.code)
    assert.equal("c", read '{"error":{"message":"m","code":"c"}}'.code)
    assert.same({ a = 1 }, read '{"code":"c","message":"m","details":{"a":1}}'.details)
    assert.same({ a = 1 }, read '{"error":{"message":"m","details":{"a":1}}}'.details)
    assert.is_nil(read '{"code":5,"message":"m"}'.code)
  end)

  it("is cut to 8 KiB a text, and between characters", function()
    for _, text in ipairs { ("é"):rep(10000), "a" .. ("é"):rep(10000), ("東"):rep(10000) } do
      local message = read(core.encode { message = text }).message
      assert.is_true(#message <= 8192 and #message > 8189)
      assert.is_truthy(core.utf8_length(message))
    end
    local many = {}
    for i = 1, 10000 do many[i] = "mistake" end
    assert.is_true(#read(core.encode { message = many }).message <= 8192)
  end)

  it("is not looked into beyond a megabyte", function()
    assert.same({}, read(core.encode { message = ("a"):rep(1024 * 1024) }))
  end)
end)
