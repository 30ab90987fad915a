-- SPDX-License-Identifier: MIT
-- A list as an iterator: pages are fetched when an item of them is wanted.
--
-- A copy of the parameters of the current request, with the number of items to pass over, is the
-- cursor that `cursor` hands out.

local Reader = require "boltz.pager.reader"
local caller = require "boltz.check.caller"
local core = require "boltz.core"
local message = require "boltz.check.message"
local misuse = require "boltz.pager.misuse"
local tables = require "boltz.tables"

local Pager = { __name = "boltz.pager" }
Pager.__index = Pager
misuse.guard(Pager)

--- The description of `_skip` in a cursor: how many items at the start are passed over.
Pager.SKIP = { type = "integer", min = 0 }

--- Makes a pager. Nothing is requested yet.
-- @tparam table source
--   name    of the list, as tostring shows it
--   params  parameters of the first request, under their names in Lua
--   start   function(params) -> execution (request/execution.lua), whose value is the page
--   reject  function(response, text, message) -> nil, error, for a page that makes no sense
--   cursor  "id", "opaque", or nil to tell by the page
--   split   optional function(params) -> params of one query, params of what follows it or nil
--   fraction  optional function(page, params of what follows it or nil) -> how much of the list has
--           been read, from 0 to 1
-- @tparam table options max_items, on_page, prefetch
function Pager.new(source, options)
  return setmetatable({
    _name = source.name,
    _cursor_kind = source.cursor or false,
    _reader = Reader.new(source, options.prefetch ~= false),
    _max_items = options.max_items or math.huge,
    _on_page = options.on_page or false,
    _fraction = source.fraction or false,
    _closed = false,
    _page = {},
    _items = {}, -- of the page, in the server's order
    _count = 0, -- how many these are
    _position = 0, -- items of the page that have been taken
    _free = 0, -- up to which position there is nothing to do but to take them
    _before = 0, -- items of all pages that were taken, less _position
    _pages_taken = 0, -- as a whole
    _fetched = 0, -- items of all pages
    _pages_fetched = 0,
  }, Pager)
end

-- Requests the next page while the script works on this one, if items of it may be wanted.
function Pager:_look_ahead(enough)
  if self._before + self._count < enough
    and self._reader:look_ahead(self._position, self._count) then
    self._free = self:_last()
  end
end

-- The last position of the page that max_items allows.
function Pager:_last()
  return math.min(self._count, self._max_items - self._before)
end

-- Tells the script of the page that has come.
function Pager:_tell()
  local page, following = self._page, self._reader.next
  self._items = tables.merge(self._items) -- what the script does to the page is its own affair
  self._on_page(page, self._fetched, {
    pages = self._pages_fetched,
    has_more = following ~= nil and self._before + self._count < self._max_items,
    fraction = self._fraction and self._fraction(page, following) or nil,
  })
end

-- Waits for the next page, and turns to it.
function Pager:_fetch_page()
  local page, err = self._reader:read()
  if not page then return nil, err end
  local count, taken = #page.data, self._before + self._position
  self._page, self._items, self._count = page, page.data, count
  self._position = math.min(self._reader.params._skip or 0, count)
  self._before = taken - self._position
  self._free = self._closed and 0 or math.min(self:_last(), self._reader:free(count))
  self._fetched, self._pages_fetched = self._fetched + count, self._pages_fetched + 1
  if self._on_page then self:_tell() end
  return page
end

-- Makes sure that an item of the page is left to take. False at the end of the list.
function Pager:_advance()
  while not self._closed and self._before + self._position < self._max_items do
    if self._position < self._count then return true end
    if not self._reader.next then return false end
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
  if getmetatable(self) ~= Pager then caller.raise(misuse.no_colon "next") end
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
  -- A script that has come back once may come again.
  if self._pages_taken > 1 then self:_look_ahead(self._max_items) end
  if count == self._count then
    self._items = { [count] = items[count] } -- for the cursor, and the list is the script's
    return page
  end
  local part = tables.merge(page)
  part.data = core.array {}
  for i = 1, count do part.data[i] = items[first + i - 1] end
  return part
end

--- Iterates over pages: tables with `data`, `has_more`, the cursors as the service sent them, and
-- `response`. In a `for` it raises the error of a request that failed. The pager stays open when
-- the loop is left.
function Pager:pages()
  if getmetatable(self) ~= Pager then caller.raise(misuse.no_colon "pages") end
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
  if getmetatable(self) ~= Pager then caller.raise(misuse.no_colon "all") end
  if max ~= nil and max ~= math.huge and (type(max) ~= "number" or max % 1 ~= 0) then
    caller.raise(("bad argument 'max' to 'pager:all' (expected a whole number, got %s)")
      :format(message.describe(max)))
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
  if getmetatable(self) ~= Pager then caller.raise(misuse.no_colon "cursor") end
  local items, params, following = self._items, self._reader.params, self._reader.next
  if not params or (self._position >= self._count and following) then
    return tables.merge(following)
  end
  local result = tables.merge(params)
  result._skip = nil
  local last = items[self._position]
  local id = type(last) == "table" and last.id
  if self._cursor_kind == "id" and not params.before_id and type(id) == "string" and id ~= "" then
    result.after_id = id
  elseif self._position > 0 then
    result._skip = self._position
  end
  return result
end

--- Ends the iteration, and a request that is under way. Since Lua 5.4 a `for` that is left does
-- this by itself.
function Pager:close()
  if getmetatable(self) ~= Pager then caller.raise(misuse.no_colon "close") end
  self._closed, self._free = true, 0
  self._reader:cancel()
end

Pager.__close = Pager.close

return Pager
