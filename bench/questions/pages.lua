-- SPDX-License-Identifier: MIT

local compare = require "bench.harness.compare"
local sample = require "bench.harness.sample"
local server = require "bench.harness.server"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local PAGES = 200
local LUAS = { { "54", "Lua 5.4" }, { "luajit", "LuaJIT" } }

-- libcurl and lua-cjson decoding, on the Lua that the candidate runs; for those without, on 5.4.
local function sum_of(by_id)
  return function(candidate)
    return by_id[candidate.id:find("luajit") and "decode_luajit"
      or candidate.id == "lua_http" and "decode_luajit" or "decode_54"]
  end
end

local ONE = {
  "socket", "libcurl", "decode_54", "decode_luajit", "boltz_54", "boltz_luajit", "luasocket_54",
  "luasocket_luajit", "lua_http", "typescript",
}
local ALL = {
  "decode_54", "decode_luajit", "boltz_54", { "boltz_54", "pages_whole" }, "boltz_luajit",
  { "boltz_luajit", "pages_whole" }, "luasocket_54", "luasocket_luajit", "lua_http", "typescript",
  { "typescript", "pages_whole" },
}

-- For a quick answer, without the last: nothing is wanted of it, and it takes longest.
local function some(bench, list)
  return { unpack(list, 1, bench.quick and #list - 1 or #list) }
end

local function one_page(bench, url)
  local list, by_id = sample.run {
    task = "page",
    url = url,
    count = bench.quick and 200 or 1000,
    rounds = bench.quick and 3 or 11,
    candidates = some(bench, ONE),
  }
  compare.table(bench, {
    title = "One page without prefetch (100 workspaces, 22.5 KB)",
    list = list,
    baseline = sum_of(by_id),
    against = "the sum",
  })
  compare.note_cost(bench, { name = "plain libcurl", figures = by_id.libcurl,
    against = "a C socket", baseline = by_id.socket })
  for _, lua in ipairs(LUAS) do
    compare.wanted(bench, { text = "2 one page, wall, x (libcurl + cjson), " .. lua[2],
      limit = 1.15, figures = by_id["boltz_" .. lua[1]], baseline = by_id["decode_" .. lua[1]],
      name = "wall" })
  end
end

local function all_pages(bench, url)
  local list, by_id = sample.run {
    task = "pages",
    url = url,
    count = bench.quick and 1 or 4,
    rounds = bench.quick and 3 or 11,
    candidates = some(bench, ALL),
  }
  compare.table(bench, {
    title = "200 pages with prefetch, item by item or page by page; times of a page",
    list = list,
    scale = 1 / PAGES,
    baseline = sum_of(by_id),
    against = "the sum",
    names = { pages_whole = "whole pages" },
  })
  for _, lua in ipairs(LUAS) do
    local ours, name = by_id["boltz_" .. lua[1]], lua[2]
    local whole = by_id[("boltz_%s pages_whole"):format(lua[1])]
    local sum = by_id["decode_" .. lua[1]]
    compare.wanted(bench, { text = "2 200 pages by items, wall, x (libcurl + cjson), " .. name,
      limit = 1.0, figures = ours, baseline = sum, name = "wall" })
    compare.wanted(bench, { text = "2 200 whole pages, wall, x (libcurl + cjson), " .. name,
      limit = 1.0, figures = whole, baseline = sum, name = "wall" })
    compare.wanted(bench, { text = "2 200 pages by items, TypeScript's wall, x ours, " .. name,
      limit = 2.5, figures = by_id.typescript, baseline = ours, name = "wall", at_least = true })
  end
end

local function run(bench)
  local url = server.start():static()
  one_page(bench, url)
  all_pages(bench, url)
  bench.note("the sum: libcurl + cjson on the same Lua; it has the items but does not visit them")
end

return { title = "2. Lists", run = run }
