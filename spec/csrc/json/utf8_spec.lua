-- SPDX-License-Identifier: MIT
local core = require "boltz.core"

-- The grammar of RFC 3629, section 4, as patterns.
local TAIL = "[\128-\191]"
local FORMS = {
  "^[%z\1-\127]$",
  "^[\194-\223]" .. TAIL .. "$",
  "^\224[\160-\191]" .. TAIL .. "$",
  "^[\225-\236\238\239]" .. TAIL .. TAIL .. "$",
  "^\237[\128-\159]" .. TAIL .. "$",
  "^\240[\144-\191]" .. TAIL .. TAIL .. "$",
  "^[\241-\243]" .. TAIL .. TAIL .. TAIL .. "$",
  "^\244[\128-\143]" .. TAIL .. TAIL .. "$",
}
if _VERSION ~= "Lua 5.1" then FORMS[1] = "^[\0-\127]$" end

local function is_character(bytes)
  for _, form in ipairs(FORMS) do
    if bytes:find(form) then return true end
  end
  return false
end

describe("utf8_length", function()
  local cases = {
    { "", 0 }, { "abc", 3 }, { "\0\0", 2 }, { "é€\240\159\167\172", 3 },
    { ("é"):rep(255), 255 },
    { "\127", 1 }, { "\194\128", 1 }, { "\223\191", 1 }, { "\224\160\128", 1 },
    { "\237\159\191", 1 }, { "\238\128\128", 1 }, { "\239\191\191", 1 },
    { "\240\144\128\128", 1 }, { "\244\143\191\191", 1 }, { "e\204\129", 2 },
  }
  for _, case in ipairs(cases) do
    local text, length = case[1], case[2]
    it(("counts %d characters in %d bytes"):format(length, #text), function()
      assert.equal(length, core.utf8_length(text))
    end)
  end

  local malformed = {
    ["a continuation without a start"] = "a\128",
    ["a start without a continuation"] = "\195a",
    ["an overlong slash"] = "\192\175",
    ["an overlong form of three bytes"] = "\224\159\191",
    ["an overlong form of four bytes"] = "\240\143\191\191",
    ["the first surrogate"] = "\237\160\128",
    ["the last surrogate"] = "\237\191\191",
    ["a surrogate pair"] = "\237\160\190\237\183\172",
    ["U+110000"] = "\244\144\128\128",
    ["a form of five bytes"] = "\248\136\128\128\128",
    ["0xFE"] = "\254",
    ["0xFF"] = "\255",
    ["a character of two bytes cut off"] = "abc\195",
    ["a character of three bytes cut off"] = "abc\226\130",
    ["a character of four bytes cut off"] = "abc\240\159\167",
    ["a malformed character behind well-formed ones"] = ("é"):rep(100) .. "\255",
  }
  for what, text in pairs(malformed) do
    it("is nil for " .. what, function()
      assert.is_nil(core.utf8_length(text))
    end)
  end

  it("agrees with RFC 3629 on every first byte and every kind of next ones", function()
    local edges = {
      "", "\0", "\127", "\128", "\143", "\144", "\159", "\160", "\191", "\192", "\255",
    }
    local tails = {
      "", "\127", "\128", "\191", "\192", "\128\128", "\191\191", "\128\127", "\128\192",
    }
    for first = 0, 255 do
      for _, second in ipairs(edges) do
        for _, tail in ipairs(tails) do
          local bytes = string.char(first) .. second .. tail
          if core.utf8_length(bytes) == 1 or is_character(bytes) then
            assert.equal(is_character(bytes), core.utf8_length(bytes) == 1, ("%q"):format(bytes))
          end
        end
      end
    end
  end)

  it("raises for something that is no text", function()
    assert.has_error(function() core.utf8_length {} end)
    assert.has_error(function() core.utf8_length() end)
  end)
end)
