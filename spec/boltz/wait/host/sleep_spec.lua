-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local sleep = require "boltz.wait.host.sleep"
local servers = require "support.servers"
local wire = require "support.wire"

local KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"

-- The pauses of a waiter that is over after so many looks, where each step has such news.
local function pauses(looks, news, left)
  local slept, steps = {}, 0
  local engine = {
    step = function()
      steps = steps + 1
      return news and news[steps] or 0
    end,
  }
  local function note(seconds) slept[#slept + 1] = seconds end
  sleep(note).wait(engine, {
    left = function() return left or math.huge end,
    is_over = function()
      looks = looks - 1
      return looks < 0
    end,
  })
  return slept, steps
end

describe("the host of a function that sleeps", function()
  after_each(wire.stop_all)

  it("looks less and less often, but every 10 ms", function()
    assert.same({ 0.001, 0.002, 0.004, 0.008, 0.01, 0.01 }, (pauses(6)))
  end)

  it("looks again soon when something has ended", function()
    assert.same({ 0.001, 0.002, 0.004, 0.001, 0.002 }, (pauses(5, { 0, 0, 1 })))
  end)

  it("steps the engine after each pause", function()
    assert.equal(4, select(2, pauses(4)))
  end)

  it("sleeps no longer than there is to wait", function()
    assert.same({ 0.0005, 0.0005 }, (pauses(2, nil, 0.0005)))
  end)

  it("does not sleep when there is nothing to wait for", function()
    assert.same({}, (pauses(0)))
  end)

  it("waits a millisecond in C where the function did not, and no longer", function()
    for _, passes in ipairs { 0, 0.0011 } do
      local looked, waited = 0, 0
      sleep(function()
        local ends = core.now() + passes
        while core.now() < ends do end
      end).wait({
        step = function(_, seconds)
          waited = math.max(waited, seconds)
          return 0
        end,
      }, {
        left = function() return math.huge end,
        is_over = function()
          looked = looked + 1
          return looked > 50
        end,
      })
      assert.is_true(waited <= 0.001)
      assert.equal(passes > 0, waited == 0)
    end
  end)

  it("carries a call in a host's coroutine", function()
    local server = wire.start(servers.always '{"id":"ws_1"}')
    local client = boltz.new { api_key = KEY, base_url = server.url, loop = coroutine.yield }
    local thread = coroutine.wrap(function() return client.workspaces:retrieve("ws_1").id end)
    local result = thread()
    while type(result) == "number" do
      assert.is_true(result >= 0 and result <= 0.01)
      result = thread()
    end
    assert.equal("ws_1", result)
    client:close()
  end)

  it("raises what the function raises", function()
    local server = wire.start(servers.SILENCE)
    local client = boltz.new { api_key = KEY, base_url = server.url,
      loop = function() error("no sleep here", 0) end }
    assert.error_matches(function() client.auth:me() end, "^no sleep here$")
    client:close()
  end)
end)
