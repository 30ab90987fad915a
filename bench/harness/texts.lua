-- SPDX-License-Identifier: MIT
-- What the servers answer: workspaces of 223 bytes, and pages of 100 of them, 22.5 KB.

local texts = { PAGE = 100 }

local SIZE = 223 -- bytes, as in the figures of before this module

local WORKSPACE = '{"id":"%s","name":"%s","created_at":"2026-01-05T09:30:00.000Z",'
  .. '"updated_at":"2026-02-11T16:45:12.482Z","archived_at":null,"is_default":false,'
  .. '"data_retention":{"unit":"days","value":7}}'

--- The id of a workspace, from 1.
function texts.id(number)
  return ("ws_%016d"):format(number)
end

--- A workspace, in JSON.
function texts.workspace(number)
  local id = texts.id(number)
  local room = SIZE - #WORKSPACE:format(id, "")
  local name = ("Team %d "):format(number)
  return WORKSPACE:format(id, name .. ("x"):rep(room - #name))
end

--- A page, in JSON.
-- @tparam integer number of the page, from 1
-- @tparam integer count how many pages there are
function texts.page(number, count)
  local first, last = (number - 1) * texts.PAGE + 1, number * texts.PAGE
  local items = {}
  for i = first, last do items[#items + 1] = texts.workspace(i) end
  return ('{"data":[%s],"first_id":"%s","has_more":%s,"last_id":"%s"}')
    :format(table.concat(items, ","), texts.id(first), tostring(number < count), texts.id(last))
end

return texts
