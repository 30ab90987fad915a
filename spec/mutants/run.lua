-- SPDX-License-Identifier: MIT
-- Puts one mutant after the other into this tree, which tools/mutants has copied, and has its spec
-- run. It is killed when a spec fails, hangs or ends the process. It is broken when it cannot tell:
-- it is not there to be put in, does not compile or load, or its spec fails or does nothing without
-- it.

local list = require "mutants.list"

-- A run hangs that takes so many seconds, and so many times what it takes without a mutant.
local HANGS, FACTOR = 60, 10
local VERDICT, LOG = "build/verdict", "build/log"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- The exit status of a command; above 128 where a signal has ended it.
local function execute(command)
  local done, how, status = os.execute(("{ %s; } >%s 2>&1"):format(command, LOG))
  if how == "signal" then return 128 + status end
  return done and 0 or status
end

-- ---- a run of a spec

-- What it came to: {passed, failed, unloaded = the name of the last, status}.
local function run(mutant, seconds)
  os.remove(VERDICT)
  local filter = mutant.filter and "--filter=" .. quoted(mutant.filter) or ""
  local status = execute(("VERDICT=%s timeout -k 5 %d tools/lua 5.4 %s --ignore-lua "
    .. "--no-keep-going --output=spec/mutants/verdict.lua %s %s"):format(VERDICT, seconds,
    quoted(os.getenv "BUSTED"), filter, quoted(mutant.spec)))
  local outcome = { status = status }
  for word, name in (read(VERDICT) or ""):gmatch("(%l+) ([^\n]*)") do
    outcome[word] = name
  end
  return outcome
end

local baselines = {} -- by spec and filter: seconds, or what is wrong

-- How long a spec takes without a mutant; or nil and why that says nothing.
local function baseline(mutant)
  local name = mutant.spec .. "\n" .. (mutant.filter or "")
  if baselines[name] then return table.unpack(baselines[name], 1, 2) end
  local began = os.time()
  local outcome = run(mutant, 10 * HANGS)
  local problem
  if outcome.failed or outcome.unloaded or outcome.status ~= 0 then
    problem = "its spec fails without it: " .. (outcome.failed or outcome.unloaded or read(LOG))
  elseif not outcome.passed then
    problem = "its spec has nothing of that name"
  end
  baselines[name] = { not problem and os.time() - began or nil, problem }
  return table.unpack(baselines[name], 1, 2)
end

-- ---- a mutant

local is_stale = false -- the core, as it was built

local function build()
  if not is_stale then return true end
  is_stale = execute "cmake --build build/5.4" ~= 0
  return not is_stale
end

-- Runs it in a tree in which it is. "killed", "survived" or "broken", and more about that.
local function judge(mutant, seconds)
  if not build() then return "broken", "it does not compile:\n" .. read(LOG) end
  if mutant.file:find "%.lua$" and not loadfile(mutant.file) then
    return "broken", select(2, loadfile(mutant.file))
  end
  local outcome = run(mutant, math.max(HANGS, FACTOR * seconds))
  if outcome.failed then return "killed", outcome.failed end
  if outcome.unloaded then return "broken", "its spec does not load: " .. outcome.unloaded end
  if outcome.status == 124 or outcome.status == 137 then return "killed", "it hangs" end
  if outcome.status > 128 then return "killed", "it ends the process" end
  if outcome.status == 0 and outcome.passed then return "survived", "" end
  return "broken", "its spec has no verdict:\n" .. read(LOG)
end

local function try(mutant)
  local original = read(mutant.file)
  if not original then return "broken", "there is no such file" end
  local text, problem = list.apply(mutant, original)
  if not text then return "broken", problem end
  if not build() then return "broken", "the core does not compile without it:\n" .. read(LOG) end
  local seconds
  seconds, problem = baseline(mutant)
  if not seconds then return "broken", problem end
  local is_in_c = mutant.file:find "%.[ch]$"
  write(mutant.file, text)
  is_stale = is_stale or is_in_c
  local verdict, about = judge(mutant, seconds)
  write(mutant.file, original)
  is_stale = is_stale or is_in_c
  return verdict, about
end

-- ---- all of them, or those that are asked for

local function is_wanted(mutant)
  if #arg == 0 then return true end
  for _, word in ipairs(arg) do
    if tonumber(word) == mutant.number then return true end
    if not tonumber(word) and mutant.file:find(word, 1, true) then return true end
  end
  return false
end

local counts, shown = { killed = 0, survived = 0, broken = 0 }, 0
io.stdout:setvbuf "line"
for _, mutant in ipairs(list.all()) do
  if is_wanted(mutant) then
    local verdict, about = try(mutant)
    counts[verdict] = counts[verdict] + 1
    shown = shown + 1
    print(("%3d %-8s %s: %s"):format(mutant.number, verdict, mutant.file, mutant.breaks))
    if verdict == "survived" then
      print(("             %s did not notice\n               %s\n             instead of\n"
        .. "               %s"):format(mutant.spec, mutant.put, mutant.find))
    else
      print("             " .. about)
    end
  end
end
if shown == 0 then print "no mutant of that number or file" end
print(("%d killed, %d survived, %d broken"):format(counts.killed, counts.survived, counts.broken))
os.exit(shown > 0 and counts.killed == shown)
