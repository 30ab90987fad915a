-- SPDX-License-Identifier: MIT

local compare = require "bench.harness.compare"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"

local CANDIDATES = {
  "socket", "libcurl", "decode_54", "decode_luajit", "boltz_54", "boltz_luajit", "luasocket_54",
  "luasocket_luajit", "lua_http", "typescript", "curl",
}

-- Plain libcurl is what ours stands on, but no physical limit: that is the socket.
local function note_libcurl(bench, by_id)
  compare.note_cost(bench, { name = "plain libcurl", figures = by_id.libcurl,
    against = "a C socket", baseline = by_id.socket })
end

-- On one core no processor has to be woken up for an answer: a round trip takes a fourth of the
-- time, and what a client adds to it stands out.
local function on_one_core(bench, url)
  local list, by_id = sample.run {
    task = "retrieve",
    url = url,
    count = bench.quick and 400 or 2000,
    rounds = bench.quick and 3 or 7,
    candidates = { "socket", "libcurl", "boltz_54", "boltz_luajit" },
    together = true,
  }
  compare.table(bench, {
    title = "The same with server and candidate on one core (nothing is wanted of this one)",
    list = list,
    baseline = by_id.libcurl,
    against = "libcurl",
  })
  note_libcurl(bench, by_id)
end

local function run(bench)
  local url = server.start():static()
  local list, by_id = sample.run {
    task = "retrieve",
    url = url,
    count = bench.quick and 400 or 2000,
    rounds = bench.quick and 3 or 11,
    candidates = CANDIDATES,
  }
  compare.table(bench, {
    title = "One retrieve of a workspace (223 bytes)",
    list = list,
    baseline = by_id.libcurl,
    against = "libcurl",
  })
  note_libcurl(bench, by_id)
  on_one_core(bench, url)
  for _, lua in ipairs { { "54", "Lua 5.4" }, { "luajit", "LuaJIT" } } do
    local ours, name = by_id["boltz_" .. lua[1]], lua[2]
    compare.wanted(bench, { text = "1 retrieve, wall, x libcurl, " .. name, limit = 1.10,
      figures = ours, baseline = by_id.libcurl, name = "wall" })
    compare.wanted(bench, { text = "1 retrieve, CPU, x libcurl, " .. name, limit = 1.25,
      figures = ours, baseline = by_id.libcurl, name = "cpu" })
    compare.wanted(bench, { text = "1 retrieve, TypeScript's wall, x ours, " .. name, limit = 3.5,
      figures = by_id.typescript, baseline = ours, name = "wall", at_least = true })
  end
end

return { title = "1. One call", run = run }
