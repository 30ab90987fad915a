-- SPDX-License-Identifier: MIT
local fold = require "boltz.emulator.fold"

describe("boltz.emulator.fold", function()
  local PAIRS = {
    { "AZaz09[@", "azaz09[@" },
    { "ÀÉÖØÞ×ß÷", "àéöøþ×ß÷" },
    { "ĀĮĲĶĹŇŊŶŸŹŽſ", "āįĳķĺňŋŷÿźžs" },
    { "ǍǞǮǸȞȢȲ", "ǎǟǯǹȟȣȳ" },
    { "ΑΡΣΩΪΆΈΉΊΌΎΏς", "αρσωϊάέήίόύώσ" },
    { "ЀЏАЯѠҀҊҾӁӍӐԮӀ", "ѐџаяѡҁҋҿӂӎӑԯӏ" },
    { "ԱՖ", "աֆ" },
  }
  for _, pair in ipairs(PAIRS) do
    it("makes " .. pair[1] .. " small, and leaves that as it is", function()
      assert.equal(pair[2], fold(pair[1]))
      assert.equal(pair[2], fold(pair[2]))
    end)
  end

  it("leaves what it has no rule for", function()
    for _, text in ipairs{ "ẞ", "Ạ", "Ა", "İ", "日本", "\255\195", "\195(", "" } do
      assert.equal(text, fold(text))
    end
  end)

  it("agrees with Unicode's own simple mapping wherever it changes a letter", function()
    local pipe = io.popen([[python3 -c "
for c in range(0x80, 0x590):
  f = chr(c).lower()
  print(c, ord(f) if len(f) == 1 else c)" 2>/dev/null]])
    local checked = 0
    local function utf8_of(code)
      return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
    end
    for code, small in pipe:read("*a"):gmatch("(%d+) (%d+)") do
      local from, to = utf8_of(tonumber(code)), fold(utf8_of(tonumber(code)))
      if to ~= from and from ~= "ſ" and from ~= "ς" then
        assert.equal(utf8_of(tonumber(small)), to)
        checked = checked + 1
      end
    end
    pipe:close()
    if checked == 0 then return pending "python3 is missing" end
    assert.is_true(checked > 300, checked .. " letters")
  end)
end)
