-- SPDX-License-Identifier: MIT
-- Records in the order they were made, found by id, read in pages. A cursor is the id of a record
-- and means its place in this order, whether or not a filter still lets that record through.

local problem = require "boltz.emulator.problem"

local Collection = {}
Collection.__index = Collection

function Collection.new()
  return setmetatable({ _records = {}, _places = {} }, Collection)
end

--- Adds a record, which must have an `id`, and returns it.
function Collection:add(record)
  local place = #self._records + 1
  self._records[place] = record
  self._places[record.id] = place
  return record
end

--- The record with this id, or nil.
function Collection:get(id)
  return self._records[self._places[id]]
end

function Collection:count()
  return #self._records
end

--- Iterates the records in order.
function Collection:each()
  return ipairs(self._records)
end

function Collection:_place(id)
  local place = self._places[id]
  if not place then problem.raise("bad_request", "Unknown cursor: " .. id) end
  return place
end

local function reverse(list)
  for i = 1, math.floor(#list / 2) do
    list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i]
  end
end

--- One page. With `before_id` it holds the records that stand directly before that one.
-- @param cursor `after_id` or `before_id`, and `limit`
-- @param keep[opt] function(record) -> whether it belongs to the list
-- @return the records in list order, and whether more follow in the direction of reading
function Collection:page(cursor, keep)
  if cursor.after_id and cursor.before_id then
    problem.raise("bad_request", "after_id and before_id cannot be given together")
  end
  local first, last, step = 1, #self._records, 1
  if cursor.after_id then first = self:_place(cursor.after_id) + 1 end
  if cursor.before_id then first, last, step = self:_place(cursor.before_id) - 1, 1, -1 end
  local page, has_more = {}, false
  for place = first, last, step do
    local record = self._records[place]
    if not keep or keep(record) then
      has_more = #page == cursor.limit
      if has_more then break end
      page[#page + 1] = record
    end
  end
  if step < 0 then reverse(page) end
  return page, has_more
end

return Collection
