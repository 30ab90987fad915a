-- SPDX-License-Identifier: MIT
-- For scripts, which have nothing else to do: waits in C.

-- How long one wait in C may take: between two, Lua's hooks run, and with them Ctrl-C in lua5.4.
local SLICE = 0.1 -- seconds

-- Compiled code calls no hooks. (In a finalizer LuaJIT refuses to change that.)
if rawget(_G, "jit") then pcall(jit.off, true, true) end

return {
  wakes_others = false,

  wait = function(engine, waiter)
    while not waiter:is_over() do engine:step(math.min(waiter:left(), SLICE)) end
  end,

  finish = function(engine, transfer)
    repeat engine:step(SLICE) until transfer:done()
  end,
}
