-- SPDX-License-Identifier: MIT
-- 7: what a call costs a worker of OpenResty. One worker answers wrk through a location that makes
-- one call; the same location with a hand-written client on nginx's own sockets is the limit.

local cores = require "bench.harness.cores"
local nginx = require "support.nginx"
local shell = require "bench.harness.shell"
local socket = require "socket"

local FOLDER = debug.getinfo(1, "S").source:match("^@(.*)questions/openresty%.lua$") .. "openresty/"
local ID = "ws_01JZ8Q0V6W3T5N9B2C4D7F1G8H"
local CANDIDATES = { "boltz", "cosocket", "nothing" }
local LOADS = { 1, 16, 64 } -- connections of wrk
local NAMES = {
  boltz = "boltz",
  cosocket = "cosocket and cjson, by hand",
  nothing = "no call",
}

local function read(name)
  return assert(shell.read(FOLDER .. name))
end

local function missing()
  local _, has_wrk = shell.run("command -v wrk >/dev/null")
  return nginx.missing() or not has_wrk and "wrk is not installed"
end

-- Puts a process that runs already where wrk is: a shell there asks for its own place.
local function move_to_wrk(pid)
  shell.run(cores.pin(("sh -c 'taskset -cp $(taskset -cp $$ | grep -o [0-9-]*$) %d'"):format(pid)))
end

-- The service and the worker in front of it, each location having been seen to answer. The worker
-- has a core to itself: what it can do is asked, and not how the three share two cores.
local function start()
  local upstream = nginx.start { configuration = read("upstream.conf") }
  local server = nginx.start {
    configuration = cores.directive() .. "\n" .. read("nginx.conf"),
    files = { ["cosocket.lua"] = read("cosocket.lua") },
    environment = {
      BOLTZ_API_KEY = "sk_bc_admin_test_0123456789",
      BOLTZ_BASE_URL = upstream.url,
      WORKSPACE_ID = ID,
    },
  }
  for _, name in ipairs(CANDIDATES) do
    local expected = ID .. " " .. (name == "nothing" and "nothing" or "lead_series")
    local answer = server:get("/" .. name)
    if answer.body ~= expected then
      error(("/%s answered %q\n%s"):format(name, answer.body, server:log()))
    end
  end
  move_to_wrk(upstream:workers()[1])
  return server, server:workers()[1]
end

-- What wrk sees through one location.
local function sample(server, worker, name, connections, seconds)
  local ticks = nginx.ticks(worker)
  local output = shell.run(cores.pin(("wrk -t1 -c%d -d%ds -s '%sreport.lua' %s/%s"):format(
    connections, seconds, FOLDER, server.url, name)))
  local requests, failed, duration, median, p99 = output:match(
    "requests=(%d+) failed=(%d+) seconds=([%d.]+) median=(%d+) p99=(%d+)")
  assert(failed == "0", output)
  return {
    rate = requests / duration,
    median = tonumber(median),
    p99 = tonumber(p99),
    cpu = (nginx.ticks(worker) - ticks) * 1e4 / requests,
  }
end

-- Of several samples, the median of each figure.
local function medians(samples)
  local result = {}
  for figure in pairs(samples[1]) do
    local values = {}
    for i, each in ipairs(samples) do values[i] = each[figure] end
    table.sort(values)
    result[figure] = values[math.ceil(#values / 2)]
  end
  return result
end

local function measure(server, worker, connections, rounds, seconds)
  local samples = {}
  for round = 1, rounds do
    for _, name in ipairs(CANDIDATES) do
      samples[name] = samples[name] or {}
      samples[name][round] = sample(server, worker, name, connections, seconds)
    end
  end
  local seen = {}
  for name, list in pairs(samples) do seen[name] = medians(list) end
  return seen
end

local function rows_of(rows, connections, seen)
  for _, name in ipairs(CANDIDATES) do
    local figures = seen[name]
    rows[#rows + 1] = {
      NAMES[name],
      ("%d"):format(connections),
      ("%.0f"):format(figures.rate),
      ("%.2f"):format(figures.rate / seen.cosocket.rate),
      ("%.0f"):format(figures.median),
      ("%.0f"):format(figures.p99),
      ("%.0f"):format(figures.cpu),
    }
  end
end

local function ticks_in(worker, seconds)
  local before = nginx.ticks(worker)
  socket.sleep(seconds)
  return nginx.ticks(worker) - before
end

-- The same while one call is under way, which takes 2 s.
local function ticks_while_waiting(server, worker)
  local before = nginx.ticks(worker)
  local answer = server:get("/slow")
  assert(answer.status == 200, answer.body)
  return nginx.ticks(worker) - before
end

local function judge(bench, seen, idle)
  for _, connections in ipairs(LOADS) do
    local here = seen[connections]
    bench.at_least(("7 OpenResty, %d at once: requests a second to a cosocket client's")
      :format(connections), 0.8, here.boltz.rate / here.cosocket.rate, "x")
  end
  local added = (seen[1].boltz.median - seen[1].cosocket.median) / 1000
  bench.wanted("7 OpenResty, one at a time: added to a cosocket client's latency", "< 1.5 ms",
    ("%.2f ms"):format(added), added < 1.5)
  bench.wanted("7 OpenResty, processor time with nothing in flight", "0 ms",
    ("%d ms"):format(idle * 10), idle == 0)
end

local function run(bench)
  local why = missing()
  if why then
    bench.table { title = "In OpenResty: left out, " .. why, columns = {}, rows = {} }
    return
  end
  local rounds, seconds, rest = 5, 2, 3 -- seconds of a sample, and of a look at the idle worker
  if bench.quick then rounds, seconds, rest = 1, 1, 1 end
  local server, worker = start()
  local rows, seen = {}, {}
  for _, connections in ipairs(LOADS) do
    seen[connections] = measure(server, worker, connections, rounds, seconds)
    rows_of(rows, connections, seen[connections])
  end
  socket.sleep(1.2) -- the stepper stays for a second
  local idle = ticks_in(worker, rest)
  local waiting = ticks_while_waiting(server, worker)
  nginx.stop_all()
  bench.table {
    title = "In OpenResty, 1 worker: a location that makes one call",
    columns = { "the call", "at once", "requests/s", "x cosocket", "median us", "p99 us",
      "worker's CPU us" },
    rows = rows,
  }
  bench.table {
    title = "In OpenResty: processor time of the worker",
    columns = { "while", "CPU ms", "in s" },
    rows = {
      { "nothing is in flight", ("%d"):format(idle * 10), ("%d"):format(rest) },
      { "one call takes 2 s", ("%d"):format(waiting * 10), "2" },
    },
  }
  judge(bench, seen, idle)
end

return { title = "7. In OpenResty", run = run }
