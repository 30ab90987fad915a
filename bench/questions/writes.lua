-- SPDX-License-Identifier: MIT

local compare = require "bench.harness.compare"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"

local LATENCY = 50 -- milliseconds
local CONCURRENCY = 32 -- also in the candidates

local function run(bench)
  local count = bench.quick and 1000 or 1000
  local list, by_id = sample.run {
    task = "writes",
    url = server.start():limits(LATENCY),
    count = count,
    rounds = bench.quick and 1 or 7,
    candidates = { "boltz_54", "typescript", not bench.quick and "boltz_luajit" or nil },
  }
  local ideal = { wall = LATENCY * 1000 / CONCURRENCY }
  ideal.cpu = ideal.wall
  compare.table(bench, {
    title = ("%d spending limits at 50 ms latency, 32 at a time; times of all"):format(count),
    list = list,
    unit = "ms",
    scale = count / 1000,
    baseline = ideal,
    against = "ideal",
  })
  bench.note(("ideal: %d / 32 x 50 ms; nothing is warmed up, so connecting is part of it")
    :format(count))
  bench.at_most("4 spending limits, wall, x 1,000/32 x 50 ms, Lua 5.4", 1.15,
    compare.ratio(by_id.boltz_54, ideal, "wall"))
  bench.at_most("4 spending limits, peak memory, x TypeScript's, Lua 5.4", 0.1,
    compare.ratio(by_id.boltz_54, by_id.typescript, "rss"))
end

return { title = "4. Many calls at once", run = run }
