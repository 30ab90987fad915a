-- SPDX-License-Identifier: MIT
-- What a question says: tables at once, and what was wanted at the end. See run.lua.

local report = {}

local INFINITY = math.huge

local function width(text)
  return select(2, text:gsub("[^\128-\191]", "")) -- characters of UTF-8
end

local function cells_of(row, count)
  local cells = {}
  for i = 1, count do cells[i] = row[i] == nil and "" or tostring(row[i]) end
  return cells
end

local function widths_of(lines, count)
  local widths = {}
  for i = 1, count do
    widths[i] = 0
    for _, cells in ipairs(lines) do widths[i] = math.max(widths[i], width(cells[i])) end
  end
  return widths
end

-- The first column stands left, figures stand right.
local function aligned(cells, widths)
  local parts = {}
  for i, cell in ipairs(cells) do
    local space = (" "):rep(widths[i] - width(cell))
    parts[i] = i == 1 and cell .. space or space .. cell
  end
  return "  " .. table.concat(parts, "  "):gsub("%s+$", "")
end

local function print_table(given)
  local count = #given.columns
  local lines = { cells_of(given.columns, count) }
  for _, row in ipairs(given.rows) do lines[#lines + 1] = cells_of(row, count) end
  local widths = widths_of(lines, count)
  print("\n  " .. given.title)
  for _, cells in ipairs(lines) do print(aligned(cells, widths)) end
end

--- A number with as many places as are worth reading.
function report.number(value)
  if value == nil then return nil end
  if math.abs(value) >= 100 then return ("%.0f"):format(value) end
  local places = math.abs(value) >= 10 and 1 or math.abs(value) >= 1 and 2 or 3
  return ("%." .. places .. "f"):format(value)
end

local function judge(wanted)
  if wanted.holds == nil then return "not measured" end
  return (wanted.holds and "holds" or "falls short") .. (wanted.noisy and ", but noisy" or "")
end

local function print_summary(all, most)
  local rows = {}
  for i, wanted in ipairs(all) do
    rows[i] = { wanted.text, wanted.limit, wanted.seen, judge(wanted) }
  end
  print_table {
    title = ("What is wanted (others used up to %.0f %% of the processors)"):format(most),
    columns = { "", "wanted", "seen", "" },
    rows = rows,
  }
end

--- What the questions are given.
-- @tparam boolean quick
function report.new(quick)
  local all, most, mixed = {}, 0, false
  local bench = { quick = quick, table = print_table }

  function bench.heading(title) print("\n" .. title) end

  --- A question took so long, and meanwhile others used so much of the processors, in percent.
  function bench.finish(seconds, others)
    most = math.max(most, others)
    bench.note(("%.1f s; meanwhile others used %.0f %% of the processors"):format(seconds, others))
  end

  function bench.note(text) print("  " .. text) end

  function bench.wanted(text, limit, seen, holds, noisy)
    all[#all + 1] = { text = text, limit = limit, seen = seen, holds = holds, noisy = noisy }
  end

  local function bounded(text, sign, given, low, high)
    local seen, unit = given.seen, given.unit and " " .. given.unit or ""
    bench.wanted(text, ("%s %s%s"):format(sign, report.number(given.limit), unit),
      seen and report.number(seen) .. unit, seen and seen >= low and seen <= high, given.noisy)
  end

  function bench.at_most(text, limit, seen, unit, noisy)
    local given = { limit = limit, seen = seen, unit = unit, noisy = noisy }
    bounded(text, "<=", given, -INFINITY, limit)
  end

  function bench.at_least(text, limit, seen, unit, noisy)
    local given = { limit = limit, seen = seen, unit = unit, noisy = noisy }
    bounded(text, ">=", given, limit, INFINITY)
  end

  --- The module became another while a question was asked.
  function bench.mixed()
    mixed = true
    bench.note("THE MODULE CHANGED MEANWHILE: these figures are of two versions, measure again")
  end

  function bench.summary()
    print_summary(all, most)
    if mixed then bench.note("THE MODULE CHANGED DURING SOME QUESTIONS: see above") end
  end

  return bench
end

return report
