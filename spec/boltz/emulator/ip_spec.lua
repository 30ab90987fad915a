-- SPDX-License-Identifier: MIT
local ip = require "boltz.emulator.ip"

describe("boltz.emulator.ip", function()
  it("brings the spellings of one address together", function()
    for _, same in ipairs{
      { "::1", "0:0:0:0:0:0:0:1", "0000::0001" },
      { "2001:db8::7", "2001:0DB8:0:0::7" },
      { "192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201" },
      { "::", "0::0" },
      { "1::", "1:0:0:0:0:0:0:0" },
    } do
      for _, text in ipairs(same) do
        assert.is_string(ip.canonical(text), text)
        assert.equal(ip.canonical(same[1]), ip.canonical(text), text)
      end
    end
  end)

  it("tells different addresses apart", function()
    assert.are_not.equal(ip.canonical("10.0.0.1"), ip.canonical("10.0.1.0"))
    assert.are_not.equal(ip.canonical("1::"), ip.canonical("::1"))
  end)

  it("refuses what is no address", function()
    for _, text in ipairs{
      "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4/8", " 1.2.3.4", "1.2.3.x",
      ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::",
      "g::", "::1%eth0", "1.2.3.4::", "localhost",
    } do
      assert.is_nil(ip.canonical(text), text)
    end
  end)
end)
