-- SPDX-License-Identifier: MIT
local clock = require "boltz.emulator.clock"

describe("boltz.emulator.clock", function()
  it("reads what it writes", function()
    for _, seconds in ipairs{ 0, 951782400, 1709164799, 1775044800, 4102444799 } do
      assert.equal(seconds, clock.parse(clock.format(seconds)))
    end
  end)

  it("knows the leap years", function()
    assert.equal(951782400, clock.parse("2000-02-29T00:00:00Z"))
    assert.is_nil(clock.parse("1900-02-29T00:00:00Z"))
    assert.is_nil(clock.parse("2023-02-29T00:00:00Z"))
  end)

  it("reads every usual form of one instant", function()
    for _, text in ipairs{
      "2026-04-08T18:56:46Z", "2026-04-08t18:56:46z", "2026-04-08T20:56:46+02:00",
      "2026-04-08T14:26:46-0430", "2026-04-08T18:56:46.000Z",
    } do
      assert.equal(1775674606, clock.parse(text), text)
    end
    assert.equal(1775674560, clock.parse("2026-04-08T18:56Z"))
    assert.equal(1775674606.25, clock.parse("2026-04-08T18:56:46.25Z"))
  end)

  it("refuses what has no timezone or is no date", function()
    for _, text in ipairs{
      "2026-04-08T18:56:46", "2026-04-08", "2026-13-08T18:56:46Z", "2026-04-31T00:00:00Z",
      "2026-04-08T24:00:00Z", "2026-04-08T18:60:00Z", "2026-04-08T18:56:46 02:00",
      "2026-04-08T18:56:46+2:00", "2026-04-08T18:56:46.Z", "2026-04-08T18:56:46xZ", "yesterday", "",
    } do
      assert.is_nil(clock.parse(text), text)
    end
  end)

  it("rounds to windows that begin at the epoch", function()
    assert.equal(7200, clock.floor(7201, clock.HOUR))
    assert.equal(10800, clock.ceil(7201, clock.HOUR))
    assert.equal(7200, clock.floor(7200, clock.HOUR))
    assert.equal(7200, clock.ceil(7200, clock.HOUR))
  end)
end)
