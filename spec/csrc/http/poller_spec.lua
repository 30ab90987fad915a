-- SPDX-License-Identifier: MIT
-- The engine as an event loop sees it: pollfd, events, timeout, step, wake and nudge. What holds
-- for a build without epoll as well is in engine_spec.lua; what takes a fork is in
-- native/watched.lua.

local certificates = require "support.certificates"
local child = require "support.child"
local core = require "boltz.core"
local socket = require "socket"
local tls = require "support.tls"
local wire = require "support.wire"

local LONG = 20 -- seconds: for a spec that fails, not for one that waits
local IDLE = 0.3 -- seconds in which something shall not happen

local ECHO = [[
  serve(function(c)
    local request = c:request()
    while request do
      c:send(answer(request.target))
      request = c:request()
    end
  end)
]]

local SILENCE = "serve(function(c) c:hang() end)"

-- Whether the descriptor of an engine becomes readable within some seconds.
local function is_readable(engine, seconds)
  local object = {
    getfd = function() return engine:pollfd() end,
    dirty = function() return false end,
  }
  return socket.select({ object }, nil, seconds)[object] ~= nil
end

-- Does what an event loop does, and looks at nothing but the descriptor. Returns the number of
-- steps that it took until the transfer was done.
local function watch(engine, transfer)
  local steps = 0
  while not transfer:done() do
    assert(is_readable(engine, LONG), "the descriptor does not become readable")
    engine:step()
    steps = steps + 1
  end
  return steps
end

-- How often an event loop would step within `seconds`.
local function wakeups(engine, seconds)
  local count, ends = 0, core.now() + seconds
  while is_readable(engine, math.max(0, ends - core.now())) do
    engine:step()
    count = count + 1
  end
  return count
end

-- Steps until there is nothing to do at once, as after a transfer that has just ended.
local function settle(engine)
  while is_readable(engine, 0) do engine:step() end
end

-- Makes a script's `accept()` return.
local function signal(server)
  local host, port = server.url:match("//(.*):(%d+)$")
  assert(socket.connect(host, tonumber(port))):close()
  return server:records() -- the script has gone on as far as it can
end

-- Steps until the server has noted something.
local function step_until_recorded(engine, server, text)
  local records
  repeat
    engine:step(0.01)
    records = server:records()
  until records[#records] == text
end

-- Descriptors that this process has open; nil where there is no /proc. Not through a pipe: popen
-- closes the other end of it when the listing may have begun.
local function descriptors()
  local path = os.tmpname()
  os.execute("ls /proc/$PPID/fd 2>/dev/null | wc -l >" .. path)
  local file = assert(io.open(path))
  local count = tonumber(file:read("*a"))
  file:close()
  os.remove(path)
  return count > 0 and count or nil
end

local function collect()
  collectgarbage()
  collectgarbage()
end

local probe = core.engine()
local has_descriptor = probe:pollfd() ~= nil
probe:close()

if not has_descriptor then
  describe("an engine built without epoll", function()
    after_each(wire.stop_all)

    it("has no descriptor, also with a transfer in flight", function()
      local server, engine = wire.start(SILENCE), core.engine()
      engine:start(wire.request(server.url))
      assert.is_nil(engine:pollfd())
      engine:close()
    end)

    it("says when it has to be stepped, and ends its transfers when that is done", function()
      local server, engine = wire.start(ECHO), core.engine()
      local transfer = engine:start(wire.request(server.url .. "/x"))
      while not transfer:done() do
        local seconds = engine:timeout()
        assert.is_true(seconds >= 0 and seconds <= LONG)
        socket.sleep(math.min(seconds, 0.001)) -- a host's timer
        engine:step()
      end
      assert.equal("/x", transfer:result().body)
    end)
  end)
  return
end

-- Engines of a spec, closed after it: luasocket's `select` takes no descriptor from 1024 on.
local engines = {}

local function open()
  local engine = core.engine()
  engines[#engines + 1] = engine
  return engine
end

local function stop_all()
  wire.stop_all()
  while #engines > 0 do table.remove(engines):close() end
  collect()
end

describe("an engine's descriptor", function()
  before_each(collect)
  after_each(stop_all)

  it("keeps its number, whatever happens", function()
    local server, engine = wire.start(ECHO), open()
    local descriptor = engine:pollfd()
    local function check() assert.equal(descriptor, engine:pollfd()) end
    local transfer = engine:start(wire.request(server.url))
    check()
    watch(engine, transfer)
    check()
    watch(engine, engine:start(wire.request("http://127.0.0.1:1/")))
    check()
    engine:start(wire.request(server.url)):cancel()
    engine:wake()
    engine:step()
    check()
    collect()
    check()
  end)

  it("is its own", function()
    local one, other = open(), open()
    assert.are_not.equal(one:pollfd(), other:pollfd())
    one:wake()
    assert.is_true(is_readable(one, 0))
    assert.is_false(is_readable(other, 0))
  end)

  it("is to be watched for reading", function()
    assert.equal("r", open():events())
  end)

  it("may be asked for while a transfer is in flight", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      record "asked"
      accept()
      c:send(answer "late")
    ]], open()
    local transfer = engine:start(wire.request(server.url))
    step_until_recorded(engine, server, "asked")
    assert.is_number(engine:pollfd())
    signal(server)
    watch(engine, transfer)
    assert.equal("late", transfer:result().body)
  end)

  it("cannot be asked for when the engine is closed, nor can all the rest", function()
    local engine = open()
    engine:pollfd()
    engine:close()
    for _, method in ipairs { "pollfd", "events", "timeout", "step", "nudge", "wake" } do
      assert.error_matches(function() engine[method](engine) end, "engine is closed")
    end
    assert.error_matches(function() engine:step(0) end, "engine is closed")
  end)

  it("goes when the engine is closed, or collected", function()
    collect()
    local before = descriptors()
    if not before then return pending "there is no /proc" end
    for i = 1, 1000 do
      local engine = core.engine()
      engine:pollfd()
      if i % 2 == 0 then engine:close() end
      if i % 100 == 0 then collect() end
    end
    collect()
    assert.is_true(descriptors() <= before) -- other specs' may go meanwhile
  end)

  it("goes with all connections when transfers are in flight", function()
    local echo, silent = wire.start(ECHO), wire.start(SILENCE)
    collect()
    local before = descriptors()
    if not before then return pending "there is no /proc" end
    for _ = 1, 20 do
      local engine = core.engine()
      watch(engine, engine:start(wire.request(echo.url)))
      for _ = 1, 5 do engine:start(wire.request(silent.url)) end
      engine:step()
      engine:close()
    end
    collect()
    assert.is_true(descriptors() <= before) -- other specs' may go meanwhile
  end)
end)

describe("a loop that looks at nothing but the descriptor", function()
  local made
  setup(function() made = certificates.make() end)
  teardown(function() made:remove() end)
  before_each(collect)
  after_each(stop_all)

  it("ends a transfer, in few steps", function()
    local server, engine = wire.start(ECHO), open()
    for i = 1, 3 do
      local transfer = engine:start(wire.request(server.url .. "/" .. i))
      assert.is_true(watch(engine, transfer) < 20)
      assert.equal("/" .. i, transfer:result().body)
    end
  end)

  it("ends one over TLS", function()
    local server, engine = wire.start(tls.script(made, "valid", [[
      local c = secure(accept())
      for _ = 1, 3 do c:send(answer(c:request().target)) end
    ]])), open()
    for i = 1, 3 do
      local request = wire.request(tls.url(server) .. "/" .. i, { ca_file = made.ca_file })
      local transfer = engine:start(request)
      watch(engine, transfer)
      assert.equal("/" .. i, transfer:result().body)
    end
  end)

  it("sends a body and takes an answer that no buffer holds", function()
    local server, engine = wire.start [[
      local c = accept()
      c:send(answer(c:request().body))
    ]], open()
    local body = ("0123456789abcdef"):rep(512 * 1024) -- 8 MiB
    local transfer = engine:start(wire.request(server.url,
      { method = "POST", body = body, max_response_bytes = #body, timeout = 300 }))
    watch(engine, transfer)
    assert.is_true(transfer:result().body == body)
  end)

  it("takes an answer that comes byte by byte", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      c:drip(answer "slow", 0.002)
    ]], open()
    local transfer = engine:start(wire.request(server.url))
    watch(engine, transfer)
    assert.equal("slow", transfer:result().body)
  end)

  it("ends 300 transfers at once, each with its own answer", function()
    local server, engine = wire.start(([[
      local held = {}
      serve(function(c)
        local request = c:request()
        held[#held + 1] = function() c:send(answer(request.target)) end
        if #held == %d then -- none before the last has come
          for _, send in ipairs(held) do send() end
        end
        c:hang()
      end)
    ]]):format(300)), open()
    local transfers = {}
    for i = 1, 300 do -- the first has its answer when all have come: long under valgrind
      transfers[i] = engine:start(wire.request(server.url .. "/" .. i, { timeout = 300 }))
    end
    for i = 1, 300 do
      watch(engine, transfers[i])
      assert.equal("/" .. i, transfers[i]:result().body)
    end
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("sees connections refused, reset and cut short, and watches none of them on", function()
    local engine = open()
    local cases = {
      ["c:close()"] = "connection",
      ["c:reset()"] = "connection",
      ["c:request() c:close()"] = "connection",
      ["c:request() c:reset()"] = "connection",
      ["c:request() c:send 'HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nx' c:close()"] =
        "invalid_response",
      ["c:request() c:send 'nonsense\\r\\n\\r\\n' c:close()"] = "invalid_response",
    }
    for script, failure in pairs(cases) do
      local server = wire.start("local c = accept() " .. script)
      local transfer = engine:start(wire.request(server.url))
      watch(engine, transfer)
      assert.equal(failure, transfer:result().failure, script)
    end
    local transfer = engine:start(wire.request("http://127.0.0.1:1/")) -- nobody listens there
    watch(engine, transfer)
    assert.equal("connection", transfer:result().failure)
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("reaches a host that listens on only one of its addresses", function()
    local server, engine = wire.start(ECHO), open()
    local port = server.url:match(":(%d+)$")
    -- As a rule localhost is ::1 as well, which refuses here: curl closes that socket by itself.
    for _ = 1, 3 do
      local transfer = engine:start(wire.request("http://localhost:" .. port .. "/x",
        { no_proxy = "*" }))
      watch(engine, transfer)
      assert.equal("/x", transfer:result().body)
    end
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("goes on with other connections after one was closed and its number used again", function()
    local server, engine = wire.start [[
      serve(function(c)
        local request = c:request()
        while request do
          if request.target == "/redirect" then
            c:send(answer("", "Location: /x\r\nConnection: close\r\n", "302 Found"))
            return
          elseif request.target == "/drop" then
            return
          end
          c:send(answer(request.target))
          request = c:request()
        end
      end)
    ]], open()
    for round = 1, 30 do
      local transfers = {}
      for i, target in ipairs { "/redirect", "/x", "/drop", "/y" } do
        transfers[i] = engine:start(wire.request(server.url .. target))
      end
      local cancelled = round % 3 == 0 and not transfers[4]:done() -- a start may be all it takes
      if cancelled then transfers[4]:cancel() end
      for _, transfer in ipairs(transfers) do watch(engine, transfer) end
      assert.equal(302, transfers[1]:result().status)
      assert.equal("/x", transfers[2]:result().body)
      assert.equal("connection", transfers[3]:result().failure)
      assert.equal(cancelled and "cancelled" or nil, transfers[4]:result().failure)
    end
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("ends a transfer when its time is over", function()
    local server, engine = wire.start(SILENCE), open()
    local started = core.now()
    local transfer = engine:start(wire.request(server.url, { timeout = 0.2 }))
    assert.is_true(watch(engine, transfer) < 20)
    assert.equal("timeout", transfer:result().failure)
    assert.is_true(core.now() - started >= 0.2)
  end)

  it("ends transfers in the order of their times", function()
    local server, engine = wire.start(SILENCE), open()
    local ended, transfers = {}, {}
    for i, seconds in ipairs { 0.6, 0.2, 0.4 } do
      transfers[i] = engine:start(wire.request(server.url, { timeout = seconds }))
    end
    while #ended < 3 do
      assert.is_true(is_readable(engine, LONG))
      engine:step()
      for i = 3, 1, -1 do
        if transfers[i] and transfers[i]:done() then
          ended[#ended + 1] = i
          transfers[i] = false
        end
      end
    end
    -- A machine that stood still meanwhile lets them end together.
    assert.is_true(ended[1] ~= 1 or ended[2] ~= 2)
    assert.is_true(transfers[1] == false and transfers[2] == false and transfers[3] == false)
  end)

  for _, seconds in ipairs { 1e9, 1e18, 2 ^ 63, 1e300, math.huge } do
    it(("waits for a time that never comes, %g s, without a turn"):format(seconds), function()
      local server, engine = wire.start(SILENCE), open()
      engine:start(wire.request(server.url, { timeout = seconds }))
      engine:wake(seconds)
      assert.is_true(wakeups(engine, 0.5) < 20)
    end)
  end

  it("sees curl's own time limits", function()
    local server, engine = wire.start(SILENCE), open() -- never answers TLS's hello
    local transfer = engine:start(wire.request(tls.url(server), { connect_timeout = 0.2 }))
    watch(engine, transfer)
    assert.equal("timeout", transfer:result().failure)
    assert.is_false(transfer:result().sent)
  end)
end)

describe("the descriptor", function()
  local made
  setup(function() made = certificates.make() end)
  teardown(function() made:remove() end)
  before_each(collect)
  after_each(stop_all)

  it("of a new engine is not readable", function()
    assert.equal(0, wakeups(open(), IDLE))
  end)

  it("is readable when an answer is there, until it is taken", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      record "asked"
      accept()
      c:send(answer "x")
      c:hang()
    ]], open()
    local transfer = engine:start(wire.request(server.url))
    step_until_recorded(engine, server, "asked")
    assert.is_true(wakeups(engine, IDLE) < 10) -- curl's timers of a connection that is new
    signal(server)
    for _ = 1, 3 do assert.is_true(is_readable(engine, LONG)) end
    watch(engine, transfer)
    assert.equal("x", transfer:result().body)
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("does not become readable again and again while an answer is waited for", function()
    local server, engine = wire.start(SILENCE), open()
    for _ = 1, 20 do engine:start(wire.request(server.url)) end
    wakeups(engine, IDLE) -- they connect
    assert.is_true(wakeups(engine, 1) < 50)
  end)

  it("is not readable when nothing is in flight and connections are kept", function()
    local server, engine = wire.start(ECHO), open()
    local transfers = {}
    for i = 1, 10 do transfers[i] = engine:start(wire.request(server.url)) end
    for i = 1, 10 do watch(engine, transfers[i]) end
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
    local before = server:connections()
    assert.equal(200, wire.exchange(wire.request(server.url), engine).status)
    assert.equal(before, server:connections())
  end)

  it("is not readable when a server closes a connection that is kept", function()
    local server, engine = wire.start [[
      local c = accept()
      c:request()
      c:send(answer "")
      accept()
      c:close()
      record "closed"
      c = accept()
      c:request()
      c:send(answer "again")
    ]], open()
    watch(engine, engine:start(wire.request(server.url)))
    settle(engine)
    local records = signal(server)
    assert.equal("closed", records[#records])
    assert.equal(0, wakeups(engine, IDLE))
    local transfer = engine:start(wire.request(server.url))
    watch(engine, transfer)
    assert.equal("again", transfer:result().body) -- which only another connection gets
  end)

  it("is not readable when a server says something on a connection that is kept", function()
    local server, engine = wire.start(tls.script(made, "valid", [[
      local h2 = require("support.http2").open(secure(accept()))
      h2:answer(h2:request(), "x")
      accept()
      h2:goaway(1, 0)
      record "goodbye"
      h2:request()
    ]], { alpn = "h2" })), open()
    local transfer = engine:start(wire.request(tls.url(server), { ca_file = made.ca_file }))
    watch(engine, transfer)
    assert.equal("x", transfer:result().body)
    settle(engine)
    signal(server)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("becomes readable when a transfer is cancelled, and once only", function()
    local server, engine = wire.start(SILENCE), open()
    local transfer = engine:start(wire.request(server.url))
    wakeups(engine, IDLE)
    transfer:cancel()
    assert.is_true(is_readable(engine, 0))
    assert.is_true(engine:step() > 0)
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("may be watched by a loop when the engine is closed", function()
    local found, cqueues = pcall(require, "cqueues")
    if not found then return pending "lua-cqueues is not installed" end
    local server, engine = wire.start(SILENCE), open()
    local transfer = engine:start(wire.request(server.url))
    local queue, rounds = cqueues.new(), 0
    queue:wrap(function()
      while not transfer:done() do
        cqueues.poll(engine, 0.1)
        rounds = rounds + 1
        if not transfer:done() then engine:step() end
      end
    end)
    queue:wrap(function()
      cqueues.sleep(0.05)
      cqueues.cancel(engine:pollfd())
      engine:close()
    end)
    assert(queue:loop(LONG))
    assert.equal("cancelled", transfer:result().failure)
    assert.is_true(rounds < 20)
  end)
end)

describe("waking an engine", function()
  before_each(collect)
  after_each(stop_all)

  it("makes its descriptor readable at once, until the next step, which tells it", function()
    local engine = open()
    engine:wake()
    assert.is_true(is_readable(engine, 0))
    assert.equal(0, engine:timeout())
    assert.is_true(engine:step() > 0)
    assert.equal(0, wakeups(engine, IDLE))
    assert.equal(0, engine:step())
    assert.is_nil(engine:timeout())
  end)

  it("makes it readable later", function()
    local engine = open()
    local started = core.now()
    engine:wake(0.2)
    assert.is_true(engine:timeout() <= 0.2)
    assert.is_true(is_readable(engine, LONG))
    assert.is_true(core.now() - started >= 0.2)
    assert.is_true(engine:step() > 0)
    assert.is_nil(engine:timeout())
  end)

  it("counts from the descriptor's first use, too", function()
    local engine = open()
    engine:wake(0.05) -- before anybody has asked for it
    assert.is_true(is_readable(engine, LONG))
    assert.is_true(engine:step() > 0)
  end)

  it("for the earlier of two times drops the later", function()
    for _, times in ipairs { { 0.05, 60 }, { 60, 0.05 } } do
      local engine = open()
      for _, seconds in ipairs(times) do engine:wake(seconds) end
      assert.is_true(is_readable(engine, LONG))
      assert.is_true(engine:step() > 0)
      assert.is_nil(engine:timeout())
    end
  end)

  it("for a time that is over makes it readable at once", function()
    local engine = open()
    engine:wake(-1)
    assert.is_true(is_readable(engine, 0))
    assert.equal(0, engine:timeout())
  end)

  it("does not end a transfer before its time", function()
    local server, engine = wire.start(SILENCE), open()
    local transfer = engine:start(wire.request(server.url))
    for _ = 1, 10 do
      engine:wake()
      assert.is_true(is_readable(engine, 0))
      engine:step()
    end
    assert.is_false(transfer:done())
    assert.is_true(engine:timeout() <= LONG)
  end)
end)

describe("a step of somebody who does not wait", function()
  before_each(collect)
  after_each(stop_all)

  it("wakes those who do when it ends a transfer", function()
    local server, engine = wire.start(ECHO), open()
    engine:pollfd()
    local transfer = engine:start(wire.request(server.url))
    while not transfer:done() do engine:nudge() end
    for _ = 1, 3 do -- until they have seen it
      assert.is_true(is_readable(engine, 0))
      engine:nudge()
    end
    assert.is_true(engine:step() > 0)
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("wakes nobody when it ends none", function()
    local engine = open()
    engine:nudge()
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("is part of a start, which may end another's transfer", function()
    local server, engine = wire.start(SILENCE), open()
    -- The handshake, which is never answered, is part of connecting. Nothing steps the engine then.
    local url = server.url:gsub("^http:", "https:")
    engine:pollfd()
    local transfer, ended
    for _ = 1, 20 do -- it gets more time, or none is left, if this process had none
      transfer = engine:start(wire.request(url, { connect_timeout = 0.2 }))
      local started = core.now()
      repeat engine:step(0.01) until core.now() > started + 0.1
      repeat local now = core.now() until now > started + 0.22
      local running = not transfer:done()
      engine:start(wire.request(server.url))
      ended = running and transfer:done()
      if ended then break end
      transfer:cancel()
    end
    assert.is_true(ended)
    assert.equal(0, engine:timeout())
    assert.is_true(is_readable(engine, 0))
    assert.is_true(engine:step() > 0)
  end)
end)

describe("the time to step", function()
  before_each(collect)
  after_each(stop_all)

  it("is never for a new engine", function()
    assert.is_nil(open():timeout())
  end)

  it("is no later than the first transfer's end", function()
    local server, engine = wire.start(SILENCE), open()
    for _, seconds in ipairs { 50, 30, 40 } do
      engine:start(wire.request(server.url, { timeout = seconds }))
      local left = engine:timeout()
      assert.is_true(left >= 0 and left <= seconds)
    end
    wakeups(engine, IDLE)
    assert.is_true(engine:timeout() <= 30)
  end)

  it("is now when it is over", function()
    local server, engine = wire.start(SILENCE), open()
    engine:start(wire.request(server.url, { timeout = 0.05 }))
    assert.is_true(engine:timeout() <= 0.05)
    engine:wake(-1)
    assert.equal(0, engine:timeout())
  end)

  it("is never when all transfers have been cancelled and that has been told", function()
    local server, engine = wire.start(SILENCE), open()
    local transfers = {}
    for i = 1, 3 do transfers[i] = engine:start(wire.request(server.url)) end
    for i = 1, 3 do transfers[i]:cancel() end
    engine:step()
    assert.is_nil(engine:timeout())
  end)
end)

describe("an engine that has nothing more to do, or no room", function()
  before_each(collect)
  after_each(stop_all)

  it("the time to step is never when all transfers have ended", function()
    local server, engine = wire.start(ECHO), open()
    watch(engine, engine:start(wire.request(server.url)))
    settle(engine)
    assert.is_nil(engine:timeout())
  end)

  it("the descriptor is not readable at the time of a transfer that has ended", function()
    local server, engine = wire.start(ECHO), open()
    watch(engine, engine:start(wire.request(server.url, { timeout = 0.2 })))
    settle(engine)
    assert.equal(0, wakeups(engine, IDLE))
  end)

  it("has no descriptor for a host to watch where there is none left for its timer", function()
    local output = child.run [[
      local engine = require("boltz.core").engine()
      os.execute("prlimit --nofile=40:40 --pid $PPID")
      local held = {}
      repeat
        local file = io.open "/dev/null"
        held[#held + 1] = file
      until not file or #held > 40
      print(#held > 40 and "no prlimit" or engine:pollfd())
    ]]
    if output == "no prlimit\n" then return pending "prlimit is not installed" end
    assert.equal("nil\n", output)
  end)
end)

describe("without a descriptor left", function()
  -- In a process that may open no more than it has: `fill` takes what is left, `free` gives back.
  local PROLOGUE = [[
    local core = require "boltz.core"
    local engine = core.engine()
    os.execute("prlimit --nofile=40:40 --pid $PPID")
    local held = {}
    local function fill()
      local file = io.open "/dev/null"
      while file do
        held[#held + 1] = file
        file = io.open "/dev/null"
      end
    end
    local function free(count)
      for _ = 1, count do table.remove(held):close() end
    end
    fill()
    if #held > 40 then print "no prlimit" os.exit(0) end
  ]]

  -- What such a process prints.
  local function run(script)
    local output = child.run(PROLOGUE .. script)
    return output ~= "no prlimit\n" and output or nil
  end

  it("there is no engine, and an error that says why", function()
    local output = run [[
      for _ = 1, 100 do assert(not core.engine()) end
      print(select(2, core.engine()))
      local made, needed = nil, 0
      while not made and needed < 10 do
        free(1)
        needed = needed + 1
        made = core.engine()
      end
      print(made) -- of one descriptor with curl 7.88, of more with 8.14
    ]]
    if not output then return pending "prlimit is not installed" end
    assert.equal("no descriptor left for the engine\nboltz.engine (open)\n", output)
  end)

  it("a transfer fails, and the engine goes on", function()
    local output = run [[
      local request = { method = "GET", url = "http://127.0.0.1:1/", headers = {},
        max_response_bytes = 100, timeout = 20 }
      for _ = 1, 3 do
        local transfer = engine:start(request)
        while not transfer:done() do engine:step(1) end
        local result = transfer:result()
        print(result.failure, result.sent, result.message)
      end
    ]]
    if not output then return pending "prlimit is not installed" end
    assert.equal(("connection\tfalse\tno descriptor left for a connection\n"):rep(3), output)
  end)

  it("an engine without one is found out, keeps nothing, and has one when there is room", function()
    local output = run [[
      local function count() -- what can still be opened
        local before = #held
        fill()
        local count = #held - before
        free(count)
        return count
      end
      for _ = 1, 100 do pcall(engine.pollfd, engine) end
      free(1)
      print(count())
      print(type(engine:pollfd()), count())
      engine:close()
      print(count() >= 2) -- its own two, and what libcurl had
    ]]
    if not output then return pending "prlimit is not installed" end
    assert.equal("1\nnumber\t0\ntrue\n", output)
  end)
end)
