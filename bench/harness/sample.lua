-- SPDX-License-Identifier: MIT
-- Runs candidates in turns, so that what the machine does meanwhile hits all alike, and gives the
-- median of each figure.

local candidates = require "bench.harness.candidates"
local cores = require "bench.harness.cores"
local shell = require "bench.harness.shell"

local sample = {}

local function quantile(sorted, part)
  return sorted[math.max(1, math.ceil(part * #sorted))]
end

--- Runs one candidate once.
-- @tparam string command
-- @treturn table its figures
function sample.once(command)
  local output, succeeded = shell.run(candidates.ENVIRONMENT .. command)
  local figures = {}
  for name, figure in output:gmatch("([%w_]+)=([%d.]+)") do figures[name] = tonumber(figure) end
  if not succeeded or not figures.wall then error(("failed: %s\n%s"):format(command, output), 0) end
  return figures
end

-- The medians of all figures, the least wall time, how far the middle half of them lies apart, and
-- the number of samples.
local function condense(rounds)
  local result = { samples = #rounds }
  for name in pairs(rounds[1]) do
    local list = {}
    for i, figures in ipairs(rounds) do list[i] = figures[name] end
    table.sort(list)
    result[name] = quantile(list, 0.5)
    if name == "wall" then
      result.least = list[1]
      result.spread = (quantile(list, 0.75) - quantile(list, 0.25)) / result.wall
    end
  end
  return result
end

--- Runs commands in turns, forwards and backwards.
-- @tparam {string,...} commands
-- @tparam integer rounds
-- @tparam[opt] table slow by position: true for those that sit out each third round
-- @treturn {table,...} the medians of each
function sample.commands(commands, rounds, slow)
  local seen = {}
  for i = 1, #commands do seen[i] = {} end
  for round = 1, rounds do
    for step = 1, #commands do
      local i = round % 2 == 1 and step or #commands + 1 - step
      if not (slow and slow[i] and round % 3 == 0) then
        table.insert(seen[i], sample.once(commands[i]))
      end
    end
  end
  for i = 1, #commands do seen[i] = condense(seen[i]) end
  return seen
end

local known = {} -- of candidates: why they are missing, or false

local function why_missing(candidate)
  if known[candidate] == nil then known[candidate] = candidate.missing() or false end
  return known[candidate] or nil
end

--- Has candidates do a task.
-- @tparam table given task, url, count, rounds, and candidates: a list of ids, or of {id, task}
--   where a candidate does the task in another way; together = true, on the server's core;
--   ca_file, the authority to trust where the url is one of https
-- @treturn table a list of {candidate, task, figures}, where instead of figures `missing` says why
--   there are none; and the figures by id, or by "id task" of those with another task
function sample.run(given)
  local list, commands, slow, places, results = {}, {}, {}, {}, {}
  for i, entry in ipairs(given.candidates) do
    local id, task = entry, given.task
    if type(entry) == "table" then id, task = entry[1], entry[2] end
    local candidate = candidates[id]
    list[i] = { candidate = candidate, task = task, missing = why_missing(candidate) }
    if not list[i].missing then
      local command = candidate.command(task, given.url, given.count)
      if not candidate.threads then command = cores.pin(command, given.together) end
      if given.ca_file then command = candidates.trusting(given.ca_file) .. command end
      commands[#commands + 1] = command
      slow[#commands] = candidate.slow
      places[#commands] = list[i]
    end
  end
  for i, figures in ipairs(sample.commands(commands, given.rounds, slow)) do
    local entry = places[i]
    entry.figures = figures
    results[entry.task == given.task and entry.candidate.id
      or entry.candidate.id .. " " .. entry.task] = figures
  end
  return list, results
end

return sample
