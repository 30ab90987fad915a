-- SPDX-License-Identifier: MIT
-- What the two lists with id cursors share: the query parameters and the shape of a page.

local core = require "boltz.core"
local check = require "boltz.emulator.check"

local pages = {}

local DEFAULT_LIMIT = 100

local PARAMETERS = {
  after_id = check.single(check.text(1, 255)),
  before_id = check.single(check.text(1, 255)),
  limit = check.digits(1, 100),
}

--- The rule for a list's query: the cursors and the list's own filters.
function pages.query(filters)
  local fields = {}
  for name, rule in pairs(PARAMETERS) do fields[name] = rule end
  for name, rule in pairs(filters) do fields[name] = rule end
  return check.object(fields)
end

--- One page of a collection as JSON.
-- @param collection the records
-- @param query what `pages.query` made of the request
-- @param keep function(record) -> whether the filters let it through
-- @param view function(record) -> JSON
function pages.answer(collection, query, keep, view)
  local records, has_more = collection:page({
    after_id = query.after_id,
    before_id = query.before_id,
    limit = query.limit or DEFAULT_LIMIT,
  }, keep)
  local data = core.array{}
  for i, record in ipairs(records) do data[i] = view(record) end
  return {
    data = data,
    first_id = #data > 0 and data[1].id or core.null,
    last_id = #data > 0 and data[#data].id or core.null,
    has_more = has_more,
  }
end

return pages
