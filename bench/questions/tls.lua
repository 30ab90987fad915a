-- SPDX-License-Identifier: MIT
-- What people do: HTTPS on one kept-alive connection of HTTP/1.1. Ours, with everything on, is
-- compared with what a user would write by hand on the same Lua: luasocket, luasec and lua-cjson,
-- with no retries, no deadline, no checks of arguments and no errors that say what happened.

local certificates = require "support.certificates"
local compare = require "bench.harness.compare"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"

local LIMIT = 1.15 -- x by hand
local LUAS = { { "54", "Lua 5.4" }, { "luajit", "LuaJIT" } }

local CANDIDATES = {
  "luasec_54", "luasec_luajit", "libcurl", "decode_54", "decode_luajit", "boltz_54",
  "boltz_luajit", "typescript",
}

local TASKS = {
  { task = "retrieve", name = "retrieve", title = "One retrieve over TLS (223 bytes)",
    quick = 400, count = 2000 },
  { task = "page", name = "one page", title = "One page over TLS, without prefetch (22.5 KB)",
    quick = 200, count = 1000 },
}

-- By hand on the Lua that the candidate runs; for those without, on 5.4.
local function by_hand(by_id)
  return function(candidate)
    return by_id[candidate.id:find("luajit") and "luasec_luajit" or "luasec_54"]
  end
end

-- Each sample is a process, which must have kept its connection for all its requests. One
-- connection each, but for the TypeScript SDK: Node.js opens a second one and keeps both.
local function check_kept_alive(bench, list, connections)
  local samples = 0
  for _, entry in ipairs(list) do
    samples = samples + (entry.figures and entry.figures.samples or 0)
  end
  local seen = ("%d samples had %d connections"):format(samples, connections)
  if connections > 2 * samples then error(seen .. ": not all kept theirs alive", 0) end
  bench.note(seen)
end

local function measure(bench, https, ca_file, of)
  local before = https:connections()
  local list, by_id = sample.run {
    task = of.task,
    url = https:static(),
    ca_file = ca_file,
    count = bench.quick and of.quick or of.count,
    rounds = bench.quick and 3 or 11,
    candidates = CANDIDATES,
  }
  compare.table(bench, { title = of.title, list = list, baseline = by_hand(by_id),
    against = "by hand" })
  check_kept_alive(bench, list, https:connections() - before - 1)
  for _, lua in ipairs(LUAS) do
    compare.wanted(bench, { text = ("9 %s over TLS, wall, x by hand, %s"):format(of.name, lua[2]),
      limit = LIMIT, figures = by_id["boltz_" .. lua[1]], baseline = by_id["luasec_" .. lua[1]],
      name = "wall" })
  end
end

local function run(bench)
  local set = certificates.make()
  local done, problem = xpcall(function()
    local https = server.start(set)
    for _, of in ipairs(TASKS) do measure(bench, https, set.ca_file, of) end
  end, debug.traceback)
  set:remove()
  if not done then error(problem, 0) end
  bench.note("by hand: luasocket, luasec and cjson on the same Lua, the others against Lua 5.4's")
end

return { title = "9. Over TLS", run = run }
