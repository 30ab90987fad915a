-- SPDX-License-Identifier: MIT
local blocking = require "boltz.wait.host.blocking"
local boltz = require "boltz"
local core = require "boltz.core"
local servers = require "support.servers"
local wire = require "support.wire"

local KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"
local SLICE = 0.1 -- seconds

-- The waits in C of a waiter that is over after so many looks.
local function slices(looks, left)
  local polled = {}
  blocking.wait({ step = function(_, seconds) polled[#polled + 1] = seconds end }, {
    left = function() return left end,
    is_over = function()
      looks = looks - 1
      return looks < 0
    end,
  })
  return polled
end

describe("the blocking host", function()
  after_each(wire.stop_all)

  it("waits in C, in slices", function()
    assert.same({ SLICE, SLICE, SLICE }, slices(3, math.huge))
  end)

  it("waits no longer than there is to wait", function()
    assert.same({ 0.05 }, slices(1, 0.05))
  end)

  it("does not wait when there is nothing to wait for", function()
    assert.same({}, slices(0, math.huge))
  end)

  it("waits for a transfer in the same slices, once at least", function()
    for looks = 1, 3 do
      local polled = {}
      blocking.finish({ step = function(_, seconds) polled[#polled + 1] = seconds end }, {
        done = function() return #polled == looks end,
      })
      assert.are.equal(looks, #polled)
      for i = 1, looks do assert.are.equal(SLICE, polled[i]) end
    end
  end)

  it("carries a call, inside a coroutine too, without a yield", function()
    local server = wire.start(servers.always '{"id":"ws_1"}')
    local client = boltz.new { api_key = KEY, base_url = server.url, loop = "blocking" }
    assert.equal("ws_1", client.workspaces:retrieve("ws_1").id)
    local thread = coroutine.create(function() return client.workspaces:retrieve("ws_1").id end)
    assert.same({ true, "ws_1" }, { coroutine.resume(thread) })
    assert.equal("dead", coroutine.status(thread))
    client:close()
  end)

  -- As Ctrl-C does in lua5.4.
  it("lets a hook end a wait", function()
    local server = wire.start(servers.SILENCE)
    local client = boltz.new { api_key = KEY, base_url = server.url, max_retries = 0 }
    local thread = coroutine.create(function() client.auth:me() end)
    -- The request may arrive before the wait begins: curl 7.81 sends it within the start.
    local function is_waiting()
      local level, info = 3, debug.getinfo(3, "S")
      while info and not info.source:find("boltz/wait/host/blocking%.lua$") do
        level = level + 1
        info = debug.getinfo(level, "S")
      end
      return info ~= nil
    end
    local function interrupt()
      if not is_waiting() or #server:records() == 0 then return end
      debug.sethook() -- once
      error("interrupted", 0)
    end
    if jit then -- it has one hook for all coroutines
      debug.sethook(interrupt, "", 100)
    else
      debug.sethook(thread, interrupt, "", 100)
    end
    local done, problem = coroutine.resume(thread)
    debug.sethook()
    assert.is_false(done)
    assert.equal("interrupted", problem)
    local limit = core.now() + 20
    repeat until server:records()[2] or core.now() > limit
    assert.equal("gone /compute/v1/auth/me", server:records()[2])
    client:close()
  end)
end)
