-- SPDX-License-Identifier: MIT
-- Many calls at once: `map` and `gather`.

local Ending = require "boltz.concurrent.ending"
local caller = require "boltz.check.caller"
local changes = require "boltz.wait.changes"
local core = require "boltz.core"
local errors = require "boltz.request.errors"
local items = require "boltz.concurrent.items"
local message = require "boltz.check.message"
local names = require "boltz.check.names"
local schema = require "boltz.check.schema"
local tables = require "boltz.tables"
local task = require "boltz.wait.task"

local concurrent = {}

local FOR_GATHER = { concurrency = { type = "integer", min = 1 } }
local FOR_MAP = { concurrency = FOR_GATHER.concurrency, ordered = { type = "boolean" } }
local DEFAULT_CONCURRENCY = 8

-- In order, how many results may wait for an earlier one, as a multiple of the concurrency: one
-- slow call shall not stop the others at once.
local WINDOW = 2

local Map = tables.merge(Ending, { __name = "boltz.map" })
Map.__index = Map

local function check_options(callee, fields, options)
  if options == nil then return {} end
  if type(options) ~= "table" then
    return nil, message.of("parameter", callee,
      { path = "options", expected = "a table", got = message.describe_table(options) })
  end
  local checked, mistake = schema.check_fields(fields, options)
  if not checked then return nil, message.of("option", callee, mistake) end
  return checked
end

local function has_room(waiter) return waiter.map:_has_room() end

-- Takes items from the source, as there is room for them, and starts a task for each.
function Map:_produce()
  local count = 0
  repeat
    task.wait { condition = has_room, map = self }
    local item = self._next_item()
    if item ~= nil then
      count = count + 1
      local place = count
      self._busy = self._busy + 1
      table.insert(self._tasks, task.new(function() self:_perform(place, item) end))
    end
  until item == nil
end

function Map:_has_room()
  return self._busy + self._waiting < self._concurrency
    or (self._ordered and self._busy < self._concurrency
      and self._busy + self._waiting < WINDOW * self._concurrency)
end

function Map:_perform(place, item)
  local results = self:_call(item)
  self._busy = self._busy - 1
  if not results[1] then return self:_fail(results[2]) end
  results[1] = item
  local current = task.current()
  results.changes = current and current.changes
  self._waiting = self._waiting + 1
  if not self._ordered then
    self._last = self._last + 1
    place = self._last
  end
  self._results[place] = results
end

function Map:_is_finished()
  return self._producer.done and self._busy == 0 and self._waiting == 0
end

-- Drops the tasks that are done.
function Map:_tidy()
  local left = {}
  for _, each in ipairs(self._tasks) do
    if not each.done then left[#left + 1] = each end
  end
  self._tasks = left
end

--- What `for` calls: an item, and what the function returned for it. Raises what the function
-- raises, and the error of the source, that after all results.
function Map:__call()
  if self._closed then return nil end
  self:_tidy()
  task.run(self._tasks, self._has_news, self._cancel)
  if self._closed then return nil end
  if self._raised then self:_raise() end
  local results = self._results[self._place]
  if not results then
    self:close()
    local outcome = self._producer.results
    if outcome and not outcome[1] then errors.raise_again(outcome[2]) end
    return nil
  end
  self._results[self._place] = nil
  self._place = self._place + 1
  self._waiting = self._waiting - 1
  changes.note(task.current(), results.changes)
  task.advance(self._tasks) -- what there is room for now begins before the caller goes to work
  return tables.unpack(results, 1, results.n)
end

--- Ends the calls that are under way. Since Lua 5.4 a `for` that is left does this by itself.
function Map:close()
  if getmetatable(self) ~= Map then caller.raise(names.no_colon "map:close") end
  self:_leave()
end

Map.__close = Map.close

function Map:__tostring()
  return ("boltz.map (%d under way, %d waiting to be taken)"):format(self._busy, self._waiting)
end

--- Calls a function for each item, several at once.
--
--     for workspace, limit, err in boltz.map(client.workspaces:list(), function(workspace)
--       return client.workspaces:retrieve_spending_limit(workspace.id)
--     end, { concurrency = 32 }) do ... end
--
-- A limit that is nil has failed, and err says why; boltz.null says that there is none.
--
-- @tparam function|table source an iterator, such as a pager, or a list; nil ends it
-- @tparam function fn function(item) -> results
-- @tparam[opt] table options `concurrency`, how many calls at once (8); `ordered`, results come in
--   the order of the items and not as they are there (false)
-- @return what a generic `for` takes; each round has the item and the function's results. What the
--   function raises is raised, and no other call begins; an error of the source is raised at the
--   end.
function concurrent.map(source, fn, options)
  local checked, mistake = check_options("boltz.map", FOR_MAP, options)
  local next_item, got = items.of(source)
  if not next_item then
    mistake = message.of("parameter", "boltz.map",
      { path = "source", expected = "an iterator or a list", got = got })
  elseif items.no_function(fn) then
    mistake = message.of("parameter", "boltz.map",
      { path = "fn", expected = "a function", got = items.no_function(fn) })
  end
  mistake = names.colon(source, "map", concurrent.map) or mistake
  if mistake then caller.raise(mistake) end
  local self = setmetatable({
    _next_item = next_item,
    _fn = fn,
    _concurrency = checked.concurrency or DEFAULT_CONCURRENCY,
    _ordered = checked.ordered,
    _busy = 0, -- tasks that have not ended
    _results = {}, -- that wait to be taken, by place
    _waiting = 0, -- their number
    _place = 1, -- of the result to be taken next
    _last = 0, -- place that was given last, when they come as they are there
  }, Map)
  -- Made here: nginx clears the locals of a thread that it ends, and waiters outlive that.
  self._has_news = function()
    return self._closed or self._raised or self._results[self._place] ~= nil
      or self:_is_finished()
  end
  self._cancel = function(_, kept) self:_leave(kept) end
  changes.note_map(task.current(), self)
  self._producer = task.new(function() self:_produce() end)
  self._tasks = { self._producer }
  return self, nil, nil, self
end

--- Calls several functions at once and waits for all.
-- @tparam table functions a list
-- @tparam[opt] table options `concurrency`, how many at once (8)
-- @treturn table the first result of each, under its position
-- @treturn nil|table the errors under their positions, each a second result; nil if there are none.
--   What a function raises is raised.
function concurrent.gather(functions, options)
  local _, mistake = check_options("boltz.gather", FOR_GATHER, options)
  local wrong = items.no_functions(functions)
  if wrong then mistake = message.of("parameter", "boltz.gather", wrong) end
  mistake = names.colon(functions, "gather", concurrent.gather) or mistake
  if mistake then caller.raise(mistake) end
  local i = 0
  local function positions()
    i = i + 1
    return functions[i] and i
  end
  local results, failures = core.array {}, nil
  local function call(position) return caller.runs(functions[position])() end
  for position, result, err in concurrent.map(positions, call, options) do
    results[position] = result
    if err ~= nil then
      failures = failures or {}
      failures[position] = err
    end
  end
  return results, failures
end

return concurrent
