-- SPDX-License-Identifier: MIT
-- The part of docs/reference.md about the calls: resources, methods, and what they answer.

local facts = require "generate.facts"
local markdown = require "generate.markdown"
local message = require "boltz.check.message"

local INTRODUCTION = [[
Each call is named as messages name it: `workspaces:create` is `client.workspaces:create`. The words
of "Takes" are those of messages, too. After its parameters each call takes a table of
[options](#options-of-a-request), a list one of [its own](#options-of-a-list).

A call returns `value, nil, response`, or `nil, err`. The value of a success is never nil: where the
service has none, it is `boltz.null`. In what a call answers, JSON null is nil, a field
that is not listed here is kept, and texts from a list of values are open: a newer server may
answer others. Beside the errors that a call names, each can fail as [any request](#errors) can. The
service's reference has no list of errors: where a call names `conflict`, the emulator answers it.

The examples run as they stand, where `boltz` is the module, `client` a client, and `workspace_id`
and `api_key_id` ids of yours.
]]

-- ---- parameters

local function takes(description)
  if description.type == "list" and not description.single then
    return "a list, each " .. message.expectation(description.of)
  end
  return message.expectation(description)
end

local function default_of(description)
  if description.required then return "required" end
  if description.default == nil then return description.absent end
  return ('`"%s"`'):format(description.default)
end

local function add_rows(rows, fields, prefix)
  for _, each in ipairs(fields) do
    local name, about = prefix .. each.name, each.about
    rows[#rows + 1] = { ("`%s`"):format(name), takes(about), about.unit or "", default_of(about),
      about.doc }
    if about.fields then add_rows(rows, facts.in_order(about.fields), name .. ".") end
  end
end

local function parameters_of(call)
  local rows = {}
  add_rows(rows, call.ids, "")
  if call.fields then add_rows(rows, facts.in_order(call.fields), "") end
  if call.endpoint.paged then add_rows(rows, { { name = "_skip", about = facts.SKIP } }, "") end
  if #rows == 0 then return "It has no parameters.\n" end
  return markdown.table({ "Parameter", "Takes", "Unit", "Default", "Meaning" }, rows)
end

-- ---- answers

local function values_of(about)
  local quoted = {}
  for i, value in ipairs(about.values) do quoted[i] = ('`"%s"`'):format(value) end
  return table.concat(quoted, ", ")
end

local function kind_of(field, types)
  if field.type == "list" then return "list of " .. kind_of(field.of, types) end
  if field.type == "constant" then return ('`"%s"`'):format(field.value) end
  if field.type == "time" then return "string: ISO 8601, UTC" end
  local named = types[field.type]
  if not named then return field.type end
  return named.values and "string: " .. values_of(named) or markdown.link(field.type)
end

-- A type that is also given has descriptions for fields.
local function answered_kind(about, field, types)
  if not about.is_given then return kind_of(field, types) end
  return field.values and "string: " .. values_of(field) or field.type
end

local function fields_of(about, types)
  local rows = {}
  for _, each in ipairs(facts.in_order(about.fields)) do
    local field = each.about
    rows[#rows + 1] = { ("`%s`"):format(each.name), answered_kind(about, field, types),
      field.unit or "", field.null or "", field.doc }
  end
  return markdown.table({ "Field", "Type", "Unit", "nil where", "Meaning" }, rows)
end

local function answer_of(call)
  local links = {}
  for i, name in ipairs(call.answer) do links[i] = markdown.link(name) end
  local text = table.concat(links, " or ")
  if call.endpoint.paged then return ("Returns a pager of %s.\n"):format(text) end
  local null = call.answer.null
  return ("Answers %s%s.\n"):format(text,
    null and (", or %s where %s"):format(facts.NULL, null) or "")
end

-- ---- calls

local function errors_of(call)
  local kinds = facts.sorted_names(call.errors)
  if #kinds == 0 then return "" end
  local rows = {}
  for i, kind in ipairs(kinds) do rows[i] = { ("`%s`"):format(kind), call.errors[kind] } end
  return "\n" .. markdown.table({ "Error", "Meaning" }, rows)
end

local function section_of(call, resource)
  local arguments = {}
  for i, name in ipairs(call.arguments) do arguments[i] = name end
  arguments[#arguments + 1] = "options"
  return table.concat {
    "### ", call.name, "\n\n", call.doc, "\n\n",
    ("`client.%s:%s(%s)`: %s `%s`\n\n"):format(resource.name, call.method,
      table.concat(arguments, ", "), call.endpoint.method, call.endpoint.path),
    parameters_of(call), "\n", answer_of(call), call.notes and "\n" .. call.notes or "",
    errors_of(call), "\n",
    markdown.lua(call.example),
  }
end

-- Whether a type stands in an answer, so that the page has a section for it.
local function answered_types(all)
  local answered = {}
  local function visit(name)
    local about = all.types[name]
    if not about or not about.fields or answered[name] then return end
    answered[name] = true
    for _, field in pairs(about.fields) do visit(field.of and field.of.type or field.type) end
  end
  for _, resource in ipairs(all.resources) do
    for _, call in ipairs(resource.calls) do
      for _, name in ipairs(call.answer) do visit(name) end
    end
  end
  return answered
end

--- Writes it.
-- @tparam table all what facts.read returns
-- @treturn string
return function(all)
  local sections, answered = { INTRODUCTION }, answered_types(all)
  for _, resource in ipairs(all.resources) do
    local source = resource.source
      and ("In the service's reference: %s.\n"):format(resource.source) or ""
    sections[#sections + 1] = ("## %s\n\n%s %s"):format(resource.name, resource.doc,
      source):gsub(" $", "\n")
    for _, call in ipairs(resource.calls) do
      sections[#sections + 1] = section_of(call, resource)
    end
    for _, name in ipairs(facts.sorted_names(resource.types)) do
      local about = resource.types[name]
      if answered[name] then
        sections[#sections + 1] = ("### %s\n\n%s\n\n%s"):format(name, about.doc,
          fields_of(about, all.types))
      end
    end
  end
  return table.concat(sections, "\n")
end
