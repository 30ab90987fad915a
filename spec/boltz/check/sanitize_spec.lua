-- SPDX-License-Identifier: MIT
local sanitize = require "boltz.check.sanitize"

describe("sanitize", function()
  local CASES = {
    { "plain", "plain" }, { "a\0b", "a?b" }, { "a\tb\127", "a?b?" },
    { "Zürich – 東京", "Zürich – 東京" }, -- these hold bytes from 128 to 159
    { "\194\128\194\159\194\160", "??\194\160" },
    -- an override, an isolate, a zero width space and a byte order mark; a dash and a ligature stay
    { "a\226\128\174b\226\129\166c\226\128\139d\239\187\191", "a?b?c?d?" },
    { "\216\156\226\128\147\239\172\128", "?\226\128\147\239\172\128" },
    { "a\255b\195", "a?b?" }, { "\155\195\188", "???" }, -- are not UTF-8
  }
  for _, case in ipairs(CASES) do
    it(("makes %q of %q"):format(case[2], case[1]), function()
      assert.are.equal(case[2], sanitize(case[1]))
    end)
  end
end)
