-- SPDX-License-Identifier: MIT
-- A coroutine of the user's between a call and its host, such as a generator (coroutine.wrap): what
-- the call's wait yields goes to the generator's consumer, who takes it for an item. No Lua tells
-- that before it yields, since whatever starts a coroutine looks the same. So what is yielded is
-- loud, and the wait knows when it was not the host that resumed it.

local caller = require "boltz.check.caller"

local nested = {}

local ADVICE = "inside a generator (coroutine.wrap) no call can wait in this host: make the calls "
  .. "outside of it, or write it as a function that returns the next item"
local NO_ITEM = "this is no item, but the wait of a call of boltz: " .. ADVICE
local RESUMED = "a call of boltz waits in this coroutine, and it was not the host that resumed it: "
  .. ADVICE

local EVENTS = { "add", "call", "concat", "div", "le", "len", "lt", "mod", "mul", "newindex",
  "pairs", "pow", "sub", "unm" }

--- A metatable for what a wait yields: whatever else is done with it raises, and says why.
-- @tparam table methods those that the host calls
function nested.metatable(methods)
  local meta = { __tostring = function() return NO_ITEM end }
  for _, event in ipairs(EVENTS) do
    meta["__" .. event] = function() caller.raise(NO_ITEM) end
  end
  function meta.__index(_, name)
    local method = methods[name]
    if method == nil then caller.raise(NO_ITEM) end
    return method
  end
  return meta
end

--- What a wait yields where the host takes nothing.
nested.ITEM = setmetatable({}, nested.metatable {})

--- Raises, where a wait was resumed by other than the host.
-- @tparam[opt] string hint what else helps in this host
function nested.refuse(hint)
  caller.raise(RESUMED .. (hint or ""))
end

return nested
