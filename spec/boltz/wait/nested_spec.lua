-- SPDX-License-Identifier: MIT
-- A call in a coroutine of the user's between it and its host.

local boltz = require "boltz"
local nested = require "boltz.wait.nested"
local servers = require "support.servers"
local wire = require "support.wire"

describe("what a wait inside a generator yields", function()
  local ITEM = nested.ITEM
  local USES = {
    ["index"] = function() return ITEM.name end,
    ["assignment"] = function() ITEM.name = 1 end,
    ["call"] = function() return (ITEM()) end,
    ["concatenation"] = function() return "x" .. ITEM end,
    ["comparison"] = function() return ITEM < nested.ITEM end,
    ["arithmetic"] = function() return ITEM + 1 end,
    ["negation"] = function() return -ITEM end,
  }

  for name, use in pairs(USES) do
    it("raises at its " .. name .. ", at the line that uses it, and says what is wrong", function()
      local done, problem = pcall(use)
      assert.is_false(done)
      assert.matches("^%S*nested_spec%.lua:%d+: this is no item, but the wait of a call", problem)
      assert.matches("outside of it, or write it as a function", problem, 1, true)
    end)
  end

  it("says what it is where it is printed", function()
    assert.matches("^this is no item, but the wait of a call of boltz: ", tostring(ITEM))
  end)

  it("has the methods that the host calls", function()
    local own = setmetatable({}, nested.metatable { getfd = function() return 7 end })
    assert.equal(7, own:getfd())
    assert.has_error(function() return own.name end)
  end)
end)

describe("a call inside a generator", function()
  local client

  before_each(function()
    client = boltz.new { api_key = "k", base_url = wire.start(servers.HOLD).url }
  end)
  after_each(function()
    client:close()
    wire.stop_all()
  end)

  local function answers(...)
    local paths = { ... }
    return coroutine.wrap(function()
      for _, path in ipairs(paths) do coroutine.yield(assert(client:get(path)).id) end
    end)
  end

  local function joined(items)
    local list = {}
    for item in items do list[#list + 1] = item end
    return table.concat(list, " ")
  end

  it("works in a script", function()
    assert.equal("a b c", joined(answers("/a", "/b", "/c")))
  end)

  it("works in a function of map, and lets the other calls go on meanwhile", function()
    local results = {}
    for item, result, problem in boltz.map({ "x", "slow", "y" }, function(item)
      if item == "slow" then return client:get("/slow").id end
      return joined(answers("/" .. item .. 1, "/release", "/" .. item .. 2))
    end) do
      results[item] = result or problem
    end
    assert.same({ x = "x1 release x2", slow = "slow", y = "y1 release y2" }, results)
  end)
end)
