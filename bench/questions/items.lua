-- SPDX-License-Identifier: MIT

local compare = require "bench.harness.compare"
local report = require "bench.harness.report"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"

local PAGE = 100

local function row(entry)
  local figures = entry.figures
  if not figures then return { entry.candidate.name, entry.missing } end
  return {
    entry.candidate.name,
    report.number(figures.wall),
    report.number(figures.early),
    report.number(figures.late),
    ("%.3f"):format(figures.late / figures.early),
    report.number(figures.before / 1024),
    report.number(figures.after / 1024),
    report.number(figures.rss / 1024),
  }
end

local function run(bench)
  local count = bench.quick and 100000 or 1000000
  local list, by_id = sample.run {
    task = "items",
    url = server.start():lists(0, count / PAGE),
    count = count,
    rounds = bench.quick and 1 or 3,
    candidates = { "boltz_54", "boltz_luajit" },
  }
  local rows = {}
  for i, entry in ipairs(list) do rows[i] = row(entry) end
  bench.table {
    title = ("%d items through a pager: times of an item, and memory"):format(count),
    columns = { "", "wall us", "CPU us, first tenth", "last tenth", "x first", "MiB after 1,000",
      "MiB at the end", "peak MiB" },
    rows = rows,
  }
  for _, lua in ipairs { { "54", "Lua 5.4" }, { "luajit", "LuaJIT" } } do
    local figures, name = by_id["boltz_" .. lua[1]], lua[2]
    bench.at_most(("5 items, memory after the first 1,000 grows by, %s"):format(name), 2,
      figures and (figures.after - figures.before) / 1024, "MiB")
    bench.at_most(("5 items, peak memory, %s"):format(name), 20, figures and figures.rss / 1024,
      "MiB")
    bench.at_most(("5 items, CPU of the last tenth, x the first, %s"):format(name), 1.1,
      figures and compare.ratio({ cpu = figures.late }, { cpu = figures.early }, "cpu"))
  end
end

return { title = "5. A million items", run = run }
