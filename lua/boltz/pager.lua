-- SPDX-License-Identifier: MIT
-- A list as an iterator: pages are fetched when an item of them is wanted.
--
-- All that a pager knows of where it is are the parameters of its next request. They cover the
-- whole rest of the list, so a copy of them, with the number of items to pass over, is the cursor
-- that `cursor` hands out.

local Circle = require "boltz.pager.cursor_cycle"
local core = require "boltz.core"
local schema = require "boltz.check.schema"

local Pager = { __name = "boltz.pager" }
Pager.__index = Pager

--- The description of `_skip` in a cursor: how many items at the start are passed over.
Pager.SKIP = { type = "integer", min = 0 }

local function copy(params)
  local result = {}
  for name, value in pairs(params) do result[name] = value end
  return result
end

--- Makes a pager. Nothing is requested yet.
-- @tparam table source
--   params  parameters of the first request, under their names in Lua
--   start   function(params) -> exchange of request.lua, whose value is the page
--   reject  function(response, text, message) -> nil, error, for a page that makes no sense
--   cursor  "id", "opaque", or nil to tell by the page
--   clip    optional function(params) -> params of one query, params of what follows it or nil
-- @tparam table options max_items, on_page, prefetch
function Pager.new(source, options)
  return setmetatable({
    _source = source,
    _max_items = options.max_items or math.huge,
    _on_page = options.on_page,
    _prefetch = options.prefetch ~= false,
    _next = source.params, -- nil: the list ends with the current page
    _page = {},
    _items = {}, -- of the page, in the server's order
    _count = 0, -- how many these are
    _position = 0, -- items of the page that have been taken
    _free = 0, -- up to which position there is nothing to do but to take them
    _before = 0, -- items of all pages that were taken, less _position
    _pages_taken = 0, -- as a whole
    _fetched = 0,
    _circle = Circle.new(), -- of the cursors of this list
  }, Pager)
end

-- The parameters of the request after a page and the cursor in them; nil when the page is the
-- last; nil, nil and the reason when the page makes no sense.
local function following(cursor, params, page)
  if #page.data == 0 or page.has_more ~= true then return nil end
  local name, token
  if cursor == "opaque" or (cursor == nil and page.next_page ~= nil) then
    name, token = "page", page.next_page
  elseif params.before_id ~= nil then
    name, token = "before_id", page.first_id
  else
    name, token = "after_id", page.last_id
  end
  if token == nil or token == "" then return nil end
  if type(token) ~= "string" or not core.utf8_length(token) then
    return nil, nil, "the answer is not a page: its cursor is not text"
  end
  local next_params = copy(params)
  next_params[name] = token
  next_params._skip = nil
  return next_params, token
end

-- Requests the next page; `rest` are the parameters of what follows the part of the list that one
-- query may cover.
function Pager:_start()
  local source, query, rest = self._source, self._next, nil
  if source.clip then query, rest = source.clip(query) end
  return { exchange = source.start(query), rest = rest }
end

-- Requests the next page while the script works on this one, when it has taken half of that: so who
-- stops early has caused no request.
-- A request that cannot be made is left for the time when its page is wanted.
function Pager:_look_ahead(enough)
  if self._ahead then
    if self._ahead.exchange:nudge() then self._free = self:_last() end
  elseif self._prefetch and self._next and 2 * self._position >= self._count
    and self._before + self._count < enough then
    local done, started = pcall(self._start, self)
    self._ahead = done and started or nil
  end
end

-- The last position of the page that max_items allows.
function Pager:_last()
  return math.min(self._count, self._max_items - self._before)
end

-- Up to which position `_look_ahead` would do nothing.
function Pager:_until_half()
  local last = self:_last()
  if not (self._prefetch and self._next) then return last end
  return math.min(last, math.ceil(self._count / 2) - 1)
end

-- Waits for the next page. Until it is there and makes sense the pager stays as it is, so that
-- after a failure the same request can be made again.
function Pager:_fetch_page()
  local source, params = self._source, self._next
  local started = self._ahead or self:_start()
  self._ahead, self._awaited = nil, started
  local page, err, response, text = started.exchange:finish()
  self._awaited = nil
  if err then return nil, err end
  if type(page) ~= "table" or not core.is_array(page.data) then
    return source.reject(response, text, "the answer is not a page: it has no list 'data'")
  end
  local next_params, token, nonsense = following(source.cursor, params, page)
  if core.has_nulls(page.data) then nonsense = "the answer is not a page: an item is null" end
  self._circle:add(params.page or params.before_id or params.after_id or "")
  if token and self._circle:closes_with(token) then
    nonsense = "the server repeats a cursor: the list would not end"
  end
  if nonsense then return source.reject(response, text, nonsense) end
  if not next_params then self._circle = Circle.new() end
  page.response = response
  self._page, self._page_params, self._items, self._count = page, params, page.data, #page.data
  local skip, taken = params._skip or 0, self._before + self._position
  self._position = math.min(skip, #page.data)
  self._before = taken - self._position
  if next_params and skip > #page.data then next_params._skip = skip - #page.data end
  self._next = next_params or started.rest
  self._free = self._closed and 0 or self:_until_half()
  self._fetched = self._fetched + #page.data
  if self._on_page then
    self._items = copy(self._items) -- what the script does to the page is its own affair
    self._on_page(page, self._fetched)
  end
  return page
end

-- Makes sure that an item of the page is left to take. False at the end of the list.
function Pager:_advance()
  while not self._closed and self._before + self._position < self._max_items do
    if self._position < self._count then return true end
    if not self._next then return false end
    local page, err = self:_fetch_page()
    if not page then return false, err end
  end
  return false
end

-- The next item; `enough` is how many of all will be taken at most.
function Pager:_take(enough)
  local ready, err = self:_advance()
  if not ready then return nil, err end
  self._position = self._position + 1
  local item = self._items[self._position]
  self:_look_ahead(enough)
  return item
end

--- The next item. A pager is for one coroutine at a time.
-- @return the item; nil at the end; nil and an error, after which it may be called again
function Pager:next()
  return self:_take(self._max_items)
end

--- What `for` calls: the next item. Raises the error of a request that failed.
function Pager:__call()
  local position = self._position + 1
  if position <= self._free then
    self._position = position
    return self._items[position]
  end
  local item, err = self:_take(self._max_items)
  if err then error(err, 0) end
  return item
end

-- The rest of the current page, or the next one, as far as max_items allows.
function Pager:_take_page()
  local ready, err = self:_advance()
  if not ready then return nil, err end
  local page, items, first = self._page, self._items, self._position + 1
  local count = self:_last() - self._position
  self._position = self._position + count
  self._pages_taken = self._pages_taken + 1
  -- Who has come back once may come again.
  if self._pages_taken > 1 then self:_look_ahead(self._max_items) end
  if count == self._count then
    self._items = { [count] = items[count] } -- for the cursor, and the list is the script's
    return page
  end
  local part = copy(page)
  part.data = core.array {}
  for i = 1, count do part.data[i] = items[first + i - 1] end
  return part
end

--- Iterates over pages: tables with `data`, `has_more`, the cursors as the service sent them, and
-- `response`. In a `for` it raises the error of a request that failed. The pager stays open when
-- the loop is left.
function Pager:pages()
  return function()
    local page, err = self:_take_page()
    if err then error(err, 0) end
    return page
  end
end

--- All items that are left.
-- @tparam[opt] integer max stop after so many
-- @treturn table|nil a list
-- @treturn nil|table the error
-- @treturn nil|table with an error: the items that came before it
function Pager:all(max)
  if max ~= nil and max ~= math.huge and (type(max) ~= "number" or max % 1 ~= 0) then
    error(("bad argument 'max' to 'pager:all' (expected a whole number, got %s)")
      :format(schema.describe(max)), 2)
  end
  local items = core.array {}
  local taken = self._before + self._position
  local enough = math.min(self._max_items, taken + (max or math.huge))
  while not max or #items < max do
    local item, err = self:_take(enough)
    if err then return nil, err, items end
    if item == nil then break end
    items[#items + 1] = item
  end
  return items
end

--- Parameters for `list` that continue after the last item taken, in this process or another.
-- `_skip` in them counts items at the start that are passed over; it is not sent.
-- @treturn table
function Pager:cursor()
  local items, params = self._items, self._page_params
  if not params or (self._position >= self._count and self._next) then return copy(self._next) end
  local result = copy(params)
  result._skip = nil
  local last = items[self._position]
  local id = type(last) == "table" and last.id
  if self._source.cursor == "id" and not params.before_id and type(id) == "string" and id ~= "" then
    result.after_id = id
  elseif self._position > 0 then
    result._skip = self._position
  end
  return result
end

--- Ends the iteration, and a request that is under way. Since Lua 5.4 a `for` that is left does
-- this by itself.
function Pager:close()
  self._closed, self._free = true, 0
  for _, started in pairs { self._ahead, self._awaited } do started.exchange:cancel() end
  self._ahead = nil
end

Pager.__close = Pager.close

return Pager
