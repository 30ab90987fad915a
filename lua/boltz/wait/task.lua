-- SPDX-License-Identifier: MIT
-- Tasks: functions that run side by side, each in a coroutine, while transfers are under way.
--
-- What waits inside a task lets the other tasks run; elsewhere the host waits, in the way of its
-- loop. Running tasks is a wait like any other, so tasks may have tasks.

local changes = require "boltz.wait.changes"
local core = require "boltz.core"
local tables = require "boltz.tables"
local Waiter = require "boltz.wait.waiter"
local transports = require "boltz.wait.transports"

local task = {}
local pack, unpack = tables.pack, tables.unpack

local Task = {}
Task.__index = Task

-- The tasks by their coroutines; others are, say, a host's.
local coroutines = setmetatable({}, { __mode = "kv" })

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
  return not self.done and (self.waiter == nil or self.waiter:is_over())
end

function Task:_finish()
  self.done = true
  self._coroutine, self.waiter = nil, nil
end

local close = rawget(coroutine, "close") -- since Lua 5.4

-- Ends a coroutine where it waits, and what it waits for.
local function abandon(thread, waiter, kept)
  if waiter then waiter:give_up(kept) end
  if close and coroutine.status(thread) == "suspended" then
    coroutines[thread] = nil -- what its variables do when they are closed waits like the host
    close(thread)
  end
end

-- Returns what coroutine.resume does. What a task yields is a wait, or means something to the host,
-- which then has to get it.
local function resume(thread, ...)
  local yielded = pack(coroutine.resume(thread, ...))
  while coroutine.status(thread) ~= "dead" and not Waiter.is_waiter(yielded[2]) do
    yielded = pack(coroutine.resume(thread, coroutine.yield(unpack(yielded, 2, yielded.n))))
  end
  return unpack(yielded, 1, 2)
end

--- Lets it run until it waits or ends.
function Task:step()
  self.waiter = nil
  self.began = core.now()
  local thread = self._coroutine
  local alive, yielded = resume(thread)
  if self.done then -- it was cancelled meanwhile
    abandon(thread, Waiter.is_waiter(yielded) and yielded or nil)
  elseif coroutine.status(self._coroutine) == "dead" then
    self:_finish()
    if not alive then error(yielded, 0) end -- out of a hook, outside of the function
  else
    self.waiter = yielded
  end
end

local isyieldable = rawget(coroutine, "isyieldable") -- LuaJIT has it as well, except in nginx
  or function() return true end

--- Ends it where it waits, and what it waits for.
-- @tparam[opt] table kept the list that gets its changes; those under way are not ended
function Task:cancel(kept)
  if self.done then return end
  local waiter, thread = self.waiter, self._coroutine
  self:_finish()
  if kept and changes.hand_over(self, kept) then waiter = nil end
  abandon(thread, waiter, kept)
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

--- Suspends the caller until its waiter is over.
-- @tparam table fields of the waiter, see waiter.lua
function task.wait(fields)
  local waiter = Waiter.new(fields)
  if waiter:condition() then return end
  local current = task.current()
  if current then
    current.waiter = waiter -- before the yield, which an error may follow at once
    coroutine.yield(waiter)
    return
  end
  -- An error out of the waiting (Ctrl-C, a host's time limit) must not leave behind what would go
  -- on when the engine is stepped next.
  local done, raised = pcall(waiter.transport.wait, waiter.transport, waiter)
  if not done then
    waiter:give_up()
    error(raised, 0)
  end
end

-- How long a task may be at work before it is the turn of the others.
local WORK = 0.001 -- seconds

local function always() return true end

--- Lets the other tasks run, if the one that runs here has been at work for long. For what need not
-- wait, as its answer is there: a task of which all calls are such would keep the others from
-- theirs, and from the ends of their times.
function task.give_way()
  local current = task.current()
  if not current or core.now() - current.began < WORK then return end
  current.waiter = Waiter.new { condition = always }
  coroutine.yield(current.waiter)
end

--- Lets every task run that can, until all of them wait.
function task.advance(tasks)
  repeat
    transports.nudge(tasks)
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

-- What all tasks wait for.
local function waiter_of(tasks, enough, cancel)
  local transport, ends = transports.of(tasks)
  return {
    condition = function()
      for i = 1, #tasks do
        if tasks[i]:is_ready() then return true end
      end
      return enough()
    end,
    ends = ends,
    transport = transport,
    cancel = cancel or function(_, kept) task.cancel_all(tasks, kept) end,
  }
end

function task.cancel_all(tasks, kept)
  for i = 1, #tasks do tasks[i]:cancel(kept) end
end

--- Lets tasks run side by side until one of them has news.
-- @tparam table tasks a list
-- @tparam function enough whether to stop, asked whenever all of them wait
-- @tparam[opt] function cancel function(waiter, kept): what to do when the waiting comes to another
--   end than that; absent: cancels all
function task.run(tasks, enough, cancel)
  repeat
    task.advance(tasks)
    if enough() then return end
    task.wait(waiter_of(tasks, enough, cancel))
  until false
end

return task
