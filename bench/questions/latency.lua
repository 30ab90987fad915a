-- SPDX-License-Identifier: MIT

local compare = require "bench.harness.compare"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"

local LATENCY = 50 -- milliseconds a page, and as many of work: see the candidates

local CANDIDATES = {
  { "boltz_54", "latency_whole" }, "boltz_54", { "boltz_luajit", "latency_whole" },
  "boltz_luajit", { "typescript", "latency_whole" }, "typescript",
}
local FEWER = { { "boltz_54", "latency_whole" }, "boltz_54", "typescript" }

local function run(bench)
  local pages = bench.quick and 20 or 50
  local list, by_id = sample.run {
    task = "latency",
    url = server.start():lists(LATENCY, pages),
    count = pages,
    rounds = bench.quick and 1 or 3,
    candidates = bench.quick and FEWER or CANDIDATES,
  }
  local larger = { wall = LATENCY * 1000, cpu = LATENCY * 1000 }
  compare.table(bench, {
    title = ("%d pages, 50 ms latency and 50 ms of work a page; times of a page"):format(pages),
    list = list,
    unit = "ms",
    scale = 1 / 1000,
    baseline = larger,
    against = "50 ms",
    names = { latency_whole = "work on whole pages", latency = "work on each item" },
  })
  for _, lua in ipairs { { "54", "Lua 5.4" }, { "luajit", "LuaJIT" } } do
    local id = "boltz_" .. lua[1]
    compare.wanted(bench, {
      text = "3 latency hidden, work on whole pages, x the larger, " .. lua[2],
      limit = 1.15, figures = by_id[id .. " latency_whole"], baseline = larger, name = "wall",
    })
    compare.wanted(bench, { text = "3 latency hidden, work on each item, x the larger, " .. lua[2],
      limit = 1.15, figures = by_id[id], baseline = larger, name = "wall" })
  end
end

return { title = "3. Latency that is hidden behind work", run = run }
