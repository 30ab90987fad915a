-- SPDX-License-Identifier: MIT
-- Inside nginx's Lua module, which cannot watch a foreign descriptor. In each worker one thread,
-- the stepper, steps the engines by nginx's timer, and wakes requests by their semaphores when
-- what they wait for has come. It runs in an `ngx.timer`, so that no request's end is its end, and
-- notices when a request that waits is aborted.

local core = require "boltz.core"
local semaphore = require "ngx.semaphore"

local PAUSE = 0.001 -- seconds between two steps; nginx's timers count milliseconds
local ROUNDS = 20 -- steps between two looks for requests that were aborted
local IDLE = 1 -- seconds that the stepper stays when nobody waits: a new one costs a timer
local SILENCE = 0.25 -- seconds without a step after which whoever waits steps for itself

local CAN_WAIT = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true,
  preread = true, ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true,
}

-- Of this worker: who waits, by the engine; and the stepper, if one runs:
-- `stepped`, when it last was about, and `bell`, which calls it while it is idle.
local crowds = {}
local stepper

local function join(engine, waiter)
  crowds[engine] = crowds[engine] or {}
  crowds[engine][waiter] = true
end

local function leave(engine, waiter)
  local crowd = crowds[engine]
  if not crowd then return end
  crowd[waiter] = nil
  if next(crowd) == nil then crowds[engine] = nil end
end

local function wake_ready(crowd)
  for waiter in pairs(crowd) do
    if not waiter.is_woken and waiter.wait:is_over() then
      waiter.is_woken = true
      waiter.bell:post()
    end
  end
end

-- nginx ends the thread of a request whose client has gone (`lua_check_client_abort on`), and one
-- that is killed, without a word; but then nobody waits for its semaphore. `count` is what has been
-- posted less those who wait.
local function is_abandoned(waiter)
  return waiter.bell:count() >= (waiter.is_woken and 1 or 0)
end

local function give_up_aborted(engine, crowd)
  for waiter in pairs(crowd) do
    if is_abandoned(waiter) then
      leave(engine, waiter)
      waiter.wait:give_up()
    end
  end
end

local function step_all(looks_for_aborted)
  for engine, crowd in pairs(crowds) do
    if engine:step() > 0 then wake_ready(crowd) end
    if looks_for_aborted then give_up_aborted(engine, crowd) end
  end
end

-- Until nobody has waited for a while. A stepper that was held up so long that another has been
-- started goes when it notices.
local function run(self)
  local round = 0
  while stepper == self do
    self.stepped = core.now()
    if next(crowds) ~= nil then
      round = (round + 1) % ROUNDS
      step_all(round == 0)
      ngx.sleep(PAUSE)
    else
      self.bell = semaphore.new()
      local called = not ngx.worker.exiting() and self.bell:wait(IDLE)
      self.bell = nil
      if not called and next(crowds) == nil then return end
    end
  end
end

local function start_stepper()
  local self = { stepped = core.now() }
  stepper = self
  local started = ngx.timer.at(0, function()
    local done, problem = pcall(run, self)
    if stepper == self then stepper = nil end
    if not done then ngx.log(ngx.ERR, "boltz: ", problem) end
  end)
  if not started then stepper = nil end
end

-- False also when nginx has dropped the timer, as it does when too many run.
local function is_stepped()
  return stepper ~= nil and (stepper.bell ~= nil or core.now() - stepper.stepped < SILENCE)
end

local function call_stepper()
  if not is_stepped() then
    start_stepper()
  elseif stepper.bell and stepper.bell:count() < 0 then
    stepper.bell:post()
  end
end

return {
  yields = true,

  wait = function(engine, wait)
    local waiter = { wait = wait, bell = semaphore.new() }
    join(engine, waiter)
    call_stepper()
    while not wait:is_over() do
      local alone = not is_stepped()
      -- Below a millisecond it would return at once, and nginx not go on.
      waiter.bell:wait(math.max(PAUSE, math.min(wait:left(), alone and PAUSE or SILENCE)))
      waiter.is_woken = nil
      if alone and engine:step() > 0 then wake_ready(crowds[engine]) end
    end
    leave(engine, waiter)
  end,

  obstacle = function()
    local phase = ngx.get_phase()
    if CAN_WAIT[phase] then return nil end
    return ("nothing can wait in nginx's phase '%s': make the call in a timer (ngx.timer.at), or "
      .. [[by a client with the option loop = "blocking", which stops the worker meanwhile]])
      :format(phase)
  end,
}
