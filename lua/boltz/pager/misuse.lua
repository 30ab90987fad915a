-- SPDX-License-Identifier: MIT
-- What a pager says where it is taken for something else: a list, or an object of other names.

local caller = require "boltz.check.caller"
local names = require "boltz.check.names"

local misuse = {}

local NO_LIST = "a pager has no positions and no length: a list is read by "
  .. "'for item in pager do ... end', pager:next() or pager:all()"

--- What is said to a method that is called with a dot.
function misuse.no_colon(name)
  return names.no_colon("pager:" .. name)
end

--- Has the class of pagers raise for it, and say what a pager is.
function misuse.guard(Pager)
  names.guard(Pager, {
    name = "pager",
    meant = { cancel = "close", collect = "all", data = "pages", items = "all",
      next_page = "pages", stop = "close", to_list = "all" },
    position = NO_LIST,
  })
  function Pager:__tostring()
    local taken = self._before + self._position
    return ("boltz.pager (%s, %d item%s taken)"):format(self._name, taken, taken == 1 and "" or "s")
  end
  function Pager.__len() caller.raise(NO_LIST) end -- which LuaJIT does not ask for
end

return misuse
