-- SPDX-License-Identifier: MIT
-- What all candidates in Lua have in common: the line of figures.
--
--   local measure = dofile(arg[0]:match("^.*/") .. "measure.lua")(now)
--   measure.main { retrieve = function(url, count) return measure.repeated(count, operation) end }
--
-- A task returns a table of figures: `wall` and `cpu` in microseconds for each operation, and
-- whatever else its question wants to know. The peak of the resident size is added.

--- @tparam function now a clock, in seconds
return function(now)
  local measure = { now = now }

  --- A figure of this process in KiB: VmRSS, the resident size, or VmHWM, its peak.
  function measure.memory(name)
    for line in io.lines("/proc/self/status") do
      local kilobytes = line:match("^" .. name .. ":%s*(%d+)")
      if kilobytes then return tonumber(kilobytes) end
    end
  end

  --- Figures of work that has `count` operations in it.
  function measure.once(count, work)
    local wall, cpu = now(), os.clock()
    work()
    wall, cpu = now() - wall, os.clock() - cpu
    return { wall = wall / count * 1e6, cpu = cpu / count * 1e6 }
  end

  --- Figures of an operation, after a quarter as many to warm up.
  function measure.repeated(count, operation)
    for _ = 1, 1 + count / 4 do operation() end
    return measure.once(count, function()
      for _ = 1, count do operation() end
    end)
  end

  --- Does what the arguments say: TASK BASE_URL COUNT.
  function measure.main(tasks)
    local task = tasks[arg[1]] or error("there is no task " .. tostring(arg[1]), 0)
    local figures = task(arg[2], assert(tonumber(arg[3]), "COUNT is not a number"))
    figures.rss = measure.memory "VmHWM"
    local words = {}
    for name, figure in pairs(figures) do words[#words + 1] = ("%s=%.3f"):format(name, figure) end
    print(table.concat(words, " "))
  end

  return measure
end
