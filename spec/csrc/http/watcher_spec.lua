-- SPDX-License-Identifier: MIT
-- The watcher as a host uses it: what it tells, and that it leaves nothing behind. What it is for
-- is in hosts/nginx_spec.lua.

local child = require "support.child"
local core = require "boltz.core"
local socket = require "socket"
local unix = require "socket.unix"
local wire = require "support.wire"

local LONG = 20 -- seconds: for a spec that fails, not for one that waits
local IDLE = 0.2 -- seconds in which something shall not happen

local has_epoll = core.engine():pollfd() ~= nil

describe("a build without epoll", function()
  if has_epoll then return end

  it("has no watcher, and says so", function()
    local watcher, problem = core.watcher()
    assert.same({ nil, "built without epoll" }, { watcher, problem })
  end)
end)

local function path_of(watcher)
  return assert(watcher:address():match("^unix:(/.*)$"))
end

local function connect(watcher)
  local host = unix.stream()
  return host:connect(path_of(watcher)) and host
end

local function exists(path)
  return os.rename(path, path) ~= nil
end

local function threads()
  for line in io.lines("/proc/self/status") do
    local count = line:match("^Threads:%s*(%d+)")
    if count then return tonumber(count) end
  end
end

-- The threads of this process: by their numbers, what signals each holds back. That is read here
-- and not by another program: while one starts, a process holds all of them back.
local function masks()
  local pipe = assert(io.popen "ls /proc/$PPID/task")
  local threads_text = pipe:read("*a")
  pipe:close()
  local found = {}
  for thread in threads_text:gmatch("%d+") do
    local status = io.open(("/proc/self/task/%s/status"):format(thread))
    if status then
      found[thread] = status:read("*a"):match("SigBlk:%s*(%x+)")
      status:close()
    end
  end
  return found
end

local at_first = has_epoll and masks() or {} -- before any watcher of these specs has begun

describe("a watcher", function()
  if not has_epoll then return end

  local watcher, host, engine

  before_each(function()
    watcher = assert(core.watcher())
    host = assert(connect(watcher))
    assert.is_true(watcher:begin())
    engine = core.engine()
  end)

  after_each(function()
    host:close()
    watcher:close()
    engine:close()
  end)

  -- How many bytes come until none has come for a while.
  local function heard()
    local count = 0
    host:settimeout(IDLE)
    while host:receive(1) do count = count + 1 end
    return count
  end

  local function assert_hears()
    host:settimeout(LONG)
    assert.equal("!", host:receive(1))
  end

  it("says nothing while an engine is not ready", function()
    assert.is_true(watcher:watch(engine))
    assert.equal(0, heard())
  end)

  it("tells when one becomes ready, and then no more", function()
    watcher:watch(engine)
    engine:wake(0.05)
    assert_hears()
    assert.equal(0, heard())
  end)

  it("tells at once of one that is ready, each time that it is to be watched", function()
    engine:wake()
    for _ = 1, 3 do
      watcher:watch(engine)
      assert_hears()
      assert.equal(0, heard())
    end
  end)

  it("says nothing of what is not to be watched any more", function()
    engine:wake()
    watcher:watch(engine)
    assert_hears()
    engine:step()
    engine:wake()
    assert.equal(0, heard())
  end)

  it("watches many, and tells at least once of any of them", function()
    local engines = {}
    for i = 1, 40 do
      engines[i] = core.engine()
      watcher:watch(engines[i])
    end
    engines[17]:wake()
    assert_hears()
    assert.equal(0, heard())
    for _, each in ipairs(engines) do each:wake() end
    assert_hears()
    assert.is_true(heard() <= 39)
  end)

  it("goes on when one that it watches is closed, and its number used again", function()
    for _ = 1, 50 do
      watcher:watch(engine)
      engine:close()
      engine = core.engine()
      watcher:watch(engine)
      engine:wake()
      assert_hears()
      engine:step()
    end
    assert.equal(0, heard())
  end)

  it("does not wait for a host that does not read", function()
    engine:wake()
    for _ = 1, 100000 do watcher:watch(engine) end
    watcher:close()
    assert.is_true(heard() > 0)
  end)

  it("goes on when the host's socket is closed", function()
    host:close()
    engine:wake()
    for _ = 1, 10 do watcher:watch(engine) end
    watcher:close()
  end)

  it("has a thread that takes no signal, and changes none of the host's", function()
    local before = masks()
    local other = assert(core.watcher())
    local peer = assert(connect(other))
    assert.is_true(other:begin())
    engine:wake()
    other:watch(engine)
    peer:settimeout(LONG)
    assert.equal("!", peer:receive(1)) -- so the thread is past its start, which holds all back
    local new = {}
    for thread, mask in pairs(masks()) do
      if before[thread] then
        assert.equal(at_first[thread] or mask, mask)
      else
        new[#new + 1] = mask
      end
    end
    other:close()
    peer:close()
    -- All but SIGKILL (9), SIGSTOP (19) and what the C library keeps for itself, from 32 on.
    assert.equal(1, #new)
    local low = tonumber(new[1]:sub(-8), 16)
    assert.equal("fffbfeff", ("%08x"):format(low % 2 ^ 31 + 2 ^ 31))
    assert.matches("^fffffff[ec]$", new[1]:sub(-16, -9))
  end)

  it("refuses to begin twice, and to watch what is no engine or a closed one", function()
    assert.has_error(function() watcher:begin() end, "the watcher has begun")
    assert.has_error(function() watcher:watch(0) end)
    engine:close()
    assert.has_error(function() watcher:watch(engine) end, "engine is closed")
  end)

  it("that is closed ends its thread and the connection, and refuses the rest", function()
    local running = threads()
    watcher:close()
    watcher:close()
    assert.equal(running - 1, threads())
    host:settimeout(LONG)
    local byte, problem = host:receive(1)
    assert.is_nil(byte)
    assert.equal("closed", problem)
    assert.has_error(function() watcher:watch(engine) end, "the watcher is closed")
    assert.has_error(function() watcher:address() end, "the watcher is closed")
    assert.equal("boltz.watcher (closed)", tostring(watcher))
  end)

  it("that nobody holds any more is closed", function()
    local running = threads()
    watcher = nil
    collectgarbage()
    collectgarbage()
    assert.equal(running - 1, threads())
    watcher = core.watcher() -- for after_each
  end)
end)

describe("a transfer that ran out of time while its host was away", function()
  if not has_epoll then return end

  -- `prepare` is given the engine. Returns whether the transfer goes on when the host is back.
  local function is_forgiven(prepare)
    local server = wire.start [[
      local c, text = accept(), answer(("x"):rep(1000))
      c:request()
      record "asked"
      c:send(text:sub(1, -500))
      c:hang()
    ]]
    local engine = core.engine()
    prepare(engine)
    local transfer = engine:start(wire.request(server.url))
    repeat engine:step(0.01) until #server:records() > 0
    transfer:expire_in(0.1)
    socket.sleep(0.3)
    engine:step()
    local goes_on = not transfer:done()
    engine:close()
    wire.stop_all()
    return goes_on
  end

  it("goes on if it is stepped by the clock, with a watcher or without", function()
    local watcher = assert(core.watcher())
    local host = assert(connect(watcher))
    assert.is_true(watcher:begin())
    assert.is_true(is_forgiven(function(engine) watcher:watch(engine) end))
    watcher:close()
    host:close()
    assert.is_true(is_forgiven(function() end))
  end)

  it("is over if its host goes by the descriptor, and would have looked", function()
    assert.is_false(is_forgiven(function(engine) engine:pollfd() end))
  end)
end)

describe("a watcher's path", function()
  if not has_epoll then return end

  it("is in a folder for its user alone, and both are gone when it has begun", function()
    local watcher = assert(core.watcher())
    local path = path_of(watcher)
    local folder = path:match("^(.*)/")
    local pipe = assert(io.popen("stat -c %a " .. folder))
    assert.equal("700\n", pipe:read("*a"))
    pipe:close()
    local host = assert(connect(watcher))
    assert.is_true(watcher:begin())
    assert.is_false(exists(path))
    assert.is_false(exists(folder))
    watcher:close()
    host:close()
  end)

  it("is gone as well when it never begins", function()
    local watcher = assert(core.watcher())
    local folder = path_of(watcher):match("^(.*)/")
    assert.is_true(exists(folder))
    watcher:close()
    assert.is_false(exists(folder))
  end)

  it("is gone, and the watcher closed, when nobody has connected to it", function()
    local watcher = assert(core.watcher())
    local folder = path_of(watcher):match("^(.*)/")
    local began, problem = watcher:begin()
    assert.is_nil(began)
    assert.matches("^accept: ", problem)
    assert.is_false(exists(folder))
    assert.equal("boltz.watcher (closed)", tostring(watcher))
  end)

  describe("without a descriptor left", function()
    -- `fill` takes those that are left, `free` gives one back.
    local PROLOGUE = [[
      local core = require "boltz.core"
      os.execute("prlimit --nofile=40:40 --pid $PPID")
      local held = {}
      local function fill()
        repeat
          local file = io.open "/dev/null"
          held[#held + 1] = file
          if #held > 40 then print "no prlimit" os.exit() end
        until not file
      end
      local function free() table.remove(held):close() end
    ]]

    local function run(script)
      local output = child.run(PROLOGUE .. script)
      if output == "no prlimit\n" then return pending "prlimit is not installed" end
      return output
    end

    it("there is none, and why; with a few there is", function()
      local output = run [[
        fill()
        local watcher, problem
        repeat
          watcher, problem = core.watcher()
          print(watcher or problem)
          free()
        until watcher
      ]]
      if not output then return end
      assert.matches("Too many open files\n", output)
      assert.matches("boltz.watcher %(open%)\n$", output)
    end)

    it("it watches no other engine, and says so", function()
      local output = run [[
        local watcher, first, second = core.watcher(), core.engine(), core.engine()
        local host = require("socket.unix").stream()
        assert(host:connect(watcher:address():sub(6)) and watcher:begin())
        print(watcher:watch(first))
        fill()
        print(watcher:watch(second), watcher:watch(first))
        free()
        print(watcher:watch(second))
      ]]
      if not output then return end
      assert.equal("true\nfalse\ttrue\ntrue\n", output)
    end)
  end)
end)
