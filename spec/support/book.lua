-- SPDX-License-Identifier: MIT
-- A stub's answers for lists: items "1" to "N" in pages, under each kind of cursor.

local core = require "boltz.core"

local book = {}

local function items(first, last)
  local data = core.array {}
  for i = first, last do data[#data + 1] = { id = tostring(i) } end
  return data
end

--- Answers as workspaces and api_keys do, forward and backward.
-- @param count how many items there are
-- @param size how many a page holds, unless the request has a `limit`
-- @param request of a stub
function book.by_id(count, size, request)
  local params = request.params
  size = tonumber(params.limit) or size
  local first, last, more
  if params.before_id then
    last = tonumber(params.before_id) - 1
    first = math.max(last - size + 1, 1)
    more = first > 1
  else
    first = (tonumber(params.after_id) or 0) + 1
    last = math.min(first + size - 1, count)
    more = last < count
  end
  local data = items(first, last)
  return core.encode {
    data = data,
    first_id = data[1] and data[1].id,
    last_id = data[1] and data[#data].id,
    has_more = more,
  }
end

--- Answers as usage does: one item a window, the number of the window since the epoch.
-- @param window its length in seconds
-- @param size how many a page holds, unless the request has a `limit`
-- @param from, to the range, in seconds
-- @param request of a stub
function book.by_page(window, size, from, to, request)
  size = tonumber(request.params.limit) or size
  local first = math.floor(from / window) + (tonumber(request.params.page) or 0)
  local final = math.ceil(to / window) - 1
  local last = math.min(first + size - 1, final)
  local more = last < final
  return core.encode {
    data = items(first, last),
    has_more = more,
    next_page = more and ("%d"):format(last + 1 - math.floor(from / window)) or nil,
  }
end

--- The ids of a list of items, in one text.
function book.ids(list)
  local ids = {}
  for i, item in ipairs(list) do ids[i] = item.id end
  return table.concat(ids, " ")
end

--- "first first+1 ... last"
function book.span(first, last)
  local ids = {}
  for i = first, last do ids[#ids + 1] = ("%d"):format(i) end
  return table.concat(ids, " ")
end

return book
