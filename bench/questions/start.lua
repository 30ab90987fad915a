-- SPDX-License-Identifier: MIT

local build = require "bench.harness.build"
local cores = require "bench.harness.cores"
local compare = require "bench.harness.compare"
local report = require "bench.harness.report"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"
local texts = require "bench.harness.texts"

local EACH = 5 -- processes a sample

-- With this tree's modules on LuaJIT too; the driver's own environment has them for 5.4. Without a
-- shell in between, which would be measured.
local function command_of(words, for_luajit)
  local modules = os.getenv("LUA_CPATH")
  if for_luajit then modules = modules:gsub("build/5%.4/", "build/luajit/") end
  local launch = cores.pin(("%s/launch %d 1 %s"):format(build.folder, EACH, words))
  return ("LUA_CPATH='%s' %s"):format(modules, launch)
end

local function run(bench)
  local url, id = server.start():static(), texts.id(1)
  local once = ("bench/candidates/once.lua %s %s"):format(url, id)
  local kinds = {
    { "lua5.4, nothing", command_of "lua5.4 -e ''" },
    { "lua5.4, require \"boltz\"", command_of [[lua5.4 -e 'require "boltz"']] },
    { "luajit, nothing", command_of("luajit -e ''", true) },
    { "luajit, require \"boltz\"", command_of([[luajit -e 'require "boltz"']], true) },
    { "curl command, one retrieve", command_of(("curl --silent --fail --compressed"
      .. " -H 'Accept: application/json' -H 'x-api-key: sk_bc_admin_test_bench0000000000000000'"
      .. " '%s/compute/v1/admin/workspaces/%s'"):format(url, id)) },
    { "lua5.4, script with one retrieve", command_of("lua5.4 " .. once) },
    { "luajit, script with one retrieve", command_of("luajit " .. once, true) },
  }
  local commands, rows = {}, {}
  for i, kind in ipairs(kinds) do commands[i] = kind[2] end
  local seen = sample.commands(commands, bench.quick and 6 or 40)
  for i, kind in ipairs(kinds) do
    local figures = seen[i]
    rows[i] = { kind[1], report.number(figures.wall / 1000),
      ("%.0f %%"):format(figures.spread * 100), report.number(figures.cpu / 1000),
      report.number(figures.rss / 1024) }
  end
  bench.table {
    title = "A process from its start to its end",
    columns = { "", "wall ms", "spread", "CPU ms", "peak MiB" },
    rows = rows,
  }
  bench.at_most("6 require \"boltz\" adds, Lua 5.4", 10, (seen[2].wall - seen[1].wall) / 1000, "ms",
    compare.is_noisy(seen[1], seen[2]))
  bench.at_most("6 script with one retrieve, wall, x curl command, Lua 5.4", 1.5,
    seen[6].wall / seen[5].wall, nil, compare.is_noisy(seen[5], seen[6]))
end

return { title = "6. Start", run = run }
