-- SPDX-License-Identifier: MIT
local Transport = require "boltz.wait.transport"
local boltz = require "boltz"
local core = require "boltz.core"
local stub = require "support.stub"
local wire = require "support.wire"

local function blocking() return require "boltz.wait.host.blocking" end

describe("the transport over libcurl", function()
  it("tells a connection that nobody takes", function()
    local transport = Transport.new(blocking)
    -- Port 1 of loopback is reserved, and a port that nobody has bound refuses.
    local transfer = transport:start(wire.request "http://127.0.0.1:1/")
    local result = transport:finish(transfer, 5)
    transport:release()
    assert.are.equal("connection", result.failure)
    assert.are.equal(0, result.status)
    assert.is_false(result.sent)
  end)

  it("makes an error of that, which was certainly not applied", function()
    local client = boltz.new { api_key = stub.KEY, base_url = "http://127.0.0.1:1" }
    local value, err, response = client.workspaces:create()
    client:close()
    assert.is_nil(value)
    assert.is_nil(response)
    assert.are.equal("connection", err.kind)
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.is_nil(err.status)
  end)

  -- A transport over a host whose waiting is a function.
  local function over(wait, others)
    local host = { wait = wait }
    for name, value in pairs(others or {}) do host[name] = value end
    return Transport.new(function() return host end)
  end

  local function polling(engine, waiter)
    while not waiter:is_over() do engine:step(0.1) end
  end

  it("waits in the way of its host, with the engine's descriptor or without", function()
    finally(wire.stop_all)
    local server = wire.start [[accept():request() accept():request()]]
    local engines, started = {}, core.now()
    local transport = over(function(engine, waiter)
      engines[#engines + 1] = engine
      polling(engine, waiter)
    end)
    local result = transport:finish(transport:start(wire.request(server.url)), 0.1)
    assert.are.equal("timeout", result.failure)
    assert.is_true(core.now() - started < 15) -- the request itself has 20 seconds
    assert.are.equal(1, #engines)
    assert.matches("^boltz.engine %(open%)", tostring(engines[1]))
    transport:release()
  end)

  it("counts the time of a transfer from when a caller wants its end", function()
    finally(wire.stop_all)
    local server = wire.start [[
      local c = accept()
      c:request()
      accept():request()
      c:send(answer "in time")
    ]]
    local transport = over(polling)
    local transfer = transport:start(wire.request(server.url, { timeout = 0.001 }))
    local other = transport:start(wire.request(server.url))
    assert.are.equal("in time", transport:finish(transfer, 20).body)
    other:cancel()
    transport:release()
  end)

  it("cancels a transfer when an error ends the waiting for it", function()
    finally(wire.stop_all)
    local server = wire.start [[serve(function(c) c:hang() end)]]
    local function interrupt() error("interrupted!", 0) end
    for _, finish in ipairs { false, interrupt } do -- the host has its own way, or not
      local transport = over(interrupt, { finish = finish })
      local transfer = transport:start(wire.request(server.url))
      local done, problem = pcall(transport.finish, transport, transfer, 20)
      assert.are.same({ false, "interrupted!" }, { done, problem })
      assert.are.equal("cancelled", transfer:result().failure)
      transport:release()
    end
  end)

  it("lets go what is released where the last transfer has ended while nothing waited", function()
    finally(wire.stop_all)
    local server = wire.start [[serve(function(c) c:request() c:send(answer "late") end)]]
    local transport = over(polling)
    local transfer = transport:start(wire.request(server.url))
    local engine = transport._engine
    transport:release()
    repeat transport:nudge() until transfer:done()
    assert.matches("(open)", tostring(engine), 1, true)
    assert.are.equal("late", transport:finish(transfer, 20).body)
    assert.matches("(closed)", tostring(engine), 1, true)
  end)

  it("waits for a time, or until something holds", function()
    local transport = over(polling)
    local started = core.now()
    transport:sleep(0.05)
    assert.is_true(core.now() - started >= 0.05)
    local asked = 0
    transport:sleep(3600, function()
      asked = asked + 1
      return asked == 3
    end)
    assert.are.equal(3, asked)
    transport:release()
  end)

  it("released while callers wait frees its engine when the last of them goes", function()
    local transport, states, watched
    local forgotten = 0
    states = {}
    local inner = false
    transport = over(function(engine, waiter)
      watched = engine
      if not inner then
        inner = true
        transport:sleep(0.001) -- another waits, too
        transport:sleep(3600, function()
          transport:release()
          return true
        end)
        states[#states + 1] = tostring(engine)
        return
      end
      polling(engine, waiter)
    end, { forget = function(engine)
      forgotten = forgotten + 1
      states[#states + 1] = tostring(engine) -- its descriptor is still there to be forgotten
    end })
    transport:sleep(0.001)
    assert.are.same({ "boltz.engine (open)", "boltz.engine (open)" }, states)
    assert.are.equal("boltz.engine (closed)", tostring(watched))
    assert.are.equal(1, forgotten)
  end)

  it("wakes those who wait when it is released", function()
    local transport
    local woken
    transport = over(function(engine)
      engine:step()
      transport:release()
      woken = engine:timeout()
    end)
    transport:sleep(3600)
    assert.are.equal(0, woken)
  end)

  it("may be woken when it is released", function()
    local transport = over(polling)
    transport:release()
    transport:wake()
  end)

  it("says what is in the way of waiting, as its host does", function()
    assert.is_nil(over(polling):cannot_wait())
    local transport = over(polling, { cannot_wait = function() return "not here" end })
    assert.are.equal("not here", transport:cannot_wait())
  end)

  it("frees what it has at once, any number of times, and has new connections when used", function()
    finally(wire.stop_all)
    local server = wire.start [[
      serve(function(c)
        while c:request() do c:send(answer "x") end
      end)
    ]]
    local transport = Transport.new(blocking)
    for round = 1, 2 do
      transport:release()
      for _ = 1, 2 do
        local transfer = transport:start(wire.request(server.url))
        assert.are.equal("x", transport:finish(transfer, 20).body)
      end
      assert.are.equal(round, server:connections())
      transport:release()
      transport:release()
    end
  end)

  it("keeps transfers that are under way, and frees what it has when they have ended", function()
    finally(wire.stop_all)
    local server = wire.start [[
      local first, second = accept(), accept()
      first:request()
      second:request()
      first:send(answer "first")
      second:send(answer "second")
      record(first:request() and "again" or "gone")
    ]]
    local watched
    local transport = over(function(engine, waiter)
      watched = engine
      polling(engine, waiter)
    end)
    local one, other = transport:start(wire.request(server.url)),
      transport:start(wire.request(server.url))
    transport:release()
    assert.are.equal("first", transport:finish(one, 20).body)
    assert.are.equal("second", transport:finish(other, 20).body)
    assert.are.equal("boltz.engine (closed)", tostring(watched))
    assert.are.equal("gone", server:records()[3])
  end)
end)
