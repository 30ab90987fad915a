-- SPDX-License-Identifier: MIT
-- A transfer that has ended before anything waited for it.

local Ended = {}
Ended.__index = Ended

--- Makes one.
-- @tparam table result
function Ended.new(result)
  return setmetatable({ _result = result }, Ended)
end

function Ended.done() return true end
function Ended.expire_in() end
function Ended.cancel() end
function Ended:result() return self._result end

return Ended
