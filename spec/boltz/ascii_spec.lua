-- SPDX-License-Identifier: MIT
local ascii = require "boltz.ascii"

describe("ascii.lower", function()
  it("changes A to Z and nothing else", function()
    local bytes, expected = {}, {}
    for byte = 0, 255 do
      bytes[#bytes + 1] = string.char(byte)
      expected[#expected + 1] = string.char(byte >= 65 and byte <= 90 and byte + 32 or byte)
    end
    assert.equal(table.concat(expected), ascii.lower(table.concat(bytes)))
  end)
end)

describe("ascii.trim", function()
  for given, expected in pairs { ["  a b\t\r\n"] = "a b", [""] = "", [" \n"] = "", a = "a",
    ["\194\160a"] = "\194\160a" } do
    it(("leaves %q of %q"):format(expected, given), function()
      assert.equal(expected, ascii.trim(given))
    end)
  end

  it("is linear in what it trims", function()
    assert.equal("a", ascii.trim((" "):rep(1e6) .. "a" .. (" "):rep(1e6)))
  end)
end)
