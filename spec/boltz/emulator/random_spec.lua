-- SPDX-License-Identifier: MIT
local random = require "boltz.emulator.random"

describe("boltz.emulator.random", function()
  it("says the same for the same seed, on every Lua", function()
    assert.equal("d8vctavpr63fg8r4ft9xw92c", random.new(1):text(24))
    assert.equal(random.new(7):text(24), random.new(7):text(24))
  end)

  it("says something else for another seed", function()
    assert.are_not.equal(random.new(1):text(24), random.new(2):text(24))
  end)

  it("does not repeat itself within ten thousand ids", function()
    local source, seen = random.new(1), {}
    for _ = 1, 10000 do
      local text = source:text(24)
      assert.is_nil(seen[text])
      seen[text] = true
    end
  end)

  it("reaches each of a few numbers about equally often", function()
    local source, counts = random.new(1), { [0] = 0, 0, 0, 0 }
    for _ = 1, 4000 do
      local number = source:below(4)
      counts[number] = counts[number] + 1
    end
    for number = 0, 3 do assert.is_true(counts[number] > 850 and counts[number] < 1150) end
  end)

  it("hashes texts to whole numbers below the modulus", function()
    local hash = random.hash("ws_1/adme")
    assert.are_not.equal(hash, random.hash("ws_2/adme"))
    assert.is_true(hash >= 0 and hash < random.MODULUS and hash % 1 == 0)
  end)
end)
