-- SPDX-License-Identifier: MIT
-- The facts of the API for those who write documents of them: what lua/boltz/resources/ and
-- docs/generate/resources/ say, put together, in order, and found complete.
--
-- In lua/boltz/resources/ a description (check/schema.lua has its form) has for documents alone:
--   doc      a sentence: what it means        unit    what its number counts
--   absent   what holds where it is not given, unless it has a `default` or is `required`
--   named    the name of its type: an enum's or an object's
-- and an endpoint (resources/endpoint.lua):
--   summary  sentences: what it does          ids     {name = {doc =}} of its path
--   answer   the name of a type, or a list of such; the list may have `null`: when it is null
--
-- docs/generate/resources/ has of each resource what no code needs to run:
--   doc, source   what it is, and where the service's reference has it
--   types         {name = {doc =, fields = {name = field} or values = {text, ...}}}
--   notes         {method = paragraphs, in which lines may break}, for the reference alone
--   errors        {method = {kind = sentence}}, beside those of errors_of
--   examples      {method = Lua code}, given boltz, client, workspace_id and api_key_id
-- A field is {type =, doc =, unit =, of =, value =, null =}, where `null` is when it is null or
-- absent, and `type` is that of a description, "constant" (`value`), or the name of a type.

local facts = {}

local NAMES = { "workspaces", "api_keys", "usage", "auth" }

--- What a call hands on where the service answers null.
facts.NULL = "`boltz.null`"

--- The cursor's part that no request carries, which every list takes.
facts.SKIP = { type = "integer", min = 0, unit = "items", absent = "0",
  doc = "From `pager:cursor()`: passes over so many at the start." }

local function camel_case(name)
  return (("_" .. name):gsub("_(%l)", string.upper))
end

local function copy_of(map)
  local copy = {}
  for name, value in pairs(map or {}) do copy[name] = value end
  return copy
end

--- The names of a table, in order.
function facts.sorted_names(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Fields in the order in which documents have them: what is required, the id, and the rest by
--- name.
-- @tparam table fields {name = description or field}
-- @treturn table list of {name =, about =}
function facts.in_order(fields)
  local list = {}
  for name, about in pairs(fields) do
    assert(about.doc and about.doc:find("%.$"), "no sentence says what " .. name .. " is")
    list[#list + 1] = { name = name, about = about }
  end
  local function rank(each)
    return (each.about.required and "0" or "1") .. (each.name == "id" and "0" or "1") .. each.name
  end
  table.sort(list, function(one, other) return rank(one) < rank(other) end)
  return list
end

-- ---- types

local function add_type(types, name, about)
  local known = types[name] or { name = name }
  for key, value in pairs(about) do
    local same = known[key] == nil or known[key] == value
      or key == "values" and table.concat(known[key], " ") == table.concat(value, " ")
    assert(same, ("the type %s has two different %s"):format(name, key))
    known[key] = value
  end
  types[name] = known
end

-- The types that descriptions name.
local function add_named(types, fields)
  for _, each in pairs(fields) do
    local description = each.of or each
    assert(description.named or description.type ~= "enum" and description.type ~= "object",
      "an enum or an object has no name")
    if description.named then
      add_type(types, description.named,
        { values = description.values, fields = description.fields, is_given = true })
      if description.fields then add_named(types, description.fields) end
    end
  end
end

-- The name of the type of a call's parameters: the one that has these fields, or its own.
local function type_of_parameters(types, fields, item, method)
  for _, name in ipairs(facts.sorted_names(types)) do
    if types[name].fields == fields then return name end
  end
  local name = item .. camel_case(method) .. "Params"
  add_type(types, name, { fields = fields, is_given = true })
  return name
end

-- ---- calls

local function errors_of(endpoint, own)
  local errors = copy_of(own)
  if endpoint.path:find("/admin/", 1, true) then
    errors.permission_denied = errors.permission_denied or "The key is not an admin key."
  end
  if endpoint.ids then errors.not_found = errors.not_found or "Nothing has this id." end
  return errors
end

-- What it does, in sentences.
local function words_of(endpoint, answer)
  local words = { endpoint.summary }
  if endpoint.creates then
    words[#words + 1] = "It is not tried again when the server may have made it."
  end
  if endpoint.ranged then
    local windows = endpoint.ranged.windows
    local function days(window) return windows[window].longest / 86400 end
    words[#words + 1] = ("A range that is longer than one query may cover (%d days by HOUR, %d by "
      .. "DAY) is read in parts."):format(days "HOUR", days "DAY")
  end
  if answer.null then
    words[#words + 1] = ("The value is %s, without an error, where %s."):format(facts.NULL,
      answer.null)
  end
  return table.concat(words, " ")
end

local function ids_of(endpoint)
  local ids = {}
  for name in endpoint.path:gmatch("{([%w_]+)}") do
    local about = endpoint.ids and endpoint.ids[name]
    assert(about and about.doc, endpoint.path .. ": no sentence says what " .. name .. " is")
    ids[#ids + 1] = { name = name, about = { type = "string", min = 1, required = true,
      doc = about.doc } }
  end
  return ids
end

local function needs_parameters(fields)
  for _, description in pairs(fields) do
    if description.required then return true end
  end
  return false
end

local function new_call(resource, endpoint, words, types)
  local name = resource.name .. ":" .. endpoint.name
  local fields = endpoint.query or endpoint.body
  local answer = type(endpoint.answer) == "table" and endpoint.answer or { endpoint.answer }
  assert(#answer > 0, name .. " has no answer")
  local call = {
    name = name,
    method = endpoint.name,
    endpoint = endpoint,
    address = endpoint.method .. " " .. endpoint.path,
    doc = words_of(endpoint, answer),
    ids = ids_of(endpoint),
    arguments = {}, -- their names, but for the options
    answer = answer,
    notes = words.notes and words.notes[endpoint.name],
    errors = errors_of(endpoint, words.errors and words.errors[endpoint.name]),
    example = assert(words.examples[endpoint.name], name .. " has no example"),
    options = endpoint.paged and "ListOptions" or endpoint.method == "GET" and "RequestOptions"
      or "WriteOptions",
  }
  for i, id in ipairs(call.ids) do call.arguments[i] = id.name end
  if fields then
    call.fields = fields
    call.params = type_of_parameters(types, fields, resource.item, endpoint.name)
    call.needs_params = needs_parameters(fields)
    call.arguments[#call.arguments + 1] = "params"
  end
  return call
end

-- ---- resources

local function new_resource(name)
  local endpoints = require("boltz.resources." .. name)
  local words = require("generate.resources." .. name)
  local class = camel_case(name)
  local resource = {
    name = name,
    class = class,
    item = class:gsub("s$", ""),
    doc = words.doc,
    source = words.source,
    types = {}, -- {name = type}
    calls = {},
  }
  for _, endpoint in ipairs(endpoints) do
    add_named(resource.types, endpoint.query or endpoint.body or {})
  end
  for i, endpoint in ipairs(endpoints) do
    resource.calls[i] = new_call(resource, endpoint, words, resource.types)
  end
  for type_name, about in pairs(words.types) do add_type(resource.types, type_name, about) end
  return resource
end

-- Every type that a field of an answer has is there.
local function check_types(all)
  local known = { list = true, constant = true, string = true, integer = true, boolean = true,
    time = true }
  for name in pairs(all.types) do known[name] = true end
  for name, about in pairs(all.types) do
    assert(about.values or about.fields, "nothing says what " .. name .. " is")
    for field_name, field in pairs(not about.is_given and about.fields or {}) do
      local kind = field.of and field.of.type or field.type
      assert(known[kind], ("%s.%s has no type that is known: %s"):format(name, field_name, kind))
    end
  end
end

--- All of it.
-- @treturn table resources, a list; types, {name = type} of all resources
function facts.read()
  local all = { resources = {}, types = {} }
  for i, name in ipairs(NAMES) do
    local resource = new_resource(name)
    all.resources[i] = resource
    for type_name, about in pairs(resource.types) do
      assert(not all.types[type_name], type_name .. " is a type of two resources")
      all.types[type_name] = about
    end
  end
  for _, resource in ipairs(all.resources) do
    for _, call in ipairs(resource.calls) do
      for _, name in ipairs(call.answer) do assert(all.types[name], name .. " is no type") end
    end
  end
  check_types(all)
  return all
end

return facts
