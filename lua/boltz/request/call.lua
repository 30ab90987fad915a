-- SPDX-License-Identifier: MIT
-- A call: what one request says, put together from checked parameters before anything is sent.
--
--   name        of the method, for messages: "workspaces:create"
--   method      of HTTP        template  the path as documented, for logs and errors
--   path        as it is sent            query  text, without the question mark
--   body        JSON text or nil         once   the body must not be sent a second time
--   options     of this request
--
-- Functions return nil and the text of a mistake; the public function that was called raises it.

local core = require "boltz.core"
local query = require "boltz.request.query"
local schema = require "boltz.check.schema"

local call = {}

local function mistake(what, callee, path, expected, got)
  return nil, schema.message(what, callee, { path = path, expected = expected, got = got })
end

-- Whether text holds CR, LF or NUL: no id does, and what does was meant to end up elsewhere.
local function breaks_lines(text)
  return text:find("[\r\n%z]")
end

--- Takes a path template apart, such as `/compute/v1/admin/workspaces/{workspace_id}/archive`.
-- @treturn table the texts before, between and after the ids
-- @treturn table the names of the ids
function call.template(text)
  local parts, names = {}, {}
  local rest = text:gsub("([^{]*){([%w_]+)}", function(part, name)
    parts[#parts + 1], names[#names + 1] = part, name
    return ""
  end)
  parts[#parts + 1] = rest
  return parts, names
end

--- Puts ids into a path.
-- @tparam string callee
-- @tparam table parts of the template, from `template`
-- @tparam table names of the ids
-- @tparam table ids in the order of the names
-- @treturn string|nil the path, each id percent-encoded as one segment
function call.path(callee, parts, names, ids)
  local path = parts[1]
  for i = 1, #names do
    local id = ids[i]
    if type(id) ~= "string" or id == "" or id == "." or id == ".." or breaks_lines(id)
      or not core.utf8_length(id) then
      local got = type(id) == "string" and breaks_lines(id) and "one with a control character"
        or schema.describe(id)
      return mistake("parameter", callee, names[i], "an id as a non-empty string", got)
    end
    path = path .. core.escape_path(id) .. parts[i + 1]
  end
  return path
end

--- Checks a path that the user wrote, and takes the query off its end.
-- @treturn string|nil the path
-- @return the query as a table; or the mistake
function call.raw_path(callee, path)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" or path:find("[^\33-\126]")
    or path:find("#", 1, true) then
    return mistake("parameter", callee, "path", "a path that begins with '/', percent-encoded",
      schema.describe(path))
  end
  local before, text = path:match("^([^?]*)%??(.*)$")
  for segment in before:gmatch("[^/]+") do
    local plain = segment:gsub("%%2[eE]", ".")
    if plain == "." or plain == ".." then
      return mistake("parameter", callee, "path", "a path without '.' and '..'",
        schema.describe(path))
    end
  end
  local values = query.parse(text)
  local trouble = query.check(values, "path")
  if trouble then return nil, schema.message("parameter", callee, trouble) end
  return before, values
end

--- A copy, to be filled in with what one of several requests says.
function call.copy(prepared)
  local copy = {}
  for name, value in pairs(prepared) do copy[name] = value end
  return copy
end

--- Renames checked parameters to the wire's names, without the `_skip` of a pager's cursor.
function call.to_wire(fields, checked)
  local wire = {}
  for name, value in pairs(checked) do
    local description = fields[name]
    if name ~= "_skip" then wire[description and description.wire or name] = value end
  end
  return wire
end

--- The text of a body.
-- @tparam string callee
-- @tparam string prefix of a field's name in messages
-- @param value what to send, or nil
-- @tparam[opt] table extra fields to put over it
-- @treturn string|nil nil without a mistake: there is no body
-- @treturn nil|string the mistake
function call.body(callee, prefix, value, extra)
  if extra then
    if value ~= nil and (type(value) ~= "table" or core.is_array(value) or value[1] ~= nil) then
      return mistake("option", callee, "extra_body", "a body that is an object to add to",
        schema.describe_table(value))
    end
    local merged = {}
    for name, field in pairs(value or {}) do merged[name] = field end
    for name, field in pairs(extra) do merged[name] = field end
    value = merged
  end
  if value == nil then return nil end
  local text, got, path = core.encode(value)
  if text then return text end
  return mistake("parameter", callee, path == "" and "body" or prefix .. path, "a JSON value", got)
end

return call
