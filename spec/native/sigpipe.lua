-- SPDX-License-Identifier: MIT
-- The scenes of sigpipe.c: all that has libcurl write to a socket, in a host that SIGPIPE kills,
-- and in hosts with their own ways with it.

local core = require "boltz.core"
local wire = require "support.wire"

local LONG = 30 -- seconds: for a scene that fails
local TRIES = 10 -- of what happens in one way or another

-- Does what has libcurl write. `after` is called after each of these with what it was.
local function use(service, after)
  local engine = core.engine()

  local function start(path, url)
    return engine:start {
      method = "GET",
      url = (url or service.url) .. path,
      headers = {},
      ca_file = service.ca_file,
      no_proxy = "*",
      timeout = LONG,
      max_response_bytes = 1000,
    }
  end

  -- With the one connection open, over which the next request goes at once.
  local function open()
    local transfer = start "/"
    assert(wire.wait(engine, transfer, LONG))
    local result = transfer:result()
    assert(result.status == 200, result.message)
  end

  -- In flight, over HTTP/1.1: when it ends, so does its connection, and TLS says goodbye.
  local function hang()
    open()
    after "wait"
    local transfer = start "/hang"
    after "start"
    return transfer
  end

  -- The second waits for the first one's connection, and goes when libcurl's timer says so: in the
  -- same step, or in one that finds no socket ready.
  for _ = 1, TRIES do
    local first, second = start("/", service.http2_url), start("/", service.http2_url)
    assert(wire.wait(engine, first, LONG) and wire.wait(engine, second, LONG))
    assert(first:result().body == "1" and second:result().body == "3", "not one connection")
    after "HTTP/2"
    engine:close()
    engine = core.engine()
  end

  hang():cancel()
  after "cancel"

  local transfer = start "/"
  while not transfer:done() do engine:step(LONG) end
  after "poll"

  transfer = start "/"
  while not transfer:done() do engine:step() end
  after "step"

  transfer = start "/"
  while not transfer:done() do engine:nudge() end
  after "nudge"

  transfer = hang() -- luacheck: ignore 311
  transfer = nil -- luacheck: ignore 311
  collectgarbage()
  after "a transfer's __gc"

  open()
  after "wait"
  engine:close()
  after "close"

  engine = core.engine()
  transfer = hang()
  engine:close()
  assert(transfer:result().failure == "cancelled")
  after "close with a call in flight"

  engine = core.engine()
  local late = hang()
  late:expire_in(0)
  assert(wire.wait(engine, late, LONG) and late:result().failure == "timeout")
  after "timeout"

  engine:close()
  after "close after a timeout"

  engine = core.engine()
  open()
  after "wait"
  engine = nil -- luacheck: ignore 311
  collectgarbage()
  after "an engine's __gc"
end

-- What writes with any libcurl, so that nothing of this passes for want of a signal.
local SURE = { wait = true, start = true, close = true, ["an engine's __gc"] = true }

local hosts = {}

function hosts.it_kills(process)
  process.handle "default"
  return function() end
end

function hosts.that_handles_it(process)
  process.handle "count"
  return function(what)
    assert(process.handled() == 0, what .. ": it came to the host's handler")
    process.raise()
    assert(process.handled() == 1, what .. ": the host's own did not")
  end
end

function hosts.that_holds_it_back(process)
  process.handle "default"
  process.block(true)
  return function(what)
    assert(not process.pending(), what .. ": it waits for the host to let it come")
  end, function()
    process.block(false)
  end
end

function hosts.for_which_one_waits(process)
  process.handle "count"
  process.block(true)
  process.raise()
  return function(what)
    assert(process.pending(), what .. ": the host's own is gone")
  end, function()
    assert(process.handled() == 0)
    process.block(false)
    assert(process.handled() == 1)
  end
end

return function(process, url, http2_url, ca_file)
  local service = { url = url, http2_url = http2_url, ca_file = ca_file }
  local names, total = {}, 0
  for name in pairs(hosts) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local check, finish = hosts[name](process)
    local before = process.signals()
    use(service, function(what)
      local raised = process.raised()
      assert(raised > 0 or not SURE[what], what .. ": no write has raised it")
      total = total + raised
      assert(process.signals() == before, what .. ": the host's mask or handler has changed")
      check(what)
    end)
    if finish then finish() end
    print("a host " .. name:gsub("_", " "))
  end
  print(("survived %d signals"):format(total))
end
