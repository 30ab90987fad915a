-- SPDX-License-Identifier: MIT
-- This module with everything at its defaults: boltz.lua TASK BASE_URL COUNT

local boltz = require "boltz"
local core = require "boltz.core"

-- Its clock is the core's: loading luasocket would add to the memory that is measured.
local measure = dofile(arg[0]:match("^.*/") .. "measure.lua")(core.now)

local ID = "ws_0000000000000001"
local KEY = "sk_bc_admin_test_bench0000000000000000"
local PAGE, PAGES = 100, 200
local WORK = 0.05 -- seconds a page

local function workspaces(url)
  local ca_file = os.getenv "BENCH_CA_FILE"
  return boltz.new{ api_key = KEY, base_url = url, ca_file = ca_file }.workspaces
end

local function need(holds, otherwise)
  if not holds then error(otherwise, 0) end
end

-- Computing, as far as others can see.
local function be_busy(seconds)
  local ends = core.now() + seconds
  repeat until core.now() >= ends
end

local tasks = {}

function tasks.retrieve(url, count)
  local resource = workspaces(url)
  return measure.repeated(count, function()
    local workspace = assert(resource:retrieve(ID))
    need(workspace.id == ID, "the answer has another id")
  end)
end

function tasks.page(url, count)
  local resource = workspaces(url)
  return measure.repeated(count, function()
    local page = resource:list(nil, { prefetch = false }):pages()()
    need(#page.data == PAGE, "the page has not 100 items")
  end)
end

local function count_items(resource)
  local count = 0
  for _ in resource:list() do count = count + 1 end
  return count
end

local function count_by_pages(resource)
  local count = 0
  for page in resource:list():pages() do count = count + #page.data end
  return count
end

local function reads_all(count_all)
  return function(url, count)
    local resource = workspaces(url)
    return measure.repeated(count, function()
      need(count_all(resource) == PAGES * PAGE, "the pages have not 20,000 items")
    end)
  end
end

tasks.pages = reads_all(count_items)
tasks.pages_whole = reads_all(count_by_pages)

-- COUNT pages, with work on each item, or on each page.
function tasks.latency(url, count)
  local resource, items = workspaces(url), 0
  local figures = measure.once(count, function()
    for _ in resource:list() do
      items = items + 1
      be_busy(WORK / PAGE)
    end
  end)
  need(items == count * PAGE, "not all items came")
  return figures
end

function tasks.latency_whole(url, count)
  local resource, items = workspaces(url), 0
  local figures = measure.once(count, function()
    for page in resource:list():pages() do
      items = items + #page.data
      be_busy(WORK)
    end
  end)
  need(items == count * PAGE, "not all items came")
  return figures
end

function tasks.writes(url, count)
  local resource, amounts = workspaces(url), {}
  for i = 1, count do amounts[i] = i end
  local sum = 0
  local figures = measure.once(count, function()
    for amount, set, err in boltz.map(amounts, function(amount)
      local id = ("ws_%016d"):format(amount)
      return resource:set_spending_limit(id, { limit = { amount = amount } })
    end, { concurrency = 32 }) do
      need(set and set.limit.amount == amount, err or "another amount was set")
      sum = sum + 1
    end
  end)
  need(sum == count, "not all limits were set")
  return figures
end

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

-- COUNT items, in two hundred windows after the first thousand: processor time an item in the first
-- and in the last twenty of them, and the resident size before and after.
local FIRST, WINDOWS, EDGE = 1000, 200, 20

-- Calls back after the first thousand items, and after each window with its number.
local function visit(resource, size, callback)
  local items = 0
  for _ in resource:list() do
    items = items + 1
    if items >= FIRST and (items - FIRST) % size == 0 then callback((items - FIRST) / size) end
  end
  return items
end

function tasks.items(url, count)
  local size = math.floor((count - FIRST) / WINDOWS)
  local early, late, before, started = {}, {}, nil, nil
  local figures = measure.once(count, function()
    local items = visit(workspaces(url), size, function(window)
      local clock = os.clock()
      local cost = started and (clock - started) / size * 1e6
      if window == 0 then before = measure.memory "VmRSS" end
      if window >= 1 and window <= EDGE then early[#early + 1] = cost end
      if window > WINDOWS - EDGE and window <= WINDOWS then late[#late + 1] = cost end
      started = os.clock()
    end)
    need(items == count, "not all items came")
  end)
  figures.before, figures.after = before, measure.memory "VmRSS"
  figures.early, figures.late = median(early), median(late)
  return figures
end

measure.main(tasks)
