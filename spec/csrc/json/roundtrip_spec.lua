-- SPDX-License-Identifier: MIT
-- Properties of the JSON both ways, over random values. A failure names its seed; `make test
-- SEED=...` tries the same values again.

local cjson = require "cjson"
local core = require "boltz.core"

local VALUES = 10000
local seed = tonumber(os.getenv("SEED")) or math.floor(core.random() * 2 ^ 31)

-- Our own generator, so that a seed means the same values on each Lua: Park and Miller's, whose
-- products stay below 2^53.
local function generator(start)
  local state = start % 2147483646 + 1
  return function(limit) -- 0 .. limit - 1
    state = state * 48271 % 2147483647
    return state % limit
  end
end

local function text_of(random)
  local function byte(from, to) return from + random(to - from + 1) end
  -- Of characters: each length in UTF-8, and each lead byte that narrows what may follow it.
  local kinds = {
    function() return byte(0x20, 0x7E) end,
    function() return byte(0, 0x1F) end,
    function() return (("\"\\/\127"):byte(1 + random(4))) end,
    function() return byte(0xC2, 0xDF), byte(0x80, 0xBF) end,
    function() return 0xE0, byte(0xA0, 0xBF), byte(0x80, 0xBF) end,
    function() return 0xED, byte(0x80, 0x9F), byte(0x80, 0xBF) end,
    function() return 0xEF, byte(0x80, 0xBF), byte(0x80, 0xBF) end,
    function() return 0xF0, byte(0x90, 0xBF), byte(0x80, 0xBF), byte(0x80, 0xBF) end,
    function() return 0xF4, byte(0x80, 0x8F), byte(0x80, 0xBF), byte(0x80, 0xBF) end,
  }
  local characters = {}
  for i = 1, random(12) do characters[i] = string.char(kinds[1 + random(#kinds)]()) end
  return table.concat(characters)
end

local function sign(random) return random(2) == 0 and 1 or -1 end

local scalars = {
  function() return true end,
  function() return false end,
  function() return core.null end,
  function(random) return random(2000) - 1000 end,
  function(random) return sign(random) * (2 ^ 53 - 1 - random(1000)) end,
  function(random) return sign(random) * random(1000000) / 10 ^ random(8) end,
  -- any double: 52 random bits of a fraction, any exponent, also below the normal ones
  function(random)
    local fraction = 1 + (random(2 ^ 26) * 2 ^ 26 + random(2 ^ 26)) / 2 ^ 52
    return sign(random) * fraction * 2 ^ (random(1000) - 500) * 2 ^ (random(1000) - 560)
  end,
  text_of,
}

local value_of

local function list_of(random, depth)
  local list = {}
  for i = 1, random(6) do list[i] = value_of(random, depth) end
  return (#list == 0 or random(2) == 0) and core.array(list) or list
end

local function object_of(random, depth)
  local object = {}
  for _ = 1, random(6) do object[text_of(random)] = value_of(random, depth) end
  return object
end

function value_of(random, depth)
  local kind = 1 + random(depth < 5 and #scalars + 4 or #scalars)
  if scalars[kind] then return scalars[kind](random) end
  return (kind % 2 == 0 and list_of or object_of)(random, depth + 1)
end

-- Calls check(value, text) for each value and its text, and expects that it returns true.
local function for_all(check)
  local random = generator(seed)
  for i = 1, VALUES do
    local value = value_of(random, 0)
    local text, problem, path = core.encode(value)
    if not (text and check(value, text)) then
      error(("SEED=%d, value %d: %s"):format(seed, i, text or problem .. " at " .. path), 0)
    end
  end
end

local function count(t)
  local entries = 0
  for _ in pairs(t) do entries = entries + 1 end
  return entries
end

local function same_tables(expected, actual, same)
  if type(actual) ~= "table" then return false end
  local entries = 0
  for key, value in pairs(expected) do
    if not same(value, actual[key]) then return false end
    if actual[key] ~= nil then entries = entries + 1 end
  end
  return entries == count(actual)
end

local function same_by_cjson(expected, actual)
  if type(expected) ~= "table" then return expected == actual end
  return same_tables(expected, actual, same_by_cjson)
end

local function is_array(value)
  return core.is_array(value) or value[1] ~= nil
end

local function is_whole(number)
  return number == math.floor(number) and math.abs(number) < 2 ^ 63
end

local function same_by_core(expected, actual)
  if expected == core.null then return actual == nil end
  if type(expected) == "table" then
    return same_tables(expected, actual, same_by_core)
      and core.is_array(actual) == is_array(expected)
  end
  if type(expected) == "number" and math.type and is_whole(expected) then
    return math.type(actual) == "integer" and actual == expected
  end
  return actual == expected
end

describe("JSON, there and back", function()
  it("gives lua-cjson the same value", function()
    local decode = cjson.new().decode
    for_all(function(value, text) return same_by_cjson(value, decode(text)) end)
  end)

  it("gives core.decode the same value, with marked arrays and integers", function()
    for_all(function(value, text)
      local decoded, problem = core.decode(text)
      return problem == nil and same_by_core(value, decoded)
    end)
  end)
end)
