-- SPDX-License-Identifier: MIT
-- Texts without the difference between capital and small letters, for prefixes that are looked for.
--
-- By rule, for the letters of UTF-8 up to U+058F: Latin (with Latin-1, Extended-A and what of
-- Extended-B comes in pairs), Greek and its accented letters, Cyrillic and Armenian. Not beyond: no
-- Latin Extended Additional (as Vietnamese has it), no Georgian, no letter that becomes two, as the
-- German sharp s; and a letter with a combining mark stays another than the letter that has it.

-- Blocks of capitals: the first, the last, how far the small letters are away, and whether only
-- every second is a capital.
local BLOCKS = {
  { 0x41, 0x5A, 32 },
  { 0xC0, 0xD6, 32 },
  { 0xD8, 0xDE, 32 },
  { 0x100, 0x12E, 1, true },
  { 0x132, 0x136, 1, true },
  { 0x139, 0x147, 1, true },
  { 0x14A, 0x176, 1, true },
  { 0x179, 0x17D, 1, true },
  { 0x1CD, 0x1DB, 1, true },
  { 0x1DE, 0x1EE, 1, true },
  { 0x1F8, 0x21E, 1, true },
  { 0x222, 0x232, 1, true },
  { 0x388, 0x38A, 37 },
  { 0x391, 0x3A1, 32 },
  { 0x3A3, 0x3AB, 32 },
  { 0x400, 0x40F, 80 },
  { 0x410, 0x42F, 32 },
  { 0x460, 0x480, 1, true },
  { 0x48A, 0x4BE, 1, true },
  { 0x4C1, 0x4CD, 1, true },
  { 0x4D0, 0x52E, 1, true },
  { 0x531, 0x556, 48 },
}

-- Letters that stand alone: the long s and the final sigma are small already.
local SINGLES = { [0x178] = 0xFF, [0x17F] = 0x73, [0x386] = 0x3AC, [0x38C] = 0x3CC, [0x38E] = 0x3CD,
  [0x38F] = 0x3CE, [0x3C2] = 0x3C3, [0x4C0] = 0x4CF }

local function utf8_of(code)
  if code < 0x80 then return string.char(code) end
  return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) -- up to U+07FF
end

local SMALL = {} -- by the capital, both in UTF-8
for _, block in ipairs(BLOCKS) do
  for code = block[1], block[2], block[4] and 2 or 1 do
    SMALL[utf8_of(code)] = utf8_of(code + block[3])
  end
end
for capital, small in pairs(SINGLES) do SMALL[utf8_of(capital)] = utf8_of(small) end

--- The text with small letters.
return function(text)
  return (text:gsub("[A-Z]", SMALL):gsub("[\194-\223][\128-\191]", SMALL))
end
