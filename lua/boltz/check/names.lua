-- SPDX-License-Identifier: MIT
-- Names that an object does not have: a slip in one raises where it stands, and not where the nil
-- that it would be is used.

local caller = require "boltz.check.caller"
local message = require "boltz.check.message"
local suggest = require "boltz.check.suggest"
local tables = require "boltz.tables"

local names = {}

--- What is said to a method that is called with a dot.
-- @tparam string callee such as "client:close"
function names.no_colon(callee)
  return ("'%s' is a method: call it with a colon"):format(callee)
end

--- What is said to a function of the module that is called with a colon; nil where it is not.
-- @param first argument that it has
-- @tparam string name of the function in the module
-- @tparam function fn
-- @tparam[opt] string group of functions in the module, such as "json"
function names.colon(first, name, fn, group)
  if type(first) ~= "table" or rawget(first, name) ~= fn then return nil end
  local whole = group and group .. "." .. name or name
  return ("'boltz.%s' is no method: call it with a dot"):format(whole)
end

local function known_names(methods, fields)
  local known = {}
  for name, value in tables.each(methods) do
    if type(value) == "function" and name:sub(1, 1) ~= "_" and name ~= "new" then
      known[#known + 1] = name
    end
  end
  for _, name in ipairs(fields or {}) do known[#known + 1] = name end
  table.sort(known)
  return known
end

local function missing(about, methods, name)
  local meant = about.meant and about.meant[name]
  local hint = meant and ("did you mean '%s'?"):format(meant)
    or suggest.hint(message.shorten(name), known_names(methods, about.fields))
  return ("%s has no '%s'; %s"):format(about.name, message.show_name(message.shorten(name)), hint)
end

--- Has the look-up of a name that is not there raise, and so that of a position if the object is
-- taken for a list. Names that begin with `_` are nil: tools look for such.
-- @tparam table methods where an object's names are looked up that it does not have itself
-- @tparam table about
--   name      what the object is called in messages
--   fields    optional list: names that each object has itself
--   meant     optional: name -> the name that its writer means, where no likeness tells it
--   position  optional: what is said of an object that is indexed by a number
-- @treturn table methods
function names.guard(methods, about)
  return setmetatable(methods, {
    __index = function(_, name)
      local kind, text = type(name), nil
      if kind == "string" and name:sub(1, 1) ~= "_" then
        text = missing(about, methods, name)
      elseif kind == "number" then
        text = about.position
      end
      if text then caller.raise(text) end
    end,
  })
end

return names
