-- SPDX-License-Identifier: MIT
-- The table of which call is tried again on what, for every call there is.

local repeats = require "reliability.repeats"
local scripted = require "reliability.scripted"

local LIMIT = { limit = { amount = 1 } }

-- Each with the options of the call.
local CALLS = {
  read = {
    ["workspaces:retrieve"] = function(c, with) return c.workspaces:retrieve("ws_1", with) end,
    ["workspaces:list"] = function(c, with) return c.workspaces:list({}, with):next() end,
    ["workspaces:retrieve_spending_limit"] = function(c, with)
      return c.workspaces:retrieve_spending_limit("ws_1", with)
    end,
    ["api_keys:list"] = function(c, with) return c.api_keys:list({}, with):next() end,
    ["usage:list"] = function(c, with)
      return c.usage:list({ starting_at = 0, ending_at = 86400, window_size = "DAY" }, with):next()
    end,
    ["auth:me"] = function(c, with) return c.auth:me(with) end,
    ["client:get"] = function(c, with) return c:get("/compute/v1/x", with) end,
  },
  change = {
    ["workspaces:update"] = function(c, with)
      return c.workspaces:update("ws_1", { name = "x" }, with)
    end,
    ["workspaces:archive"] = function(c, with) return c.workspaces:archive("ws_1", with) end,
    ["workspaces:set_spending_limit"] = function(c, with)
      return c.workspaces:set_spending_limit("ws_1", LIMIT, with)
    end,
    ["api_keys:revoke"] = function(c, with) return c.api_keys:revoke("key_1", with) end,
    ["client:put"] = function(c, with) return c:put("/compute/v1/x", with) end,
    ["client:delete"] = function(c, with) return c:delete("/compute/v1/x", with) end,
  },
  create = {
    ["workspaces:create"] = function(c, with) return c.workspaces:create({}, with) end,
    ["api_keys:create"] = function(c, with) return c.api_keys:create({ name = "x" }, with) end,
    ["client:post"] = function(c, with) return c:post("/compute/v1/x", with) end,
    ["client:patch"] = function(c, with) return c:patch("/compute/v1/x", with) end,
  },
}

local function check(result, call, again, maybe, with)
  local client = scripted.client { result }
  local _, err = call(client, with)
  assert.is_not_nil(err)
  assert.equal(again and 3 or 1, err.attempts, tostring(err))
  assert.equal(maybe, err.maybe_applied, tostring(err))
end

for _, row in ipairs(repeats) do
  describe("after: " .. row.what, function()
    for class, calls in pairs(CALLS) do
      for name, call in pairs(calls) do
        it(("%s is %stried again"):format(name, row.again[class] and "" or "not "), function()
          for _, result in ipairs(row.results) do
            check(result, call, row.again[class], row.maybe[class] or false)
          end
        end)
        if class == "create" then
          it(("%s with retry_unsafe is %stried again")
            :format(name, row.again.change and "" or "not "), function()
              for _, result in ipairs(row.results) do
                check(result, call, row.again.change, row.maybe.create, { retry_unsafe = true })
              end
            end)
        end
      end
    end
  end)
end

describe("a call that fails in several ways", function()
  local answer, failure = scripted.answer, scripted.failure

  it("may have been applied by any of its attempts", function()
    local client = scripted.client { failure("timeout", true), answer(404) }
    local _, err = client.workspaces:archive("ws_1")
    assert.equal("not_found", err.kind)
    assert.equal(2, err.attempts)
    assert.is_true(err.maybe_applied)
  end)

  it("makes nothing when a create is refused, and goes on until it is unknown", function()
    local client = scripted.client { answer(429), answer(500), answer(200) }
    local _, err = client.workspaces:create()
    assert.equal(500, err.status)
    assert.equal(2, err.attempts)
    assert.is_true(err.maybe_applied)
  end)
end)
