-- SPDX-License-Identifier: MIT
-- Reads the annotations of lua/boltz/meta.lua, as far as that file uses them.
--
--   local types = meta.read(text)
--   types.classes["boltz.Pager"]       { name, text, parents, fields, calls = types of @overload }
--   types.classes[name].fields.limit   { type, optional, text }
--   types.functions["boltz.Pager:all"] { text, arguments, params, returns }, the last two lists of
--                                      { name, type, optional, text }
--   types.aliases["boltz.Mode"]        { type, notes = what stands behind the # of a value }

local meta = {}

local Types = {}
Types.__index = Types

-- Takes a type off the start of a text: up to a space that is in no bracket and after no separator.
local function split_type(text)
  local depth, before = 0, ""
  for i = 1, #text do
    local char = text:sub(i, i)
    if char:find("[%(%[{<]") then depth = depth + 1 end
    if char:find("[%)%]}>]") then depth = depth - 1 end
    if char == " " and depth == 0 and not before:find("[:,|]") then
      return text:sub(1, i - 1), text:sub(i + 1)
    end
    if char ~= " " then before = char end
  end
  return text, ""
end

local function named(rest)
  local name, mark, after = rest:match("^([%w_.]+)(%??) (.*)$")
  local kind, text = split_type(after)
  return { name = name, type = kind, optional = mark == "?", text = text }
end

local function new_block()
  return { text = {}, params = {}, returns = {} }
end

local tags = {}

function tags.class(self, block, rest)
  local name, parents = rest:match("^([%w_.]+):?%s*(.*)$")
  block.class = { name = name, parents = {}, fields = {}, calls = {} }
  for parent in parents:gmatch("[%w_.]+") do table.insert(block.class.parents, parent) end
  self.classes[name] = block.class
  block.class.text = table.concat(block.text, " ")
  block.text = {}
end

function tags.field(_, block, rest)
  local field = named(rest)
  if field.text == "" then field.text = table.concat(block.text, " ") end -- where it is too long
  block.text = {}
  assert(not block.class.fields[field.name], field.name .. " is there twice")
  block.class.fields[field.name] = field
end

function tags.overload(_, block, rest)
  table.insert(block.class.calls, rest)
end

function tags.alias(self, block, rest)
  local name, kind = rest:match("^([%w_.]+)%s*(.*)$")
  block.alias = { type = kind, notes = {} }
  self.aliases[name] = block.alias
end

function tags.param(_, block, rest)
  table.insert(block.params, named(rest))
end

tags["return"] = function(_, block, rest)
  local kind, text = split_type(rest)
  table.insert(block.returns, { type = kind, text = text })
end

function tags.meta(self, _, rest)
  self.name = rest
end

function tags.generic() end
function tags.operator() end

local function read_line(self, block, line)
  local tag, rest = line:match("^%-%-%-@(%l+)%s*(.*)$")
  local value = line:match("^%-%-%-| (.*)$")
  local variable = line:match("^local (%w+) = {}$")
  local owner, mark, name, arguments = line:match("^function (%w+)([.:])([%w_]+)%((.-)%) end$")
  if tag then
    assert(tags[tag], "an annotation that is not known here: " .. line)(self, block, rest)
  elseif value then
    local alias, note = block.alias, value:match(" # (.*)$")
    value = value:gsub(" # .*$", "")
    alias.type = alias.type == "" and value or alias.type .. "|" .. value
    alias.notes[value:match('^"(.*)"$') or value] = note
  elseif variable then
    self._variables[variable] = block.class and block.class.name
  elseif name then
    block.arguments = arguments
    block.text = table.concat(block.text, " ")
    self.functions[assert(self._variables[owner], owner) .. mark .. name] = block
  else
    local text = line:match("^%-%-%-%s*(.*)$")
    if text and text ~= "" then table.insert(block.text, text) end
  end
end

--- Reads annotations.
-- @param text of the file
function meta.read(text)
  local self = setmetatable({ classes = {}, aliases = {}, functions = {}, _variables = {} }, Types)
  local block = new_block()
  for line in text:gmatch("([^\n]*)\n") do
    if line == "" then block = new_block() else read_line(self, block, line) end
  end
  return self
end

--- The fields of a class and of those that it is made from.
function Types:fields(name)
  local class, fields = assert(self.classes[name], "no class " .. name), {}
  for _, parent in ipairs(class.parents) do
    for field, about in pairs(self:fields(parent)) do fields[field] = about end
  end
  for field, about in pairs(class.fields) do fields[field] = about end
  return fields
end

--- The names of a class's functions.
-- @param mark "." or ":"
function Types:functions_of(class, mark)
  local names = {}
  for name in pairs(self.functions) do
    local owner, found, short = name:match("^(.*)([.:])([%w_]+)$")
    if owner == class and found == mark then names[#names + 1] = short end
  end
  return names
end

--- A type without aliases at its top, such as `"live"|"test"` for `boltz.Mode`.
function Types:resolve(kind)
  return self.aliases[kind] and self:resolve(self.aliases[kind].type) or kind
end

--- The alternatives of a type.
function Types:alternatives(kind)
  local list, rest = {}, self:resolve(kind) .. "|"
  while rest ~= "" do
    local depth, i = 0, 0
    repeat
      i = i + 1
      local char = rest:sub(i, i)
      if char:find("[%(%[{<]") then depth = depth + 1 end
      if char:find("[%)%]}>]") then depth = depth - 1 end
    until char == "|" and depth == 0
    local one = rest:sub(1, i - 1)
    rest = rest:sub(i + 1)
    if self.aliases[one] then
      for _, inner in ipairs(self:alternatives(one)) do list[#list + 1] = inner end
    else
      list[#list + 1] = one
    end
  end
  return list
end

--- The texts that a type allows.
function Types:values(kind)
  local values = {}
  for _, one in ipairs(self:alternatives(kind)) do values[#values + 1] = one:match('^"(.*)"$') end
  return values
end

local PLAIN = { string = "string", boolean = "boolean", number = "number", integer = "number",
  table = "table", lightuserdata = "userdata" }

-- Why a value is not of a type that is no union, or nil.
function Types:_misfit(kind, value, path)
  local element = kind:match("^(.*)%[%]$")
  local literal = kind:match('^"(.*)"$')
  if kind == "any" or kind == "nil" and value == nil or value ~= nil and literal == value then
    return nil
  elseif element and type(value) == "table" then
    for i, one in ipairs(value) do
      local misfit = self:misfit(element, one, ("%s[%d]"):format(path, i))
      if misfit then return misfit end
    end
    return nil
  elseif self.classes[kind] and type(value) == "table" then
    local fields = self:fields(kind)
    for name in pairs(value) do
      if not fields[name] then return ("%s.%s is not in %s"):format(path, name, kind) end
    end
    for name, field in pairs(fields) do
      local absent = value[name] == nil and field.optional
      local misfit = not absent and self:misfit(field.type, value[name], path .. "." .. name)
      if misfit then return misfit end
    end
    return nil
  end
  kind = kind:match("^table<") and "table" or kind
  local fits = PLAIN[kind] == type(value) and (kind ~= "integer" or value % 1 == 0)
  return not fits and ("%s is a %s and not %s"):format(path, type(value), kind) or nil
end

--- Why a value is not of a type, or nil. A class has no fields but those that it names.
function Types:misfit(kind, value, path)
  local first
  for _, one in ipairs(self:alternatives((kind:gsub("%?$", "|nil")))) do
    local misfit = self:_misfit(one, value, path)
    if not misfit then return nil end
    first = first or misfit
  end
  return first
end

return meta
