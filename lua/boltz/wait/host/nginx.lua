-- SPDX-License-Identifier: MIT
-- Inside nginx's Lua module, which cannot watch a foreign descriptor. In each worker a stepper
-- steps the engines, and wakes requests by their semaphores when what they wait for has come. It
-- runs in an `ngx.timer`, so that no request's end is its end, and notices when a request that
-- waits is aborted. Of its two threads one follows a watcher, which tells when there is something
-- to do. The other goes by nginx's timer, and is all there is where no watcher can be had.

local Watcher = require "boltz.wait.host.nginx_watcher"
local core = require "boltz.core"
local engines = require "boltz.wait.engines"
local semaphore = require "ngx.semaphore"
local tables = require "boltz.tables"

local PAUSE = 0.001 -- seconds between two steps; nginx's timers count milliseconds
local MANY = 64 -- engines, which are not stepped more often than once a PAUSE
local RETRY = 1 -- seconds between two attempts to have a watcher
local LOOK = 0.02 -- seconds between two looks for requests that were aborted
local RELIEF = 1 -- seconds between two looks at how many descriptors are left
local IDLE = 1 -- seconds that the stepper stays without sleepers: a new one costs a timer
local SILENCE = 0.25 -- seconds without a step after which a request that waits steps for itself

local CAN_WAIT = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true,
  preread = true, ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true,
}

-- Of this worker: the sleepers (a waiter and its semaphore), by the engine; and the stepper, if one
-- runs: `stepped`, when it last was about; `bell`, which calls it while it is idle; and `watcher`,
-- if it has one.
local sleepers_of = {}
local stepper

local function join(engine, sleeper)
  sleepers_of[engine] = sleepers_of[engine] or {}
  sleepers_of[engine][sleeper] = true
end

local function leave(engine, sleeper)
  local sleepers = sleepers_of[engine]
  if not sleepers then return end
  sleepers[sleeper] = nil
  if next(sleepers) == nil then sleepers_of[engine] = nil end
end

local function wake_ready(sleepers)
  for sleeper in tables.each(sleepers) do
    if not sleeper.is_woken and sleeper.waiter:is_over() then
      sleeper.is_woken = true
      sleeper.bell:post()
    end
  end
end

-- nginx ends the thread of a request whose client has gone (`lua_check_client_abort on`), and one
-- that is killed, without a word; but then its semaphore has no waiter. `count` is what has been
-- posted less the waiters.
local function is_abandoned(sleeper)
  return sleeper.bell:count() >= (sleeper.is_woken and 1 or 0)
end

local function give_up_aborted(engine, sleepers)
  for sleeper in tables.each(sleepers) do
    if is_abandoned(sleeper) then
      leave(engine, sleeper)
      sleeper.waiter:give_up()
    end
  end
end

-- Returns how many engines there were.
local function step_all()
  local count = 0
  for engine, sleepers in tables.each(sleepers_of) do
    if engine:step() > 0 then wake_ready(sleepers) end
    count = count + 1
  end
  return count
end

local function look_for_aborted()
  for engine, sleepers in tables.each(sleepers_of) do give_up_aborted(engine, sleepers) end
end

-- The watcher's thread. Whichever engine is ready, it steps all engines that have sleepers.
local function follow(watcher)
  repeat
    if step_all() > MANY then ngx.sleep(PAUSE) end
  until not watcher:listen(sleepers_of)
end

-- Logged once in a worker: to do without is no failure.
local is_told = false

local function do_without(reason)
  if is_told then return end
  is_told = true
  ngx.log(ngx.NOTICE, "boltz: looks for answers every millisecond, having no watcher: ", reason)
end

local function open_watcher(self)
  local watcher, reason = Watcher.open()
  self.tried = core.now()
  if not watcher then return do_without(reason) end
  self.watcher = watcher
  ngx.thread.spawn(function()
    local done, raised = pcall(follow, watcher)
    self.watcher = nil
    watcher:close()
    if stepper == self then do_without(done and "it has ended" or raised) end
  end)
end

-- Where no descriptor is left nginx accepts no connection, and so there is no request whose client
-- would have collected what the requests before it have dropped.
local function relieve(self)
  local now = core.now()
  if now - self.relieved < RELIEF then return end
  self.relieved = now
  engines.relieve()
end

-- The timer's thread, until there have been no sleepers for a while. A stepper that was held up so
-- long that another has been started goes when it notices.
local function run(self)
  local looked = core.now()
  while stepper == self do
    self.stepped = core.now()
    relieve(self)
    if next(sleepers_of) ~= nil then
      if not self.watcher and self.stepped - self.tried > RETRY then open_watcher(self) end
      step_all()
      if self.stepped - looked >= LOOK then
        looked = self.stepped
        look_for_aborted()
      end
      ngx.sleep(self.watcher and LOOK or PAUSE)
    else
      self.bell = semaphore.new()
      local called = not ngx.worker.exiting() and self.bell:wait(IDLE)
      self.bell = nil
      if not called and next(sleepers_of) == nil then return engines.relieve() end
    end
  end
end

local function start_stepper()
  local self = { stepped = core.now(), relieved = core.now(), tried = -math.huge }
  stepper = self
  local started = ngx.timer.at(0, function()
    local done, raised = pcall(run, self)
    if stepper == self then stepper = nil end
    if self.watcher then self.watcher:close() end
    if not done then ngx.log(ngx.ERR, "boltz: ", raised) end
  end)
  if not started then stepper = nil end
end

-- False also when nginx has dropped the timer, as it does when too many run.
local function is_stepped()
  return stepper ~= nil and (stepper.bell ~= nil or core.now() - stepper.stepped < SILENCE)
end

local function call_stepper(engine)
  if not is_stepped() then
    start_stepper()
  elseif stepper.bell and stepper.bell:count() < 0 then
    stepper.bell:post()
  end
  if stepper and stepper.watcher then stepper.watcher:watch(engine) end
end

return {
  yields = true,

  wait = function(engine, waiter)
    local sleeper = { waiter = waiter, bell = semaphore.new() }
    join(engine, sleeper)
    call_stepper(engine)
    while not waiter:is_over() do
      local alone = not is_stepped()
      -- Below a millisecond it would return at once, and nginx not go on.
      sleeper.bell:wait(math.max(PAUSE, math.min(waiter:left(), alone and PAUSE or SILENCE)))
      sleeper.is_woken = nil
      if alone and engine:step() > 0 then wake_ready(sleepers_of[engine]) end
    end
    leave(engine, sleeper)
  end,

  cannot_wait = function()
    local phase = ngx.get_phase()
    if CAN_WAIT[phase] then return nil end
    return ("nothing can wait in nginx's phase '%s': make the call in a timer (ngx.timer.at), or "
      .. [[by a client with the option loop = "blocking", which stops the worker meanwhile]])
      :format(phase)
  end,
}
