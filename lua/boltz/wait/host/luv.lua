-- SPDX-License-Identifier: MIT
-- Inside libuv's loop, as luv and Neovim run it: a poll handle steps the engine and resumes the
-- coroutines whose wait is over. What is no coroutine cannot be resumed: there luv's loop stands
-- still, and Neovim's runs on in vim.wait.

local nested = require "boltz.wait.nested"
local sleep = require "boltz.wait.host.sleep"
local tables = require "boltz.tables"

local vim = rawget(_G, "vim")
local uv = vim and (vim.uv or vim.loop) or require "luv"

local SLICE = 0.1 -- seconds that the loop stands still at once

-- Of each engine that has waiters: the handle, and the coroutines by their waiters.
local polls = setmetatable({}, { __mode = "k" })

-- What a coroutine gets that is resumed from here, and from nowhere else.
local FROM_HERE = {}

local function resume(thread)
  local done, raised = coroutine.resume(thread, FROM_HERE)
  if done then return end
  local traceback = rawget(_G, "debug") and debug.traceback
  error(traceback and traceback(thread, tostring(raised)) or raised, 0)
end

-- Neovim forbids most of its API where libuv calls back.
local continue = vim and vim.schedule_wrap(resume) or resume

local function wake(engine, poll)
  local ready = {}
  for waiter, thread in tables.each(poll.threads) do
    if coroutine.status(thread) == "dead" then -- closed by its host
      poll.threads[waiter] = nil
      waiter:give_up()
    elseif waiter:is_over() then
      ready[waiter] = thread
    elseif waiter.ends < math.huge then
      engine:wake(waiter:left())
    end
  end
  local raised
  for waiter, thread in tables.each(ready) do
    poll.threads[waiter] = nil
    local done, message = pcall(continue, thread)
    if not done then raised = raised or message end
  end
  if raised then error(raised, 0) end -- after all the others had their turn
end

-- The handle would keep libuv's loop from ending.
local function stop_if_idle(engine, poll)
  if next(poll.threads) or polls[engine] ~= poll then return end
  polls[engine] = nil
  poll.handle:stop()
  poll.handle:close()
end

local function poll_of(engine)
  local poll = polls[engine]
  if poll then return poll end
  poll = { threads = {}, handle = uv.new_poll(engine:pollfd()) }
  poll.handle:start("r", function()
    if engine:step() > 0 then wake(engine, poll) end
    stop_if_idle(engine, poll)
  end)
  polls[engine] = poll
  return poll
end

local function wait_in_coroutine(engine, waiter, thread)
  while not waiter:is_over() do
    local poll = poll_of(engine)
    poll.threads[waiter] = thread
    if waiter.ends < math.huge then engine:wake(waiter:left()) end
    local resumed = coroutine.yield(nested.ITEM)
    poll.threads[waiter] = nil
    stop_if_idle(engine, poll)
    if resumed ~= FROM_HERE then nested.refuse() end
  end
end

local function wait_outside(engine, waiter)
  if vim and not vim.in_fast_event() then
    while not waiter:is_over() do
      vim.wait(1000, function()
        engine:nudge() -- others may wait, too
        return waiter:is_over()
      end, 1)
    end
  else
    while not waiter:is_over() do engine:step(math.min(waiter:left(), SLICE)) end
    engine:wake() -- the coroutines that wait look for themselves once the loop runs again
  end
end

-- For a build without epoll.
local looking_again = sleep(function(seconds)
  local thread = coroutine.running()
  local timer = uv.new_timer()
  timer:start(math.ceil(seconds * 1000), 0, function()
    if coroutine.status(thread) ~= "dead" then continue(thread) end
  end)
  local resumed = coroutine.yield(nested.ITEM)
  timer:close()
  if resumed ~= FROM_HERE then nested.refuse() end
end)

return {
  yields = true,

  wait = function(engine, waiter)
    local running, is_main = coroutine.running()
    if not running or is_main then
      wait_outside(engine, waiter)
    elseif engine:pollfd() then
      wait_in_coroutine(engine, waiter, running)
    else
      looking_again.wait(engine, waiter)
    end
  end,
}
