-- SPDX-License-Identifier: MIT
-- Candidates side by side: a table of what sample.run has given, and ratios.

local report = require "bench.harness.report"

local compare = {}

local NOISY = 0.15 -- of the median: as much as most limits leave

--- How many times as much; nil where one of them was not measured.
function compare.ratio(figures, baseline, name)
  if not figures or not baseline then return nil end
  return figures[name] / baseline[name]
end

--- Whether the samples of one of them lie so far apart that a ratio of medians says little.
function compare.is_noisy(...)
  for i = 1, select("#", ...) do
    local figures = select(i, ...)
    if figures and figures.spread and figures.spread > NOISY then return true end
  end
  return false
end

--- Reports a ratio that has an upper limit, or with `at_least` a lower one.
-- @tparam table bench
-- @tparam table given text, limit, figures, baseline, name of the figure, at_least
function compare.wanted(bench, given)
  local judge = given.at_least and bench.at_least or bench.at_most
  judge(given.text, given.limit, compare.ratio(given.figures, given.baseline, given.name), nil,
    compare.is_noisy(given.figures, given.baseline))
end

-- The result that a candidate is compared with: one for all, or one for each Lua.
local function baseline_of(baseline, candidate)
  if type(baseline) ~= "function" then return baseline end
  return baseline(candidate)
end

--- Says below a table what a layer costs over the one below it, in wall and in processor time.
-- @tparam table bench
-- @tparam table given figures, name, baseline, against (its name)
function compare.note_cost(bench, given)
  local figures, baseline = given.figures, given.baseline
  if not figures or not baseline then return end
  bench.note(("%s costs over %s: wall %.2f x (%+.1f us), CPU %.2f x (%+.1f us)%s"):format(
    given.name, given.against, compare.ratio(figures, baseline, "wall"),
    figures.wall - baseline.wall, compare.ratio(figures, baseline, "cpu"),
    figures.cpu - baseline.cpu, compare.is_noisy(figures, baseline) and ", but noisy" or ""))
end

local function times(value)
  return value and ("%.2f"):format(value)
end

local function row(entry, given, name)
  local figures = entry.figures
  if not figures then return { name, entry.missing } end
  local baseline = baseline_of(given.baseline, entry.candidate)
  local scale = given.scale or 1
  return {
    name,
    report.number(figures.wall * scale),
    report.number(figures.least * scale),
    times(compare.ratio(figures, baseline, "wall")),
    ("%.0f %%"):format(figures.spread * 100),
    report.number(figures.cpu * scale),
    times(compare.ratio(figures, baseline, "cpu")),
    report.number(figures.rss / 1024),
  }
end

--- Prints them. "least" is the smallest wall time of all rounds, which disturbances have hit least;
-- "spread" is how far the middle half of them lies apart.
-- @tparam table bench
-- @tparam table given
--   title, list  of sample.run
--   unit         of the times; "us"
--   scale        from microseconds an operation to that unit
--   baseline     figures, or function(candidate) -> figures
--   against      its name
--   names        of tasks other than the first, by task: put after the candidate's name
function compare.table(bench, given)
  local unit, rows = given.unit or "us", {}
  for i, entry in ipairs(given.list) do
    local way = given.names and given.names[entry.task]
    rows[i] = row(entry, given, entry.candidate.name .. (way and ", " .. way or ""))
  end
  bench.table {
    title = given.title,
    columns = { "", "wall " .. unit, "least", "x " .. given.against, "spread", "CPU " .. unit,
      "x " .. given.against, "peak MiB" },
    rows = rows,
  }
end

return compare
