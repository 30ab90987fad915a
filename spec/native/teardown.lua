-- SPDX-License-Identifier: MIT
-- One round of teardown.c: makes engines, transfers, clients and pagers, uses and drops them in an
-- order that the seed decides, and leaves whatever is left then to lua_close.

local boltz = require "boltz"
local core = require "boltz.core"

local random = math.random
local KEY = "sk_bc_admin_test_0123456789abcdef"
local PATHS = { "ws_1", "missing", "hang", "half", "hang", "half" }

-- What the round holds on to, by sort; package.loaded keeps it until lua_close.
local held = { engine = {}, transfer = {}, client = {}, pager = {} }

local function any(sort)
  local list = held[sort]
  return list[random(#list + 1)] -- one more than there are: nil at times
end

local function hold(sort, object)
  local list = held[sort]
  list[random(#list + 1)] = object -- at times in the place of another
end

-- Runs a call for a random number of instructions, so that it breaks off anywhere.
local function interrupted(f, ...)
  pcall(function(...)
    debug.sethook(function()
      debug.sethook()
      error("interrupted", 0)
    end, "", random(3000))
    pcall(f, ...)
    debug.sethook()
  end, ...)
end

-- Calls a method of an engine, which may be closed.
local function try(engine, method, ...)
  local done, result = pcall(engine[method], engine, ...)
  if done then return result end
  if result ~= "engine is closed" then error(result, 0) end
end

local actions = {}

function actions.make_engine()
  hold("engine", core.engine())
end

function actions.start(base)
  local engine, once = any("engine"), random(2) == 1
  if not engine then return end
  hold("transfer", try(engine, "start", {
    method = once and "POST" or "GET",
    url = base .. "/compute/v1/admin/workspaces/" .. PATHS[random(#PATHS)],
    headers = { "x-api-key", core.secret(KEY), "X-Who", "teardown" },
    body = once and "{}" or nil,
    once = once,
    timeout = 20,
    max_response_bytes = random(4) == 1 and 10 or 10000,
  }))
end

function actions.step()
  local engine = any("engine")
  if engine then try(engine, "step") end
end

function actions.wait()
  local engine = any("engine")
  if engine then try(engine, "step", random() / 2000) end
end

function actions.cancel()
  local transfer = any("transfer")
  if transfer and random(3) == 1 then transfer:cancel() end
end

function actions.read()
  local transfer = any("transfer")
  local result = transfer and transfer:result()
  assert(not result or result.status == 0 or result.status == 200 or result.status == 404)
end

function actions.close_engine()
  local engine = any("engine")
  if engine and random(3) == 1 then engine:close() end
end

function actions.make_client(base)
  local client = boltz.new { api_key = KEY, base_url = base, max_retries = 0, log_level = "off" }
  hold("client", client)
  if random(2) == 1 then hold("client", client:with { timeout = 5 }) end
end

function actions.call()
  local client = any("client")
  if client then interrupted(client.workspaces.retrieve, client.workspaces, "ws_1") end
end

function actions.list()
  local client = any("client")
  if client and not client._user.is_closed then hold("pager", (client.workspaces:list())) end
end

function actions.next()
  local pager = any("pager")
  if pager then interrupted(pager.next, pager) end
end

function actions.close_client()
  local client = any("client")
  if client and random(3) == 1 then client:close() end
end

function actions.drop()
  for _, list in pairs(held) do
    if #list > 0 and random(2) == 1 then table.remove(list, random(#list)) end
  end
end

function actions.collect()
  if random(10) == 1 then
    collectgarbage(random(2) == 1 and "generational" or "incremental")
  elseif random(10) == 1 then
    collectgarbage()
  else
    collectgarbage("step", random(0, 50))
  end
end

local names = {}
for name in pairs(actions) do names[#names + 1] = name end
table.sort(names) -- the same seed is the same round

return function(port, seed)
  math.randomseed(seed)
  local base = ("http://127.0.0.1:%d"):format(port)
  actions.make_engine()
  for _ = 1, 100 do actions[names[random(#names)]](base) end
  for _ = 1, random(0, 10) do
    actions.start(base)
    actions.step()
  end
  -- A cycle and finalizers of Lua's own, which lua_close runs in between, and which use what it
  -- may have closed already.
  for _, transfer in ipairs(held.transfer) do
    local engine = any("engine")
    setmetatable({ transfer, held }, {
      __gc = function()
        transfer:cancel()
        transfer:result()
        if engine then try(engine, "step") end
      end,
    })
  end
  local running = 0
  for _, transfer in ipairs(held.transfer) do
    if not transfer:done() then running = running + 1 end
  end
  return running
end
