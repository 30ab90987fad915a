-- SPDX-License-Identifier: MIT
local certificates = require "support.certificates"
local core = require "boltz.core"
local socket = require "socket"
local tls = require "support.tls"
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

-- Holds each answer back until /go is asked for, and notes when `count` wait.
local function holding(count)
  return ([[
    local held = {}
    serve(function(c)
      local target = c:request().target
      if target == "/go" then
        for _, each in ipairs(held) do each:send(answer "in time") end
        c:send(answer "")
      else
        held[#held + 1] = c
        if #held == %d then record "all wait" end
        c:hang()
      end
    end)
  ]]):format(count)
end

-- Lets an engine go on until the server has noted something.
local function poll_until_recorded(engine, server, text)
  local noted
  repeat
    engine:step(0.01)
    for _, record in ipairs(server:records()) do noted = noted or record == text end
  until noted
end

-- Without a step of any engine: makes a script's `accept()` return, and asks for a target.
local function knock(server, target)
  local host, port = server.url:match("//(.*):(%d+)$")
  local knocking = assert(socket.connect(host, tonumber(port)))
  if target then
    assert(knocking:send("GET " .. target .. " HTTP/1.1\r\n\r\n"))
    assert(knocking:receive("*l"))
  end
  knocking:close()
  return server:records() -- the script has gone on as far as it can
end

describe("engine", function()
  after_each(wire.stop_all)

  it("uses a connection again", function()
    local server, engine = wire.start(ECHO), core.engine()
    for i = 1, 3 do
      local result = wire.exchange(wire.request(server.url .. "/" .. i), engine)
      assert.equal("/" .. i, result.body)
      assert.equal(1, server:connections())
    end
  end)

  it("shares no connection with another engine", function()
    local server, one, other = wire.start(ECHO), core.engine(), core.engine()
    for i, engine in ipairs { one, other } do
      assert.equal(200, wire.exchange(wire.request(server.url), engine).status)
      assert.equal(i, server:connections())
    end
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
    for i = 1, 2 do
      assert.equal(200, wire.exchange(wire.request(server.url), engine).status)
      assert.equal(i, server:connections()) -- returns when the server has closed
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
    for i = 1, 2 do
      assert.equal("a", wire.exchange(wire.request(server.url), engine).body)
      assert.equal(i, server:connections())
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
    assert.is_true(wire.wait(engine, one, 20))
    assert.is_true(wire.wait(engine, other, 20))
    assert.equal("/one", one:result().body)
    assert.equal("/other", other:result().body)
  end)

  it("moves all its transfers on in a step", function()
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
    while not (others[1]:done() and others[20]:done()) do engine:step(0.01) end
    for i = 1, 20 do
      assert.is_true(wire.wait(engine, others[i], 20))
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
      assert.is_false(wire.wait(engine, transfer, seconds))
      assert.is_nil(transfer:result())
    end
    engine:start(wire.request(server.url))
    assert.is_true(wire.wait(engine, transfer, 20))
    assert.equal("late", transfer:result().body)
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
    wire.wait(engine, transfer, 20)
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
    engine:start(wire.request(server.url))
    engine:close()
    local closed = "engine is closed"
    assert.error_matches(function() engine:start(wire.request(server.url)) end, closed)
    assert.error_matches(function() engine:step() end, closed)
    assert.error_matches(function() engine:step(1) end, closed)
    assert.error_matches(function() engine:pollfd() end, closed)
    assert.error_matches(function() engine:events() end, closed)
    assert.error_matches(function() engine:nudge() end, closed)
    assert.error_matches(function() engine:wake() end, closed)
    assert.error_matches(function() engine:timeout() end, closed)
  end)

  it("raises for arguments of another kind", function()
    local engine = core.engine()
    assert.has_error(function() engine:start() end)
    assert.has_error(function() engine:start "http://127.0.0.1/" end)
    assert.has_error(function() engine.step {} end)
    assert.has_error(function() engine:step "soon" end)
    assert.has_error(function() engine:step {} end)
    assert.has_error(function() engine:wake "soon" end)
    assert.has_error(function() engine.wake {} end)
    assert.has_error(function() engine.close(io.stdout) end)
  end)

  if not jit and _VERSION >= "Lua 5.4" then
    it("is closed at the end of its scope", function()
      local engine = load [[
        local engine <close> = ...
        return engine
      ]] (core.engine())
      assert.equal("boltz.engine (closed)", tostring(engine))
    end)
  end

  it("that is disconnected ends its connections, and goes on with its descriptor", function()
    local server, engine = wire.start(ECHO), core.engine()
    local descriptor = engine:pollfd()
    assert.is_true(engine:disconnect())
    for round = 1, 3 do
      for _ = 1, 2 do wire.exchange(wire.request(server.url), engine) end
      assert.equal(round, server:connections())
      assert.is_true(engine:disconnect())
      assert.is_true(engine:disconnect())
      engine:step()
    end
    assert.equal(descriptor, (engine:pollfd())) -- none in a build without epoll
    assert.equal("boltz.engine (open)", tostring(engine))
    engine:close()
    assert.is_true(engine:disconnect())
    assert.equal("boltz.engine (closed)", tostring(engine))
  end)

  it("is not disconnected while a transfer runs", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url .. "/x"))
    assert.is_false(engine:disconnect())
    assert.is_true(wire.wait(engine, transfer, 20))
    assert.equal("/x", transfer:result().body)
    assert.is_true(engine:disconnect())
  end)
end)

describe("what a step returns", function()
  after_each(wire.stop_all)

  it("is 0 where nothing has been begun", function()
    for _ = 1, 100 do
      -- A new engine may get memory that something else has written to.
      for i = 1, 50 do assert(("\255"):rep(100 + i)) end
      collectgarbage()
      assert.equal(0, core.engine():step())
    end
  end)

  it("is more than 0 once when a transfer has ended", function()
    local server, engine = wire.start(ECHO), core.engine()
    for _ = 1, 3 do
      local transfer = engine:start(wire.request(server.url))
      local news = engine:step() -- also of what the start has ended
      while not transfer:done() do
        assert.equal(0, news)
        news = engine:step(1)
      end
      assert.is_true(news > 0)
      engine:step()
    end
  end)

  it("tells of a transfer that has ended in a nudge, however many there are", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url))
    while not transfer:done() do engine:nudge() end
    for _ = 1, 5 do engine:nudge() end
    assert.is_true(engine:step() > 0)
    assert.equal(0, engine:step())
  end)

  it("tells of all that have ended, also in a step that waited", function()
    local server, engine = wire.start(holding(2)), core.engine()
    local one = engine:start(wire.request(server.url))
    local other = engine:start(wire.request(server.url))
    poll_until_recorded(engine, server, "all wait")
    knock(server, "/go")
    local news = 0
    while not (one:done() and other:done()) do news = news + engine:step(1) end
    assert.equal(2, news)
  end)

  it("tells of one that is cancelled, and of waking", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfer = engine:start(wire.request(server.url))
    engine:step()
    transfer:cancel()
    assert.is_true(engine:step() > 0)
    assert.equal(0, engine:step())
    engine:wake()
    assert.is_true(engine:step() > 0)
    assert.equal(0, engine:step())
  end)
end)

describe("a step", function()
  after_each(wire.stop_all)

  it("does not wait", function()
    local server, engine = wire.start(SILENCE), core.engine()
    for _ = 1, 10 do engine:start(wire.request(server.url)) end
    local started = core.now()
    for _ = 1, 1000 do
      engine:step()
      engine:nudge()
      engine:step(0)
      engine:step(-1)
    end
    assert.is_true(core.now() - started < 4) -- with a millisecond each it would take as long
  end)

  it("of a poll comes when the time is over", function()
    local engine = core.engine()
    local started = core.now()
    assert.equal(0, engine:step(0.1))
    assert.is_true(core.now() - started >= 0.1)
  end)

  it("of a poll comes when a transfer's time is over", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfer = engine:start(wire.request(server.url, { timeout = 0.1 }))
    local rounds = 0
    while not transfer:done() do
      engine:step(20)
      rounds = rounds + 1
    end
    assert.is_true(rounds < 20)
    assert.equal("timeout", transfer:result().failure)
  end)

  it("of a poll comes at once to an engine that is woken", function()
    local engine = core.engine()
    local started = core.now()
    engine:wake()
    assert.is_true(engine:step(20) > 0)
    engine:wake(0.05)
    assert.is_true(engine:step(20) > 0)
    assert.is_true(core.now() - started < 10)
  end)

  it("comes to 300 transfers at once", function()
    local server, engine = wire.start(holding(300)), core.engine()
    local transfers = {}
    for i = 1, 300 do transfers[i] = engine:start(wire.request(server.url)) end
    poll_until_recorded(engine, server, "all wait")
    knock(server, "/go")
    for i = 1, 300 do
      while not transfers[i]:done() do engine:step(1) end
      assert.equal("in time", transfers[i]:result().body)
    end
    engine:close()
  end)
end)

describe("a transfer's time", function()
  local made
  setup(function() made = certificates.make() end)
  teardown(function() made:remove() end)
  after_each(wire.stop_all)

  it("can be given anew, and counts from then", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfer = engine:start(wire.request(server.url, { timeout = 0.05 }))
    transfer:expire_in(0.3)
    local given = core.now()
    while not transfer:done() do engine:step(1) end
    assert.is_true(core.now() - given >= 0.29)
    assert.equal("timeout", transfer:result().failure)
  end)

  it("can be given to one that has none", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local request = wire.request(server.url)
    request.timeout = nil
    local transfer = engine:start(request)
    engine:step(0.05)
    transfer:expire_in(0.05)
    while not transfer:done() do engine:step(20) end
    assert.equal("timeout", transfer:result().failure)
  end)

  it("can be made shorter", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local transfer = engine:start(wire.request(server.url, { timeout = 3600 }))
    transfer:expire_in(0)
    while not transfer:done() do engine:step() end
    assert.equal("timeout", transfer:result().failure)
  end)

  it("begins with it, however long the engine has been left alone before", function()
    local server, engine = wire.start(SILENCE), core.engine()
    engine:step()
    socket.sleep(1.5) -- a program that does something else
    local started = core.now()
    local transfer = engine:start(wire.request(server.url, { timeout = 0.05 }))
    while not transfer:done() do engine:step(0.1) end
    assert.is_true(core.now() - started < 1.2)
  end)

  -- A host that looks every 60 ms at an answer that comes byte by byte.
  local function steps_of_a_drip(timeout)
    local server, engine = wire.start [[
      serve(function(c)
        c:request()
        c:send("HTTP/1.1 200 OK\r\n\r\n")
        c:drip((" "):rep(9999), 0.01)
      end)
    ]], core.engine()
    local transfer, steps = engine:start(wire.request(server.url)), 0
    transfer:expire_in(timeout)
    while not transfer:done() and steps < 100 do
      socket.sleep(0.06)
      engine:step()
      steps = steps + 1
    end
    return steps, transfer:result()
  end

  it("is lengthened once by steps that come late", function()
    local steps, result = steps_of_a_drip(0.3)
    assert.is_true(steps < 50)
    assert.equal("timeout", result.failure)
  end)

  it("is not lengthened beyond the deadline", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      c:send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
      c:hang()
    ]], core.engine()
    local transfer = engine:start(wire.request(server.url))
    repeat engine:step(0.01) until #server:records() > 0
    transfer:expire_in(0.05, 0.05)
    socket.sleep(0.1) -- a program that does something else
    engine:step()
    assert.is_true(transfer:done())
    assert.equal("timeout", transfer:result().failure)
  end)

  it("is its own", function()
    local server, engine = wire.start(SILENCE), core.engine()
    local short = engine:start(wire.request(server.url, { timeout = 0.05 }))
    local long = engine:start(wire.request(server.url))
    while not short:done() do engine:step(20) end
    assert.is_false(long:done())
    assert.equal("timeout", short:result().failure)
  end)

  it("says nothing about one that is done", function()
    local server, engine = wire.start(ECHO), core.engine()
    local transfer = engine:start(wire.request(server.url .. "/x"))
    assert.is_true(wire.wait(engine, transfer, 20))
    transfer:expire_in(-1)
    engine:step()
    assert.is_nil(transfer:result().failure)
    engine:close()
    transfer:expire_in(1)
    assert.equal("/x", transfer:result().body)
  end)

  -- Answers of all transfers arrive while nobody steps the engine, until their time is over.
  local function all_in_time(count)
    local server, engine = wire.start(holding(count)), core.engine()
    local transfers = {}
    for i = 1, count do transfers[i] = engine:start(wire.request(server.url)) end
    poll_until_recorded(engine, server, "all wait")
    knock(server, "/go")
    for i = 1, count do transfers[i]:expire_in(0) end
    for i = 1, count do
      while not transfers[i]:done() do engine:step() end
      assert.equal("in time", transfers[i]:result().body)
    end
    engine:close()
  end

  for _, count in ipairs { 1, 60 } do
    it(("does not count while nobody steps: %d answers"):format(count), function()
      all_in_time(count)
    end)
  end

  it("does not count while nobody steps: 300 answers", function() all_in_time(300) end)

  it("does not count while nobody steps: an answer that takes many reads", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      record "asked"
      accept()
      c:send(answer(("x"):rep(300000)))
      record "sent"
      c:hang()
    ]], core.engine()
    local transfer = engine:start(wire.request(server.url))
    poll_until_recorded(engine, server, "asked")
    local records = knock(server)
    assert.equal("sent", records[#records])
    transfer:expire_in(0)
    while not transfer:done() do engine:step() end
    assert.is_nil(transfer:result().failure)
    assert.equal(300000, #transfer:result().body)
  end)

  -- The script of a server that speaks HTTP/2 on one connection.
  local function http2(script)
    return tls.script(made, "valid",
      "local h2 = require('support.http2').open(secure(accept())) " .. script, { alpn = "h2" })
  end

  it("does not count while nobody steps: 20 answers on one connection of HTTP/2", function()
    local server, engine = wire.start(http2 [[
      h2:answer(h2:request(), "first")
      local streams = {}
      for i = 1, 20 do streams[i] = h2:request() end
      record "all wait"
      accept()
      for _, stream in ipairs(streams) do h2:answer(stream, "in time") end
      h2:request()
    ]]), core.engine()
    local request = wire.request(tls.url(server), { ca_file = made.ca_file })
    assert.equal("first", wire.exchange(request, engine).body)
    local transfers = {}
    for i = 1, 20 do transfers[i] = engine:start(request) end
    poll_until_recorded(engine, server, "all wait")
    knock(server)
    for i = 1, 20 do transfers[i]:expire_in(0) end
    for i = 1, 20 do
      while not transfers[i]:done() do engine:step() end
      assert.equal("in time", transfers[i]:result().body)
    end
  end)

  it("runs on one connection of HTTP/2 for calls that begin together", function()
    local server, engine = wire.start(http2 [[
      local streams = {}
      for i = 1, 30 do streams[i] = h2:request() end -- none is answered before all are there
      for _, stream in ipairs(streams) do h2:answer(stream, tostring(stream)) end
      h2:request()
    ]]), core.engine()
    local transfers, bodies = {}, {}
    for i = 1, 30 do
      transfers[i] = engine:start(wire.request(tls.url(server), { ca_file = made.ca_file }))
    end
    for i = 1, 30 do
      while not transfers[i]:done() do engine:step(1) end
      local result = transfers[i]:result()
      assert.equal(200, result.status)
      bodies[result.body] = true
    end
    assert.equal(1, server:connections())
    local different = 0
    for _ in pairs(bodies) do different = different + 1 end
    assert.equal(30, different)
  end)
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
    while not (transfer:done() or server:records()[1]) do wire.wait(engine, transfer, 0.01) end
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
      wire.wait(engine, transfer, 20)
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
