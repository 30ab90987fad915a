-- SPDX-License-Identifier: MIT
-- The mutants of table.lua, one by one.

local list = {}

--- Each is {number, file, find, put, spec, filter (or nil), breaks}.
function list.all()
  local mutants = {}
  for _, group in ipairs(require "mutants.table") do
    for _, entry in ipairs(group) do
      mutants[#mutants + 1] = {
        number = #mutants + 1,
        file = group.file,
        find = entry.find,
        put = entry.put,
        spec = entry.spec or group.spec,
        filter = entry.filter,
        breaks = entry.breaks,
      }
    end
  end
  return mutants
end

--- The text of a file with the mutant in it.
-- @treturn string|nil
-- @treturn nil|string why there is none
function list.apply(mutant, text)
  local from, to = text:find(mutant.find, 1, true)
  local where = ("%s: what mutant %d looks for"):format(mutant.file, mutant.number)
  if not from then return nil, ("%s is not there: %s"):format(where, mutant.find) end
  if text:find(mutant.find, from + 1, true) then
    return nil, ("%s is there more than once: %s"):format(where, mutant.find)
  end
  return text:sub(1, from - 1) .. mutant.put .. text:sub(to + 1)
end

return list
