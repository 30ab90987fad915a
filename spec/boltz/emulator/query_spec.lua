-- SPDX-License-Identifier: MIT
local query = require "boltz.emulator.query"

describe("boltz.emulator.query", function()
  it("decodes names and values", function()
    assert.same({ name = { "a b&c=d é" } }, query.read("name=a%20b%26c%3Dd%20%C3%A9"))
    assert.same({ ["group_by[]"] = { "x" } }, query.read("group_by%5B%5D=x"))
  end)

  it("reads a plus sign as a space, as servers do", function()
    assert.same({ name = { "a b+c" } }, query.read("name=a+b%2Bc"))
  end)

  it("keeps every value of a repeated name, in order", function()
    assert.same({ a = { "1", "3" }, b = { "2" } }, query.read("a=1&b=2&a=3"))
  end)

  it("takes a name without a value as empty text", function()
    assert.same({ a = { "" }, b = { "" } }, query.read("a&b="))
    assert.same({ a = { "b=c" } }, query.read("a=b=c"))
  end)

  it("takes a table of values and lists, and leaves empty lists out", function()
    assert.same({ limit = { "2" }, ids = { "a", "b" } },
      query.read{ limit = 2, ids = { "a", "b" }, none = {} })
  end)

  it("reads no query as no parameters", function()
    assert.same({}, query.read(nil))
    assert.same({}, query.read(""))
  end)

  it("leaves a percent sign alone that begins no escape", function()
    assert.equal("100%", query.unescape("100%"))
    assert.equal("%zz/", query.unescape("%zz%2F"))
  end)
end)
