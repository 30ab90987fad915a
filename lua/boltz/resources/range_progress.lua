-- SPDX-License-Identifier: MIT
-- How much of a range of time a list has read, which it knows although not how many items follow.

local time = require "boltz.time"

-- When the window of a page's last item ends, or nil.
local function end_of(ranged, page)
  local last = page.data[#page.data]
  return type(last) == "table" and time.parse(last[ranged.ends]) or nil
end

--- Finds it.
-- @tparam table ranged the endpoint's description: from, to, ends
-- @tparam table params of the list
-- @tparam table page the latest
-- @tparam table|nil following parameters of what follows it; nil when nothing does
-- @treturn number|nil from 0 to 1; nil where the times cannot be read
return function(ranged, params, page, following)
  if not following then return 1 end
  local from, to = time.parse(params[ranged.from]), time.parse(params[ranged.to])
  local reached = time.parse(following[ranged.from]) -- a later part of the range, or the same
  if not from or not to or not reached or to <= from then return nil end
  reached = math.max(reached, end_of(ranged, page) or reached)
  return math.max(0, math.min((reached - from) / (to - from), 1))
end
