-- SPDX-License-Identifier: MIT
-- What a secret could leak through: everything that a debugger can reach from a value, in words.
-- It runs in a process of its own, whose output secrets_spec.lua searches. The secrets come through
-- the environment and must not stay in any variable here: the walk would find them.

local leaks = {}

local function children(value)
  local found = {}
  local function add(child) found[#found + 1] = child end
  if type(value) == "table" then
    for key, field in next, value do
      add(key)
      add(field)
    end
  elseif type(value) == "function" then
    for i = 1, 255 do
      local name, upvalue = debug.getupvalue(value, i)
      if not name then break end
      add(upvalue)
    end
    if debug.getfenv then add(debug.getfenv(value)) end
  elseif type(value) == "userdata" then
    add((debug.getuservalue or debug.getfenv)(value))
  elseif type(value) == "thread" then
    for level = 0, 99 do
      if not debug.getinfo(value, level, "l") then break end
      for i = 1, 255 do
        local name, stored = debug.getlocal(value, level, i)
        if not name then break end
        add(stored)
      end
    end
  end
  add(debug.getmetatable(value))
  return found
end

--- Writes every text that can be reached, and how every other value prints.
-- @param out function(text)
-- @param ... where to begin
function leaks.dump(out, ...)
  local seen, queue = {}, { ... }
  while #queue > 0 do
    local value = table.remove(queue)
    if value ~= nil and value == value and not seen[value] then
      seen[value] = true
      out(type(value) == "string" and value or (select(2, pcall(tostring, value))))
      for _, child in pairs(children(value)) do queue[#queue + 1] = child end
    end
  end
end

--- Everything that a program could print of a value without a debugger.
-- @param out function(text)
-- @param value
-- @param[opt] seen tables that have been printed
function leaks.print(out, value, seen)
  out(tostring(value))
  seen = seen or {}
  if type(value) ~= "table" or seen[value] then return end
  seen[value] = true
  for name, field in pairs(value) do
    out(tostring(name))
    leaks.print(out, field, seen)
  end
end

return leaks
