-- SPDX-License-Identifier: MIT
-- Measures, and says what holds: `make bench`, or at the top of the tree
--
--   tools/lua 5.4 bench/run.lua [--quick] [QUESTION...]
--
-- Each question is a file of bench/questions that returns
--
--   { title = "One workspace is retrieved", run = function(bench) ... end }
--
-- and reports through what it is given (bench/harness/report.lua):
--
--   bench.quick                                   boolean: few rounds and small counts are enough
--   bench.table { title =, columns =, rows = }    prints at once; rows are lists of cells, nil none
--   bench.note(text)                              a line below a table
--   bench.wanted(text, limit, seen, holds, noisy) texts for the summary at the end, and a boolean;
--                                                 nil where it could not be measured. `noisy` adds
--                                                 that the samples lay too far apart to rely on it
--   bench.at_most(text, limit, seen, unit, noisy)   the same for a number that has an upper limit,
--   bench.at_least(text, limit, seen, unit, noisy)  or a lower one; `seen` may be nil
--
-- What falls short is a finding, not a failure: the exit status is 1 only when a question could not
-- be answered, for instance because a candidate got a wrong answer.

package.path = "./?.lua;" .. package.path

local build = require "bench.harness.build"
local core = require "boltz.core"
local cores = require "bench.harness.cores"
local machine = require "bench.harness.machine"
local nginx = require "support.nginx"
local report = require "bench.harness.report"

local QUESTIONS = {
  "retrieve", "pages", "latency", "writes", "items", "start", "openresty", "connections", "tls",
}

local function exists(name)
  local file = io.open("bench/questions/" .. name .. ".lua")
  if file then file:close() end
  return file ~= nil
end

local function parse(arguments)
  local quick, chosen = false, {}
  for _, word in ipairs(arguments) do
    if word == "--quick" then
      quick = true
    elseif exists(word) then
      chosen[#chosen + 1] = word
    else
      error(("there is no question '%s', only: %s"):format(word, table.concat(QUESTIONS, " ")), 0)
    end
  end
  return quick, chosen[1] and chosen or QUESTIONS
end

-- Says whether it could be answered.
local function ask(name, bench)
  local others, started, module = cores.watch(), core.now(), machine.fingerprint()
  local done, problem = xpcall(function()
    local question = require("bench.questions." .. name)
    bench.heading(question.title)
    question.run(bench)
  end, debug.traceback)
  nginx.stop_all()
  bench.finish(core.now() - started, others())
  if machine.fingerprint() ~= module then bench.mixed() end
  if not done then io.stderr:write(("%s: %s\n"):format(name, problem)) end
  return done
end

if not exists(QUESTIONS[1]) then error("bench/run.lua is run at the top of the tree", 0) end
local quick, chosen = parse(arg)
local missing = nginx.missing()
if missing then error("nothing can be measured: " .. missing, 0) end
build.programs()
print(machine.describe())
local bench, answered = report.new(quick), true
for _, name in ipairs(chosen) do
  if exists(name) then answered = ask(name, bench) and answered end
end
bench.summary()
os.exit(answered, true)
