-- SPDX-License-Identifier: MIT
-- "Did you mean": the known name that is nearest to an unknown one.

local suggest = {}

-- The number of changes that turn one word into another, a swap of neighbours counting once: the
-- slip that a misspelt name most often is (optimal string alignment distance).
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    rows[i] = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, rows[i - 2][j - 2] + 1)
      end
      rows[i][j] = best
    end
  end
  return rows[#a][#b]
end

--- What to say of a name that is not known.
-- @tparam string name a short one: the effort grows with its length
-- @tparam table known a sorted list of names
-- @treturn string the nearest name, or all of them when none is near
function suggest.hint(name, known)
  local nearest, least = nil, math.max(2, math.floor(#name / 3)) + 1
  for _, candidate in ipairs(known) do
    local steps = distance(name, candidate)
    if steps < least and steps < #candidate then nearest, least = candidate, steps end
  end
  if nearest then return ("did you mean '%s'?"):format(nearest) end
  return #known > 0 and "known are " .. table.concat(known, ", ") or "none is known"
end

return suggest
