-- SPDX-License-Identifier: MIT
-- Reads a list page by page. All that it knows of where it is are the parameters of its next
-- request; these cover the whole rest of the list.

local CursorCycle = require "boltz.pager.cursor_cycle"
local LookAhead = require "boltz.pager.look_ahead"
local core = require "boltz.core"
local next_request = require "boltz.pager.next_request"

local LONGEST = 8 * 1024 -- bytes of a cursor: it has to fit into a URL

local Reader = {}
Reader.__index = Reader

--- Makes one. Nothing is requested yet.
-- @tparam table source see pager.lua
-- @tparam boolean prefetch whether a page is requested before it is wanted
function Reader.new(source, prefetch)
  local self = setmetatable({
    _source = source,
    _cycle = CursorCycle.new(), -- of the cursors of this list
    _awaited = nil, -- the request that is waited for
    _response = nil, -- of the page
    next = source.params, -- parameters of the next request; nil: the list ends with this page
    params = nil, -- those of the page's own request
  }, Reader)
  self._ahead = LookAhead.new(prefetch, function() return self:_start() end)
  return self
end

-- Why the server's cursor cannot be sent, or nil. The page that it came with is none the worse.
function Reader:_bad_cursor()
  if not self.params then return nil end -- it is the caller's own
  local cursor = self.next.page or self.next.before_id or self.next.after_id
  if cursor and #cursor > LONGEST then
    return ("the server's cursor has %d bytes, more than %d"):format(#cursor, LONGEST)
  end
end

-- Requests the next page; `rest` are the parameters of what follows the part of the list that one
-- query may cover.
function Reader:_start()
  local source, query, rest = self._source, self.next, nil
  if source.split then query, rest = source.split(query) end
  return { execution = source.start(query), rest = rest }
end

-- What is wrong with a page, or nil; and the parameters of the request after it, if there is one.
function Reader:_check(page, params)
  local following, cursor, reason = next_request(self._source.cursor, params, page)
  if core.has_nulls(page.data) then reason = "the answer is not a page: an item is null" end
  self._cycle:add(params.page or params.before_id or params.after_id or "")
  if cursor and self._cycle:closes_with(cursor) then
    reason = "the server repeats a cursor: the list would not end"
  end
  return reason, following
end

--- Waits for the next page. Until it is there and makes sense all stays as it is, so that after a
-- failure the same request can be made again.
-- @treturn table|nil the page, with its `response`
-- @treturn nil|table the error
function Reader:read()
  local source, params = self._source, self.next
  local bad = self:_bad_cursor()
  if bad then return source.reject(self._response, nil, bad) end
  local started = self._ahead:take() or self:_start()
  self._awaited = started
  local page, err, response, text = started.execution:finish()
  self._awaited = nil
  if err then return nil, err end
  if type(page) ~= "table" or not core.is_array(page.data) then
    return source.reject(response, text, "the answer is not a page: it has no list 'data'")
  end
  local reason, following = self:_check(page, params)
  if reason then return source.reject(response, text, reason) end
  if not following then self._cycle = CursorCycle.new() end
  local skip = params._skip or 0
  if following and skip > #page.data then following._skip = skip - #page.data end
  page.response, self._response = response, response
  self.params, self.next = params, following or started.rest
  self._ahead:note_page()
  return page
end

--- How many items of a page may be taken before `look_ahead` has anything to do.
-- @tparam integer count of the page's items
function Reader:free(count)
  return self.next and self._ahead:free(count) or count
end

--- Requests the next page while the script works on this one.
-- @tparam integer position items of the page that have been taken
-- @tparam integer count of the page's items
-- @treturn boolean whether there is nothing more to do until the page is wanted
function Reader:look_ahead(position, count)
  return self.next ~= nil and not self:_bad_cursor() and self._ahead:go_on(position, count)
end

--- Ends the requests that are under way.
function Reader:cancel()
  self._ahead:cancel()
  if self._awaited then self._awaited.execution:cancel() end
end

return Reader
