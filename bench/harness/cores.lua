-- SPDX-License-Identifier: MIT
-- Which processor does what. Left to the scheduler, a candidate and the server share a core in one
-- sample, where an answer needs no processor to wake up, and not in the next: that moves the time
-- of a round trip from 23 to 97 us and the ratio of two candidates from 1.0 to 4.2 (medians of 5
-- rounds of 1,000 calls). So the server has a core, and candidates have another.

local shell = require "bench.harness.shell"

local cores = {}

-- The first and the last that we may use, from a list such as "0-3,7".
local function allowed()
  local list = (shell.read("/proc/self/status") or ""):match("Cpus_allowed_list:%s*(%S+)") or "0"
  return tonumber(list:match("^%d+")), tonumber(list:match("%d+$"))
end

local first, last = allowed()
local can_pin = first ~= last and select(2, shell.run("command -v taskset >/dev/null"))

--- Runs a command on the core of the candidates, or with `together` on the server's.
function cores.pin(command, together)
  if not can_pin then return command end
  return ("taskset -c %d %s"):format(together and first or last, command)
end

--- The line of nginx.conf that gives the server its core.
function cores.directive()
  if not can_pin then return "" end
  return ("worker_cpu_affinity 1%s;"):format(("0"):rep(first))
end

function cores.describe()
  if not can_pin then return "nothing is bound to a core: ratios can be anything" end
  return ("server on core %d, candidates on core %d, the TypeScript SDK on any"):format(first, last)
end

-- Ticks of all processors since the machine started: all, and those that were not idle.
local function machine_ticks()
  local total, idle, place = 0, 0, 0
  for figure in shell.read("/proc/stat"):match("^cpu (.-)\n"):gmatch("%d+") do
    place = place + 1
    if place <= 8 then total = total + tonumber(figure) end -- after these, guests count twice
    if place == 4 or place == 5 then idle = idle + tonumber(figure) end
  end
  return total, total - idle
end

-- Ticks of this process and of all its children that have ended.
local function own_ticks()
  local sum = 0
  local fields = shell.read("/proc/self/stat"):match("^%d+ %b() %S " .. ("%S+ "):rep(10)
    .. "(%d+ %d+ %d+ %d+)")
  for figure in fields:gmatch("%d+") do sum = sum + tonumber(figure) end
  return sum
end

--- Begins to watch who else uses the processors, which no pinning keeps away.
-- @treturn function() -> how much of all of them others have used since, in percent; to be called
--   when the servers have ended too, since what runs still is not counted as ours
function cores.watch()
  local total, busy = machine_ticks()
  local own = own_ticks()
  return function()
    local total_now, busy_now = machine_ticks()
    local others = busy_now - busy - (own_ticks() - own)
    return 100 * math.max(0, others) / math.max(1, total_now - total)
  end
end

return cores
