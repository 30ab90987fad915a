-- SPDX-License-Identifier: MIT
-- The latest requests, so that a test can ask what arrived. Older ones are forgotten: an emulator
-- that serves a benchmark must not grow.

local core = require "boltz.core"

local Journal = {}
Journal.__index = Journal

local KEPT = 1000

function Journal.new()
  return setmetatable({ total = 0, _ring = {} }, Journal)
end

--- Notes a request. A status of 0 means that the connection was dropped.
function Journal:note(method, path, status)
  self._ring[self.total % KEPT + 1] = { method = method, path = path, status = status }
  self.total = self.total + 1
end

--- The latest requests, oldest first.
function Journal:list()
  local list = core.array{}
  for i = math.max(self.total - KEPT, 0), self.total - 1 do
    list[#list + 1] = self._ring[i % KEPT + 1]
  end
  return list
end

return Journal
