-- SPDX-License-Identifier: MIT
-- The endpoint part of lua/boltz/meta.lua: classes, types and empty functions for editors.

local facts = require "generate.facts"

local COLUMNS = 100

-- A line of the file, which has to be short enough.
local function line_of(text, ...)
  local line = text:format(...)
  assert(#line <= COLUMNS, "too long for a line of lua/boltz/meta.lua: " .. line)
  return line .. "\n"
end

-- Sentences, as lines of a comment.
local function comment(text)
  local lines, line = {}, "---"
  for word in text:gmatch("%S+") do
    if #line + 1 + #word > COLUMNS then
      lines[#lines + 1] = line .. "\n"
      line = "---"
    end
    line = line .. " " .. word
  end
  lines[#lines + 1] = line .. "\n"
  return table.concat(lines)
end

-- ---- types

local PLAIN = { ip = "string", time = "boltz.Time" }

-- What a caller gives.
local function given_type(description)
  local kind
  if description.type == "list" then
    local one = given_type(description.of)
    kind = description.single and one .. "|" .. one .. "[]" or one .. "[]"
  elseif description.named then
    kind = "boltz." .. description.named
  else
    kind = PLAIN[description.type] or description.type
  end
  return description.null and kind .. "|boltz.Null" or kind
end

-- What the service answers. Its enums are open.
local function answered_type(field, types)
  if field.type == "list" then return answered_type(field.of, types) .. "[]" end
  if field.type == "constant" then return '"' .. field.value .. '"' end
  if field.type == "time" then return "string" end
  local named = types[field.type]
  if not named then return field.type end
  return "boltz." .. field.type .. (named.values and "|string" or "")
end

local function bounds(description)
  local min, max = description.min, description.max
  if description.type == "string" then
    return max and ("%d to %d characters"):format(min, max)
  elseif description.type == "integer" then
    return max and ("%.0f to %.0f"):format(min, max) or ("from %d"):format(min)
  end
end

-- What stands behind the name and the type: a sentence without its end, and what limits it.
local function words_of(about, ...)
  local words = { (about.doc:gsub("%.$", "")) }
  for i = 1, select("#", ...) do words[#words + 1] = (select(i, ...)) or nil end
  return table.concat(words, "; ")
end

-- A field with its words behind it, or above it where the line would be too long.
local function field_of(name, kind, words)
  local line = ("---@field %s %s %s\n"):format(name, kind, words)
  if #line <= COLUMNS then return line end
  return comment(words) .. line_of("---@field %s %s", name, kind)
end

local function given_field(name, description)
  local limits = bounds(description)
  if description.unit then
    limits = description.unit .. (limits and ", " .. limits or "")
  end
  local default = description.default or description.absent
  assert(description.required or default, name .. " does not say what holds where it is absent")
  local words = words_of(description, limits or false,
    not description.required and "default " .. default)
  return field_of(name .. (description.required and "" or "?"), given_type(description), words)
end

local function answered_field(name, field, types)
  local words = words_of(field, field.type == "time" and "ISO 8601, UTC", field.unit or false,
    field.null and "nil: " .. field.null)
  return field_of(name .. (field.null and "?" or ""), answered_type(field, types), words)
end

local function class_of(about, types, is_list)
  local lines = {}
  if about.doc then lines[1] = comment(about.doc) end
  lines[#lines + 1] = line_of("---@class boltz.%s", about.name)
  for _, each in ipairs(facts.in_order(about.fields)) do
    lines[#lines + 1] = about.is_given and given_field(each.name, each.about)
      or answered_field(each.name, each.about, types)
  end
  if is_list then lines[#lines + 1] = given_field("_skip", facts.SKIP) end
  return table.concat(lines)
end

local function alias_of(about)
  local quoted = {}
  for i, value in ipairs(about.values) do quoted[i] = '"' .. value .. '"' end
  local line = ("---@alias boltz.%s %s\n"):format(about.name, table.concat(quoted, "|"))
  if #line <= COLUMNS then return line end
  local lines = { line_of("---@alias boltz.%s", about.name) }
  for _, value in ipairs(quoted) do lines[#lines + 1] = line_of("---| %s", value) end
  return table.concat(lines)
end

-- ---- calls

-- "NewApiKey" -> "key"
local function variable_of(type_name)
  return type_name:match("%u%l*$"):lower()
end

local function results_of(call, resource)
  if call.endpoint.paged then
    local pager = "boltz." .. resource.item .. "Pager"
    return line_of("---@return %s pager", pager) .. "---@return nil\n---@return nil\n"
      .. line_of("---@return %s closing", pager)
  end
  local kinds = {}
  for i, name in ipairs(call.answer) do kinds[i] = "boltz." .. name end
  if call.answer.null then kinds[#kinds + 1] = "boltz.Null" end
  local kind = #kinds == 1 and kinds[1] .. "?" or table.concat(kinds, "|") .. "|nil"
  return line_of("---@return %s %s", kind, variable_of(call.answer[1]))
    .. "---@return boltz.Error? err\n---@return boltz.Response? response\n"
end

local function function_of(call, resource)
  local lines = { comment(call.doc), "---\n", line_of("--- %s", call.address) }
  local arguments = {}
  for i, id in ipairs(call.ids) do
    lines[#lines + 1] = line_of("---@param %s string %s", id.name, words_of(id.about))
    arguments[i] = id.name
  end
  if call.params then
    lines[#lines + 1] = line_of("---@param params%s boltz.%s", call.needs_params and "" or "?",
      call.params)
    arguments[#arguments + 1] = "params"
  end
  lines[#lines + 1] = line_of("---@param options? boltz.%s", call.options)
  arguments[#arguments + 1] = "options"
  lines[#lines + 1] = results_of(call, resource)
  lines[#lines + 1] = line_of("function %s:%s(%s) end", resource.class, call.method,
    table.concat(arguments, ", "))
  return table.concat(lines)
end

local PAGER = [[
---@class boltz.%ITEM%Pager: boltz.Pager
---@field next fun(self: boltz.%ITEM%Pager): boltz.%ANSWER%?, boltz.Error?
---@field pages fun(self: boltz.%ITEM%Pager): (fun(): boltz.%ITEM%Page?)
---@field all boltz.All%CLASS%
---@field cursor fun(self: boltz.%ITEM%Pager): boltz.%PARAMS%
---@overload fun(): boltz.%ANSWER%?

---@alias boltz.All%CLASS% fun(self, max?: integer): boltz.%ANSWER%[]?, boltz.Error?, any[]?

---@class boltz.%ITEM%Page: boltz.Page
---@field data boltz.%ANSWER%[]
]]

local function pager_of(call, resource)
  return (PAGER:gsub("%%(%u+)%%", { ITEM = resource.item, CLASS = resource.class,
    ANSWER = call.answer[1], PARAMS = call.params }))
end

local function head_of(resource)
  local doc = resource.doc
  if resource.source then
    doc = ('%s ("%s" of the service\'s reference).'):format(doc:match("^(.*)%.$"), resource.source)
  end
  return comment(doc) .. line_of("---@class boltz.%s", resource.class)
    .. line_of("local %s = {}", resource.class)
end

--- Writes it.
-- @tparam table all what facts.read returns
-- @treturn string the text between the markers
return function(all)
  local blocks = {}
  for _, resource in ipairs(all.resources) do
    local pagers, lists = {}, {}
    blocks[#blocks + 1] = head_of(resource)
    for _, call in ipairs(resource.calls) do
      blocks[#blocks + 1] = function_of(call, resource)
      if call.endpoint.paged then
        pagers[#pagers + 1] = pager_of(call, resource)
        lists[call.params] = true
      end
    end
    for _, name in ipairs(facts.sorted_names(resource.types)) do
      local about = resource.types[name]
      blocks[#blocks + 1] = about.values and alias_of(about)
        or class_of(about, all.types, lists[name])
    end
    for _, pager in ipairs(pagers) do blocks[#blocks + 1] = pager end
  end
  return table.concat(blocks, "\n")
end
