-- SPDX-License-Identifier: MIT
-- Ranges of time that are longer than one query may cover are read in parts. Parts meet on window
-- boundaries (multiples of the window since the epoch, in UTC), so that no bucket is cut in two.

local tables = require "boltz.tables"
local time = require "boltz.time"

--- The part of a range with which one query has to do.
-- @tparam table ranged the endpoint's description: from, to, window, windows
-- @tparam table params checked parameters
-- @treturn table parameters of the first part
-- @treturn table|nil parameters of all that follows, without a cursor; nil when nothing does
return function(ranged, params)
  local window = ranged.windows[params[ranged.window]]
  local from, to = time.parse(params[ranged.from]), time.parse(params[ranged.to])
  if not window or not from or not to or to - from <= window.longest then return params end
  local boundary = math.floor((from + window.longest) / window.length) * window.length
  local text = time.format(boundary)
  local rest = tables.merge(params, { [ranged.from] = text })
  rest.page = nil
  rest._skip = nil
  return tables.merge(params, { [ranged.to] = text }), rest
end
