-- SPDX-License-Identifier: MIT
-- How a host waits. A loop is a table, and there is one in each module of `boltz.wait.host`:
--
--   wait(engine, wait)  lets the host run, and steps the engine, until `wait` (wait.lua) is over
--   finish(engine, transfer)  optional: the same until a transfer is done, where the host has
--                       nothing else to do
--   yields              optional: it has to yield, which nothing can below a C function
--   wakes_others        optional, false: what it ends may be what others wait for
--   obstacle(engine)    optional: why nothing can wait here and now, or nil
--   forget(engine)      optional: the engine's descriptor is about to be closed

local blocking = require "boltz.wait.host.blocking"
local schema = require "boltz.check.schema"

local loop = {}

local EXPECTED = [["auto", "blocking", "nginx", "cqueues", "luv", "copas", ]]
  .. "a function that sleeps, or a table with 'poll'"

local NAMES = { blocking = true, copas = true, cqueues = true, luv = true, nginx = true }

--- The loop of the host in which this is called, for the option "auto". Only those that can be told
-- for certain: luv and copas may be loaded and not run.
function loop.automatic()
  if rawget(_G, "ngx") then return require "boltz.wait.host.nginx" end
  local cqueues = package.loaded.cqueues
  if cqueues and cqueues.running() then return require "boltz.wait.host.cqueues" end
  return blocking
end

-- How often a coroutine is called that does not look: its host may never resume it again.
local CALLS = 100

-- After a step: what it ended may be what another coroutine waits for, which still watches a
-- descriptor that is quiet by now. And a call is used up by the step of whoever looks first.
local function call_others(engine, crowd)
  for wait, calls in pairs(crowd) do
    if calls < CALLS and wait:is_over() then
      crowd[wait] = calls + 1
      engine:wake()
    end
  end
end

--- Makes a loop of a function that lets the host run until the engine's descriptor (`pollfd`,
-- `events`, `timeout`) is ready, or some seconds have passed.
-- @tparam function poll function(engine, seconds)
function loop.over(poll)
  local crowds = setmetatable({}, { __mode = "k" }) -- of each engine: who waits
  return {
    yields = true,

    wait = function(engine, wait)
      local crowd = crowds[engine]
      if not crowd then
        crowd = setmetatable({}, { __mode = "k" })
        crowds[engine] = crowd
      end
      while not wait:is_over() do
        crowd[wait] = 0
        poll(engine, wait:left())
        crowd[wait] = nil
        if engine:step() > 0 then call_others(engine, crowd) end
      end
    end,
  }
end

--- What the option `loop` stands for.
-- @treturn function|nil function() -> the loop for a wait that begins now
-- @treturn nil|table the problem
function loop.check(option)
  if option == "auto" then return loop.automatic end
  local chosen
  if type(option) == "string" and NAMES[option] then
    local found, result = pcall(require, "boltz.wait.host." .. option)
    if not found then
      return nil, { path = "loop", expected = "a loop that this host has", got = ("%q, and %s")
        :format(option, tostring(result):match("^[^\n]*")) }
    end
    chosen = result
  elseif type(option) == "function" then
    chosen = require "boltz.wait.host.sleep"(option)
  elseif type(option) == "table" and type(option.wait) == "function" then
    chosen = option
  elseif type(option) == "table" and type(option.poll) == "function" then
    chosen = loop.over(option.poll)
  else
    return nil, { path = "loop", expected = EXPECTED, got = schema.describe_table(option) }
  end
  return function() return chosen end
end

return loop
