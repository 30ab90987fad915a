-- SPDX-License-Identifier: MIT
-- Buffers as the core uses them, here to encode a list: of a text that is not finished Lua gets
-- nothing.

local core = require "boltz.core"
local memory = require "support.memory"

local A, B = ("Rf2"):rep(10) .. "Lm", ("Hu6"):rep(20)
local OTHER_A, OTHER_B = ("Td9"):rep(10) .. "Zc", ("Pn1"):rep(20)

describe("a buffer", function()
  if not memory.can_be_read() then return end

  -- A list of these two and of so much more.
  local function list_of(first, second, more)
    local list = { ("x"):rep(40), first, second }
    for _ = 1, more / 100 do list[#list + 1] = ("y"):rep(100) end
    return list
  end

  for what, more in pairs { ["that has grown"] = 100000, ["that has not"] = 0 } do
    it(what .. " is wiped at its end", function()
      local list = list_of(A, B, more)
      list[#list + 1] = print -- is no JSON
      for _ = 1, 20 do assert.is_nil((core.encode(list))) end
      collectgarbage()
      collectgarbage()
      assert.are.equal(0, memory.count(A:sub(-9), '","' .. B))
      local text = core.encode(list_of(OTHER_A, OTHER_B, more))
      assert.is_true(memory.count(OTHER_A:sub(-9), '","' .. OTHER_B) > 0, "no search finds it")
      assert.is_truthy(text)
    end)
  end
end)
