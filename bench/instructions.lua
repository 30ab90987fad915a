-- SPDX-License-Identifier: MIT
-- Counts the instructions of a call under callgrind, which repeat where seconds do not, and
-- compares them with bench/instructions.txt: `make instructions`, or at the top of the tree
--
--   tools/lua 5.4 bench/instructions.lua [--write]
--
-- A count that has grown by more than 5 % is a failure; --write makes the new ones the file's. The
-- server answers late, because a call that finds its answer there without waiting is cheaper.

package.path = "./?.lua;" .. package.path

local candidates = require "bench.harness.candidates"
local nginx = require "support.nginx"
local server = require "bench.harness.server"
local shell = require "bench.harness.shell"

local FILE = "bench/instructions.txt"
local TOLERANCE = 0.05

-- A run does COUNT operations, and a quarter as many and one to warm up; of two runs the difference
-- is so many operations, and nothing else.
local TASKS = {
  { name = "retrieve", counts = { 200, 600 }, operations = 500 },
  { name = "page", counts = { 40, 120 }, operations = 100 },
}
local LUAS = { "5.4", "luajit" }

local function collected(lua, task, url, count)
  local command = ("%s BOLTZ_UNDER='valgrind --tool=callgrind --callgrind-out-file=/dev/null' "
    .. "tools/lua %s bench/candidates/boltz.lua %s %s %d 2>&1")
    :format(candidates.ENVIRONMENT, lua, task, url, count)
  local output = shell.run(command)
  return tonumber(output:match("Collected : (%d+)")) or error(command .. "\n" .. output, 0)
end

local function count(lua, task, url)
  local few = collected(lua, task.name, url, task.counts[1])
  local many = collected(lua, task.name, url, task.counts[2])
  return math.floor((many - few) / task.operations + 0.5)
end

local function read_file()
  local known = {}
  for key, figure in (shell.read(FILE) or ""):gmatch("\n(%w+ %S+) +(%d+)") do
    known[key] = tonumber(figure)
  end
  return known
end

local function write_file(lines)
  local file = assert(io.open(FILE, "w"))
  file:write("# Instructions a call in user space, counted by bench/instructions.lua\n",
    table.concat(lines, "\n"), "\n")
  file:close()
end

local function verdict(seen, known)
  if not known then return "not in the file", false end
  local growth = seen / known - 1
  local text = ("%+.1f %%"):format(growth * 100)
  if growth > TOLERANCE then return text .. ", which is too much", false end
  if growth < -TOLERANCE then return text .. ": write it down", true end
  return text, true
end

local function main(write)
  local url, known, lines, good = server.start():late(), read_file(), {}, true
  for _, task in ipairs(TASKS) do
    for _, lua in ipairs(LUAS) do
      local key = ("%s %s"):format(task.name, lua)
      local seen = count(lua, task, url)
      local text, holds = verdict(seen, known[key])
      lines[#lines + 1] = ("%-16s %8d"):format(key, seen)
      print(("%s  %s"):format(lines[#lines], text))
      good = good and holds
    end
  end
  if write then write_file(lines) end
  return good or write
end

local done, good = xpcall(main, debug.traceback, arg[1] == "--write")
nginx.stop_all()
if not done then io.stderr:write(tostring(good), "\n") end
os.exit(done and good and 0 or 1)
