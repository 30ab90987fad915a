-- SPDX-License-Identifier: MIT
-- Numbers that look random and are the same on every start, on every Lua. All arithmetic stays
-- below 2^53, where the doubles of LuaJIT and the integers of Lua 5.4 agree to the last digit.

local Random = {}
Random.__index = Random

local MODULUS = 67108859 -- the largest prime below 2^26, so that squares stay below 2^52
local ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

--- Stirs a whole number into a hash state. Squaring makes neighbours fall far apart.
local function absorb(state, value)
  state = (state + value) % MODULUS
  return (state * state + 12345677) % MODULUS
end

--- A source of numbers for one seed.
function Random.new(seed)
  return setmetatable({ _seed = absorb(absorb(1, seed), 1), _drawn = 0 }, Random)
end

--- A number from 0 up to but without `n`.
function Random:below(n)
  self._drawn = self._drawn + 1
  local state = absorb(absorb(self._seed, self._drawn), self._drawn % 7919)
  return math.floor(state / MODULUS * n)
end

--- `length` characters for an id or a key.
function Random:text(length)
  local characters = {}
  for i = 1, length do
    local at = self:below(#ALPHABET) + 1
    characters[i] = ALPHABET:sub(at, at)
  end
  return table.concat(characters)
end

--- The hash of a text, to be used as a state for `absorb`.
local function hash(text)
  local state = #text
  for i = 1, #text do state = absorb(state, text:byte(i)) end
  return state
end

return {
  new = Random.new,
  absorb = absorb,
  hash = hash,
  MODULUS = MODULUS,
}
