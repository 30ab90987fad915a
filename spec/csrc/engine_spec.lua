-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local wire = require "support.wire"

-- Answers every request with its target; serves each connection for as long as it lasts.
local ECHO = [[
  serve(function(c)
    local request = c:request()
    while request do
      c:send(answer(request.target))
      request = c:request()
    end
  end)
]]

-- Takes every request and never answers.
local SILENCE = "serve(function(c) c:hang() end)"

describe("engine", function()
  after_each(wire.stop_all)

  it("uses a connection again", function()
    local server, engine = wire.start(ECHO), core.engine()
    local connects = {}
    for i = 1, 3 do
      local result = wire.exchange(wire.request(server.url .. "/" .. i), engine)
      assert.equal("/" .. i, result.body)
      connects[i] = result.connects
    end
    assert.same({ 1, 0, 0 }, connects)
  end)

  it("shares no connection with another engine", function()
    local server, one, other = wire.start(ECHO), core.engine(), core.engine()
    assert.equal(1, wire.exchange(wire.request(server.url), one).connects)
    assert.equal(1, wire.exchange(wire.request(server.url), other).connects)
  end)

  it("makes a connection anew when the server has closed the old one", function()
    local server, engine = wire.start [[
      for _ = 1, 2 do
        local c = accept()
        c:request()
        c:send(answer "")
        c:close()
      end
    ]], core.engine()
    for _ = 1, 2 do
      local result = wire.exchange(wire.request(server.url), engine)
      assert.same({ 200, 1 }, { result.status, result.connects })
      server:records() -- returns when the server has closed
    end
  end)

  it("uses no connection again that a server has sent too much on", function()
    local server, engine = wire.start [[
      for _ = 1, 2 do
        local c = accept()
        c:request()
        c:send(answer "a" .. answer "b")
      end
    ]], core.engine()
    for _ = 1, 2 do
      local result = wire.exchange(wire.request(server.url), engine)
      assert.same({ "a", 1 }, { result.body, result.connects })
    end
  end)

  it("finishes two transfers at once, in whatever order they are answered", function()
    local server, engine = wire.start [[
      local a, b = accept(), accept()
      local first, second = a:request(), b:request()
      b:send(answer(second.target))
      a:send(answer(first.target))
    ]], core.engine()
    local one = engine:start(wire.request(server.url .. "/one"))
    local other = engine:start(wire.request(server.url .. "/other"))
    assert.is_true(engine:wait(one, 20))
    assert.is_true(engine:wait(other, 20))
    assert.equal("/one", one:result().body)
    assert.equal("/other", other:result().body)
  end)

  it("goes on with all its transfers while it waits for one", function()
    local server, engine = wire.start [[
      serve(function(c)
        local target = c:request().target
        record(target)
        if target == "/silent" then c:hang() end
        c:send(answer(target))
      end)
    ]], core.engine()
    local silent = engine:start(wire.request(server.url .. "/silent"))
    local others = {}
    for i = 1, 20 do others[i] = engine:start(wire.request(server.url .. "/" .. i)) end
    while not (others[1]:done() and others[20]:done()) do engine:wait(silent, 0.01) end
    for i = 1, 20 do
      assert.is_true(engine:wait(others[i], 20))
      assert.equal("/" .. i, others[i]:result().body)
    end
    assert.is_false(silent:done())
  end)

  it("brings a transfer to its end by steps alone", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url .. "/x"))
    repeat engine:step() until transfer:done()
    assert.equal("/x", transfer:result().body)
  end)

  it("returns from a wait that was too short, and the transfer goes on", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      local again = accept()
      c:send(answer "late")
    ]], core.engine()
    local transfer = engine:start(wire.request(server.url))
    for _, seconds in ipairs { -1, 0, 0.001, 0.01 } do
      assert.is_false(engine:wait(transfer, seconds))
      assert.is_nil(transfer:result())
    end
    engine:start(wire.request(server.url))
    assert.is_true(engine:wait(transfer, 20))
    assert.equal("late", transfer:result().body)
  end)

  it("waits no more for a transfer that is done", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url))
    assert.is_true(engine:wait(transfer, 20))
    assert.is_true(engine:wait(transfer, 0))
    assert.is_true(engine:wait(transfer, -1))
  end)

  it("goes on with its transfers also while it waits for none", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url))
    while not transfer:done() do assert.is_false(engine:wait(nil, 0.01)) end
    assert.equal(200, transfer:result().status)
  end)

  it("says in text whether it is open", function()
    local engine = core.engine()
    assert.equal("boltz.engine (open)", tostring(engine))
    engine:close()
    assert.equal("boltz.engine (closed)", tostring(engine))
  end)

  it("cancels what runs when it is closed", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfers = {}
    for i = 1, 5 do transfers[i] = engine:start(wire.request(server.url)) end
    engine:step()
    engine:close()
    for _, transfer in ipairs(transfers) do
      assert.is_true(transfer:done())
      assert.equal("cancelled", transfer:result().failure)
    end
  end)

  it("keeps the results of transfers that were done before it was closed", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url .. "/x"))
    engine:wait(transfer, 20)
    engine:close()
    assert.equal("/x", transfer:result().body)
    assert.is_nil(transfer:result().failure)
  end)

  it("may be closed twice", function()
    local engine = core.engine()
    engine:close()
    engine:close()
  end)

  it("raises when it is used after that", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url))
    engine:close()
    local closed = "engine is closed"
    assert.error_matches(function() engine:start(wire.request(server.url)) end, closed)
    assert.error_matches(function() engine:step() end, closed)
    assert.error_matches(function() engine:wait(transfer, 0) end, closed)
  end)

  it("raises for arguments of another kind", function()
    local engine = core.engine()
    assert.has_error(function() engine:start() end)
    assert.has_error(function() engine:start "http://127.0.0.1/" end)
    assert.has_error(function() engine:wait() end)
    assert.has_error(function() engine:wait({}, 1) end)
    assert.has_error(function() engine:wait(engine, 1) end)
    assert.has_error(function() engine.step {} end)
    assert.has_error(function() engine.close(io.stdout) end)
  end)

  if _VERSION == "Lua 5.4" then
    it("is closed at the end of its scope", function()
      local engine = load [[
        local engine <close> = ...
        return engine
      ]] (core.engine())
      assert.equal("boltz.engine (closed)", tostring(engine))
    end)
  end
end)

describe("collecting garbage", function()
  after_each(wire.stop_all)

  local function collect()
    collectgarbage()
    collectgarbage()
  end

  it("cancels the transfers of an engine that nobody holds any more", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfer = engine:start(wire.request(server.url))
    engine:step()
    engine = nil -- luacheck: ignore 311
    collect()
    assert.equal("cancelled", transfer:result().failure)
  end)

  it("ends a transfer that nobody holds any more, and its connection", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      c:hang()
      record "gone"
    ]], core.engine()
    local transfer = engine:start(wire.request(server.url))
    while not (transfer:done() or server:records()[1]) do engine:wait(transfer, 0.01) end
    transfer = nil -- luacheck: ignore 311
    collect()
    assert.equal("gone", server:records()[2])
  end)

  it("takes engines and transfers in any order", function()
    local silent, echo = wire.start(SILENCE), wire.start(ECHO)
    for _ = 1, 100 do
      local held = {}
      for _ = 1, 3 do
        local engine = core.engine()
        held[#held + 1] = engine
        for i = 1, 3 do
          local url = i == 1 and echo.url or silent.url
          held[#held + 1] = engine:start(wire.request(url))
          if math.random() < 0.5 then engine:step() end
        end
        if math.random() < 0.2 then engine:close() end
      end
      while #held > 0 do
        table.remove(held, math.random(#held))
        if math.random() < 0.3 then collect() end
      end
    end
    collect()
    assert.equal("/x", wire.exchange(wire.request(echo.url .. "/x")).body)
  end)

  it("leaves a transfer alone that is only waited for", function()
    local server, engine = wire.start(ECHO), core.engine()
    local results = {}
    for i = 1, 50 do
      local transfer = engine:start(wire.request(server.url .. "/" .. i))
      collect()
      engine:wait(transfer, 20)
      collect()
      results[i] = transfer:result()
    end
    collect()
    for i = 1, 50 do assert.equal("/" .. i, results[i].body) end
  end)

  it("may find a finalizer already called by hand", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfer = engine:start(wire.request(server.url))
    engine:step()
    for _ = 1, 2 do getmetatable(transfer).__gc(transfer) end
    assert.is_true(transfer:done())
    assert.equal("cancelled", transfer:result().failure)
    for _ = 1, 2 do getmetatable(engine).__gc(engine) end
  end)
end)
