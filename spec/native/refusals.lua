-- SPDX-License-Identifier: MIT
-- What refusals.c runs while it refuses system calls: scenes(port, system), each of which makes
-- what it needs, and returns what is to be called, and what ends it. Under a refusal the first two
-- may fail, with an error of kind `connection` or a reason in words, and only so. Without one, the
-- same has to work once more, and all has to work from the beginning.

local boltz = require "boltz"
local core = require "boltz.core"

local LONG = 20000 -- milliseconds: for a scene that fails, not for one that waits
local WORKSPACES = "/compute/v1/admin/workspaces"

local scenes = {}

-- What a scene raises where something was refused, to be told from its mistakes.
local Refused = {}

local function refused(reason)
  error(setmetatable({ reason = reason }, Refused), 0)
end

local function check(value, err)
  if value then return value end
  assert(boltz.is_error(err) and err.kind == "connection", tostring(err))
  refused(err.message)
end

-- ---- a client

local function calls(client)
  return function()
    assert(check(client.workspaces:retrieve("ws_7")).id == "ws_7")
    local pager, count = client.workspaces:list({ limit = 2 }), 0
    for _ = 1, 3 do
      check(pager:next())
      count = count + 1
    end
    assert(count == 3 and pager:next() == nil)
    assert(check(client.workspaces:create({ name = "x" })).id == "ws_new")
    local workspace, err = client.workspaces:retrieve("missing")
    assert(workspace == nil)
    if err.kind ~= "not_found" then check(nil, err) end
  end
end

local function new_client(port, loop)
  return boltz.new { api_key = "sk_bc_admin_test_0123456789abcdef", max_retries = 0,
    base_url = ("http://127.0.0.1:%d"):format(port), loop = loop, timeout = LONG / 1000,
    log_level = "off", proxy = "" }
end

function scenes.blocking_calls(port)
  return calls(new_client(port, "blocking"))
end

-- A host that goes by the descriptor and by nothing else, if there is one.
local function wait(engine, system)
  local descriptor = engine:pollfd()
  if descriptor then
    assert(system.readable(descriptor, LONG), "the descriptor does not become readable")
    engine:step()
  else
    engine:step(LONG / 1000)
  end
end

function scenes.calls_in_a_loop(port, system)
  local call = calls(new_client(port, {
    wait = function(engine, waiter)
      if waiter.ends < math.huge then engine:wake(waiter:left()) end
      while not waiter:is_over() do wait(engine, system) end
    end,
  }))
  return call
end

-- ---- an engine

local function result_of(engine, system, request, limit)
  local transfer, reason = engine:start(request)
  if not transfer then refused(reason) end
  if limit then transfer:expire_in(limit) end
  while not transfer:done() do wait(engine, system) end
  local result = transfer:result()
  if result.failure == "connection" then refused(result.message) end
  return result
end

local function new_request(port, path)
  return { method = "GET", url = ("http://127.0.0.1:%d%s%s"):format(port, WORKSPACES, path),
    headers = {}, max_response_bytes = 1000, no_proxy = "*", timeout = LONG / 1000 }
end

local function new_engine()
  local engine, reason = core.engine()
  return engine or refused(reason)
end

function scenes.transfers_watched(port, system)
  local engine = new_engine()
  engine:pollfd()
  return function()
    for _ = 1, 2 do
      assert(result_of(engine, system, new_request(port, "/ws_7")).status == 200)
    end
    assert(result_of(engine, system, new_request(port, "/hang"), 0.01).failure == "timeout")
    engine:wake(0.01)
    wait(engine, system)
    local transfer, reason = engine:start(new_request(port, "/hang"))
    if not transfer then refused(reason) end
    transfer:cancel()
    wait(engine, system)
  end
end

function scenes.engines_watched_by_a_thread(_, system)
  if not new_engine():pollfd() then refused "built without epoll" end
  local watcher, reason = core.watcher()
  if not watcher then refused(reason) end
  local host = system.join(watcher:address():sub(6))
  local done, problem = watcher:begin()
  if not done then
    system.leave(host)
    refused(problem)
  end
  return function()
    local engine = new_engine()
    engine:wake(0.01)
    if not watcher:watch(engine) then refused "it cannot be watched" end
    assert(system.readable(host, LONG), "the thread does not tell")
  end, function()
    watcher:close()
    assert(system.readable(host, LONG), "the connection has no end")
    system.leave(host)
  end
end

-- ----

-- Returns nil and why if something was refused.
local function try(fn, ...)
  local done, value, another = pcall(fn, ...)
  if done then return value or true, another end
  if getmetatable(value) ~= Refused then error(value, 0) end
  return nil, tostring(value.reason)
end

-- A call that works, of a scene that is new.
local function must_play(scene, port, system)
  local call, finish = assert(try(scene, port, system))
  assert(try(call))
  if finish then finish() end
end

-- Returns whether anything was refused.
local function attempt(scene, port, system, door, n, lasting)
  system.refuse(door.name, n, lasting)
  local call, finish = try(scene, port, system)
  if call then try(call) end
  local was_refused = system.grant()
  if call then assert(try(call)) end
  if call and finish then finish() end
  must_play(scene, port, system)
  collectgarbage()
  collectgarbage()
  return was_refused
end

local function torture(name, port, system, door)
  local n = 1
  local function refuses(lasting)
    local done, result = xpcall(attempt, debug.traceback, scenes[name], port, system, door, n,
      lasting)
    if done then return result end
    error(("%s, %s refused at call %d%s: %s"):format(name, door.name, n,
      lasting and " and later" or "", tostring(result)), 0)
  end
  while refuses(false) do
    if n <= door.lasts then refuses(true) end
    n = n + 1
  end
  return n - 1
end

return function(port, system, refusing)
  local names = {}
  for name in pairs(scenes) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    must_play(scenes[name], port, system)
    for _, door in ipairs(refusing and system.doors or {}) do
      local count = torture(name, port, system, door)
      if count > 0 then print(("%s: survived %d refusals of %s"):format(name, count, door.name)) end
    end
  end
end
