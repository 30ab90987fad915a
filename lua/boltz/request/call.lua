-- SPDX-License-Identifier: MIT
-- A call: what is asked, as data, put together from checked parameters before anything is sent.
--
--   name        of the method, for messages: "workspaces:create"
--   method      of HTTP        template  the path as documented, for logs and errors
--   path        as it is sent            query  text, without the question mark
--   base_path   of the base URL, which is sent before it
--   body        JSON text or nil         once   the body must not be sent a second time
--   options     of this request
--
-- Functions return nil and the text of a mistake; the public function that was called raises it.

local core = require "boltz.core"
local encode = require "boltz.check.encode"
local message = require "boltz.check.message"
local query = require "boltz.request.query"
local tables = require "boltz.tables"

local call = {}

--- Makes one, with no query and no body yet.
-- @tparam table endpoint callee, method, path, creates: see resources/method.lua
-- @tparam table settings of the client
-- @tparam string path as it is sent
-- @tparam table options of the request, checked
function call.new(endpoint, settings, path, options)
  return {
    name = endpoint.callee,
    method = endpoint.method,
    template = endpoint.path,
    base_path = settings.base_path,
    path = path,
    query = "",
    body = nil,
    once = endpoint.creates,
    options = options,
  }
end

local function refuse(what, callee, path, expected, got)
  return nil, message.of(what, callee, { path = path, expected = expected, got = got })
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
  local rest = text:gsub("([^{]*){([A-Za-z0-9_]+)}", function(part, name)
    parts[#parts + 1], names[#names + 1] = part, name
    return ""
  end)
  parts[#parts + 1] = rest
  return parts, names
end

-- An id as one segment of a path; nil when it is none.
local function segment_of(id)
  if type(id) ~= "string" or id == "" or id == "." or id == ".." then return nil end
  local segment = core.escape_path(id)
  if segment ~= id and (breaks_lines(id) or not core.utf8_length(id)) then return nil end
  return segment
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
    if message.is_secret(id) then
      return nil, message.of("parameter", callee, message.secret(names[i]))
    end
    local segment = segment_of(id)
    if not segment then
      local got = type(id) == "string" and breaks_lines(id) and "one with a control character"
        or message.describe(id)
      return refuse("parameter", callee, names[i], "an id as a non-empty string", got)
    end
    path = path .. segment .. parts[i + 1]
  end
  return path
end

--- Checks a path that the user wrote, and takes the query off its end.
-- @treturn string|nil the path
-- @return the query as a table; or the mistake
function call.raw_path(callee, path)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" or path:find("[^\33-\126]")
    or path:find("#", 1, true) then
    return refuse("parameter", callee, "path", "a path that begins with '/', percent-encoded",
      message.describe(path))
  end
  local before, text = path:match("^([^?]*)%??(.*)$")
  for segment in before:gmatch("[^/]+") do
    local plain = segment:gsub("%%2[eE]", ".")
    if plain == "." or plain == ".." then
      return refuse("parameter", callee, "path", "a path without '.' and '..'",
        message.describe(path))
    elseif message.is_secret(segment) then
      return refuse("parameter", callee, "path", "a path of ids", message.describe(path))
    end
  end
  local values = query.parse(text)
  local mistake = query.check(values, "path")
  if mistake then return nil, message.of("parameter", callee, mistake) end
  return before, values
end

--- Renames checked parameters to the wire's names, without the `_skip` of a pager's cursor.
function call.to_wire(fields, checked)
  local wire = {}
  for name, value in tables.each(checked) do
    local description = fields[name]
    if name ~= "_skip" then wire[description and description.wire or name] = value end
  end
  return wire
end

-- A body with fields put over those that it has.
local function extend(callee, value, extra)
  if value ~= nil and (type(value) ~= "table" or core.is_array(value) or value[1] ~= nil) then
    return refuse("option", callee, "extra_body", "a body that is an object to add to",
      message.describe_table(value))
  end
  return tables.merge(value or {}, extra)
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
    local extended, mistake = extend(callee, value, extra)
    if not extended then return nil, mistake end
    value = extended
  end
  if value == nil then return nil end
  local text, mistake = encode(value, "body", prefix)
  if text then return text end
  return nil, message.of("parameter", callee, mistake)
end

return call
