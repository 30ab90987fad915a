-- SPDX-License-Identifier: MIT
--- Refuses, in words, a Lua that boltz does not run on. The modules that a program requires first
-- require this one first: the core would say the same, but for such a Lua there mostly is none.
-- @module boltz.supported

-- LuaJIT calls itself Lua 5.1 too, but its string.rep is that of 5.2. (A sandbox may hide `jit`.)
local plain_51 = _VERSION == "Lua 5.1" and ("a"):rep(2, "-") ~= "a-a"

if plain_51 or _VERSION == "Lua 5.2" then
  error("boltz needs Lua 5.3, 5.4, 5.5 or LuaJIT 2.1, and this is " .. _VERSION, 0)
end

return true
