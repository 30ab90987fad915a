-- SPDX-License-Identifier: MIT
-- Scenes of fork.lua with an engine whose descriptor an event loop watches: scene(it, process,
-- apart), where `it` is fork.lua's Caller. The epoll behind the descriptor is one for parent and
-- child, and a socket stays in it as long as either has it open.

local core = require "boltz.core"

local scenes = {}

local LONG = 20000 -- milliseconds: for a scene that fails, not for one that waits
local IDLE = 300 -- milliseconds in which nothing shall happen

-- Steps when the descriptor says so, and never else, until the transfer is done.
local function watch(process, engine, transfer)
  while not transfer:done() do
    assert(process.readable(engine:pollfd(), LONG), "the descriptor does not become readable")
    engine:step()
  end
  return transfer:result()
end

-- A descriptor with nothing in flight that stays readable would have a host step for ever.
local function assert_quiet(process, engine)
  for _ = 1, 100 do
    if not process.readable(engine:pollfd(), 0) then break end
    engine:step()
  end
  local ends = core.now() + IDLE / 1000
  while core.now() < ends do
    assert(not process.readable(engine:pollfd(), IDLE), "the descriptor is readable for nothing")
  end
end

-- A child that has all that this process has, and does nothing.
local function fork_holder(process)
  local pid = process.fork()
  if pid == 0 then process.hold() end
  return pid
end

function scenes.watched_connections_that_a_child_holds(it, process)
  local engine = core.engine()
  local descriptor = engine:pollfd()
  watch(process, engine, engine:start(it:request("/")))
  local fallen, left = {}, {}
  for i = 1, 3 do
    fallen[i] = engine:start(it:request("/slow"))
    left[i] = engine:start(it:request("/slow"))
  end
  local ends = core.now() + 0.2
  while core.now() < ends do engine:step(0.01) end
  local pid = fork_holder(process)
  for _, transfer in ipairs(fallen) do transfer:cancel() end
  for _, transfer in ipairs(left) do
    assert(watch(process, engine, transfer).status == 200)
  end
  assert_quiet(process, engine)
  for _ = 1, 3 do
    assert(watch(process, engine, engine:start(it:request("/gone"))).failure == "connection")
    assert(watch(process, engine, engine:start(it:request("/"))).status == 200)
  end
  assert_quiet(process, engine)
  process.stop(pid)
  assert_quiet(process, engine)
  assert(engine:pollfd() == descriptor)
  engine:close()
end

function scenes.watched_connections_that_nginx_ends_while_a_child_holds_them(it, process)
  local engine = core.engine()
  engine:pollfd()
  local transfers = {}
  for i = 1, 4 do transfers[i] = engine:start(it:request("/gone")) end -- not stepped since
  local pid = fork_holder(process)
  for _, transfer in ipairs(transfers) do
    assert(watch(process, engine, transfer).failure == "connection")
  end
  assert_quiet(process, engine)
  assert(watch(process, engine, engine:start(it:request("/"))).status == 200)
  assert_quiet(process, engine)
  process.stop(pid)
  engine:close()
end

function scenes.watched_by_parent_and_child(it, process, apart)
  local engine = core.engine()
  local descriptor = engine:pollfd()
  local transfer = engine:start(it:request("/slow"))
  local function calls(count)
    for _ = 1, count do
      assert(watch(process, engine, engine:start(it:request("/"))).status == 200)
    end
  end
  apart(function()
    assert_quiet(process, engine) -- the child's has nothing in flight
    assert(watch(process, engine, transfer).failure == "cancelled")
    calls(20)
    assert_quiet(process, engine)
    engine:close()
  end, function()
    calls(20)
    assert(watch(process, engine, transfer).status == 200)
    assert(engine:pollfd() == descriptor)
  end)
  assert_quiet(process, engine)
  calls(3)
  engine:close()
end

function scenes.watched_by_the_parent_when_the_child_closes(it, process, apart)
  local engine = core.engine()
  engine:pollfd()
  local transfer = engine:start(it:request("/slow"))
  local pid = process.fork()
  if pid == 0 then
    engine:close()
    process.leave()
  end
  assert(process.wait(pid) == 0, "the child failed")
  assert(watch(process, engine, transfer).status == 200)
  apart(function() end, function() end) -- a child that ends without a look at it
  assert(watch(process, engine, engine:start(it:request("/"))).status == 200)
  assert_quiet(process, engine)
  engine:close()
end

function scenes.watched_connects_that_a_child_holds(it, process)
  local engine = core.engine()
  engine:pollfd()
  local transfers = {}
  for i = 1, 3 do transfers[i] = engine:start(it:request("/slow")) end -- that still connect
  local pid = fork_holder(process)
  for _, transfer in ipairs(transfers) do transfer:cancel() end
  assert_quiet(process, engine)
  process.stop(pid)
  engine:close()
end

return scenes
