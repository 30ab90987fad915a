-- SPDX-License-Identifier: MIT
-- Inside libuv's loop, as luv and Neovim run it: a poll handle steps the engine and resumes the
-- coroutines whose wait is over. What is no coroutine cannot be resumed: there luv's loop stands
-- still, and Neovim's runs on in vim.wait.

local sleep = require "boltz.wait.host.sleep"

local vim = rawget(_G, "vim")
local uv = vim and (vim.uv or vim.loop) or require "luv"

local SLICE = 0.1 -- seconds that the loop stands still at once

-- Of each engine for which somebody waits: the handle, and the coroutines by their waits.
local watches = setmetatable({}, { __mode = "k" })

local function resume(thread)
  local done, problem = coroutine.resume(thread)
  if not done then error(debug.traceback(thread, tostring(problem)), 0) end
end

-- Neovim forbids most of its API where libuv calls back.
local continue = vim and vim.schedule_wrap(resume) or resume

local function wake(engine, watch)
  local ready = {}
  for wait, thread in pairs(watch.threads) do
    if coroutine.status(thread) == "dead" then -- somebody has closed it
      watch.threads[wait] = nil
      wait:give_up()
    elseif wait:is_over() then
      ready[wait] = thread
    elseif wait.ends < math.huge then
      engine:wake(wait:left())
    end
  end
  local problem
  for wait, thread in pairs(ready) do
    watch.threads[wait] = nil
    local done, message = pcall(continue, thread)
    if not done then problem = problem or message end
  end
  if problem then error(problem, 0) end -- after all the others had their turn
end

-- The handle would keep libuv's loop from ending.
local function unwatch(engine, watch)
  if next(watch.threads) or watches[engine] ~= watch then return end
  watches[engine] = nil
  watch.handle:stop()
  watch.handle:close()
end

local function watch_of(engine)
  local watch = watches[engine]
  if watch then return watch end
  watch = { threads = {}, handle = uv.new_poll(engine:pollfd()) }
  watch.handle:start("r", function()
    if engine:step() > 0 then wake(engine, watch) end
    unwatch(engine, watch)
  end)
  watches[engine] = watch
  return watch
end

local function wait_in_coroutine(engine, wait, thread)
  while not wait:is_over() do
    local watch = watch_of(engine)
    watch.threads[wait] = thread
    if wait.ends < math.huge then engine:wake(wait:left()) end
    coroutine.yield()
    watch.threads[wait] = nil
    unwatch(engine, watch)
  end
end

local function wait_outside(engine, wait)
  if vim and not vim.in_fast_event() then
    while not wait:is_over() do
      vim.wait(1000, function()
        engine:nudge() -- others may wait, too
        return wait:is_over()
      end, 1)
    end
  else
    while not wait:is_over() do engine:poll(math.min(wait:left(), SLICE)) end
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
  coroutine.yield()
  timer:close()
end)

return {
  yields = true,

  wait = function(engine, wait)
    local running, is_main = coroutine.running()
    if not running or is_main then
      wait_outside(engine, wait)
    elseif engine:pollfd() then
      wait_in_coroutine(engine, wait, running)
    else
      looking_again.wait(engine, wait)
    end
  end,
}
