-- SPDX-License-Identifier: MIT
-- The parameters of the request that follows a page.

local core = require "boltz.core"
local tables = require "boltz.tables"

-- The name and the value of the cursor that a page hands out.
local function cursor_in(kind, params, page)
  if kind == "opaque" or (kind == nil and page.next_page ~= nil) then
    return "page", page.next_page
  end
  if params.before_id ~= nil then return "before_id", page.first_id end
  return "after_id", page.last_id
end

--- Finds them.
-- @tparam string|nil kind of cursor: "id", "opaque", or nil to tell by the page
-- @tparam table params of the page's own request
-- @tparam table page
-- @treturn table|nil params; nil when the page is the last
-- @treturn string|nil the cursor in them
-- @treturn string|nil why the page makes no sense
return function(kind, params, page)
  if #page.data == 0 or page.has_more ~= true then return nil end
  local name, cursor = cursor_in(kind, params, page)
  if cursor == nil or cursor == "" then return nil end
  if type(cursor) ~= "string" or not core.utf8_length(cursor) then
    return nil, nil, "the answer is not a page: its cursor is not text"
  end
  local following = tables.merge(params)
  following[name] = cursor
  following._skip = nil
  return following, cursor
end
