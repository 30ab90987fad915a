-- SPDX-License-Identifier: MIT
-- Tasks: functions that run side by side, each in a coroutine, while transfers are under way.
--
-- Whoever waits inside a task lets the other tasks run; elsewhere the host waits, in the way of its
-- loop. Somebody who runs tasks waits for them like for anything else, so tasks may have tasks.

local core = require "boltz.core"
local Wait = require "boltz.wait.waiter"

local task = {}

local unpack = table.unpack or unpack -- luacheck: ignore 143

local Task = {}
Task.__index = Task

-- The tasks by their coroutines; others are, say, a host's.
local coroutines = setmetatable({}, { __mode = "kv" })

local function pack(...)
  return { n = select("#", ...), ... }
end

--- Makes a task; it begins when it is first stepped.
-- @tparam function fn
-- @param ... its arguments
function task.new(fn, ...)
  local self = setmetatable({ done = false }, Task)
  local arguments = pack(...)
  self._coroutine = coroutine.create(function()
    --- What `pcall` returned, packed.
    self.results = pack(pcall(fn, unpack(arguments, 1, arguments.n)))
  end)
  coroutines[self._coroutine] = self
  return self
end

function Task:is_ready()
  return not self.done and (self.wait == nil or self.wait:is_over())
end

function Task:_finish()
  self.done = true
  self._coroutine, self.wait = nil, nil
end

local close = rawget(coroutine, "close") -- since Lua 5.4

-- Ends a coroutine where it waits, and what it waits for.
local function abandon(thread, wait)
  if wait then wait:give_up() end
  if close and coroutine.status(thread) == "suspended" then
    coroutines[thread] = nil -- what its variables do when they are closed waits like the host
    close(thread)
  end
end

-- Returns what coroutine.resume does. What a task yields is a wait, or means something to the host,
-- which then has to get it.
local function resume(thread, ...)
  local yielded = pack(coroutine.resume(thread, ...))
  while coroutine.status(thread) ~= "dead" and not Wait.is_wait(yielded[2]) do
    yielded = pack(coroutine.resume(thread, coroutine.yield(unpack(yielded, 2, yielded.n))))
  end
  return unpack(yielded, 1, 2)
end

--- Lets it run until it waits or ends.
function Task:step()
  self.wait = nil
  local thread = self._coroutine
  local alive, wait = resume(thread)
  if self.done then -- it was cancelled meanwhile
    abandon(thread, wait)
  elseif coroutine.status(self._coroutine) == "dead" then
    self:_finish()
    if not alive then error(wait, 0) end -- out of a hook, outside of the function
  else
    self.wait = wait
  end
end

local isyieldable = rawget(coroutine, "isyieldable") -- LuaJIT has it as well, except in nginx
  or function() return true end

--- Ends it where it waits, and what it waits for.
function Task:cancel()
  if self.done then return end
  local wait, thread = self.wait, self._coroutine
  self:_finish()
  abandon(thread, wait)
end

--- Whether a C function that is no part of Lua's own calls stands between here and the coroutine.
function task.is_below_c()
  local running, is_main = coroutine.running()
  return running ~= nil and not is_main and not isyieldable()
end

--- The task that runs here and can wait, or nil.
function task.current()
  local running = coroutine.running()
  local current = running and coroutines[running]
  return current and isyieldable() and current or nil
end

--- Waits for a wait to be over.
-- @tparam table wait its fields, see wait.lua
function task.wait(wait)
  wait = Wait.new(wait)
  if wait:condition() then return end
  local current = task.current()
  if current then
    current.wait = wait -- before the yield, which an error may follow at once
    coroutine.yield(wait)
    return
  end
  -- An error out of the waiting (Ctrl-C, a host's time limit) must not leave behind what would go
  -- on when the engine is stepped next.
  local done, problem = pcall(wait.transport.wait, wait.transport, wait)
  if not done then
    wait:give_up()
    error(problem, 0)
  end
end

--- Lets every task run that can, until all of them wait.
function task.advance(tasks)
  repeat
    local ran = false
    local i = 1
    while i <= #tasks do -- they may add to the list
      if tasks[i]:is_ready() then
        tasks[i]:step()
        ran = true
      end
      i = i + 1
    end
  until not ran
end

-- How long one of several transports is waited for before it is the next one's turn.
local TURN = 0.001 -- seconds

local function is_outer_over(wait) return wait.outer:is_over() end

local function together(transports)
  return {
    wait = function(_, wait)
      repeat
        for transport in pairs(transports) do
          transport:wait(Wait.new {
            condition = is_outer_over,
            outer = wait,
            ends = math.min(wait.ends, core.now() + TURN),
          })
        end
      until wait:is_over()
    end,
  }
end

-- The transport that all tasks wait for; as a rule it is the same.
local function transport_of(tasks)
  local set = {}
  for i = 1, #tasks do
    local wait = tasks[i].wait
    if wait and wait.transport then set[wait.transport] = true end
  end
  local first = next(set)
  return next(set, first) and together(set) or first
end

-- What all tasks wait for.
local function wait_of(tasks, enough, cancel)
  local ends = math.huge
  for i = 1, #tasks do
    local wait = tasks[i].wait
    if wait then ends = math.min(ends, wait.ends) end
  end
  return {
    condition = function()
      for i = 1, #tasks do
        if tasks[i]:is_ready() then return true end
      end
      return enough()
    end,
    ends = ends,
    transport = transport_of(tasks),
    cancel = cancel or function() task.cancel_all(tasks) end,
  }
end

function task.cancel_all(tasks)
  for i = 1, #tasks do tasks[i]:cancel() end
end

--- Lets tasks run side by side until one of them has news.
-- @tparam table tasks a list
-- @tparam function enough whether to stop, asked whenever all of them wait
-- @tparam[opt] function cancel what to do when the waiting comes to another end than that; absent:
--   cancels all
function task.run(tasks, enough, cancel)
  repeat
    task.advance(tasks)
    if enough() then return end
    task.wait(wait_of(tasks, enough, cancel))
  until false
end

return task
