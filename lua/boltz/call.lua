-- SPDX-License-Identifier: MIT
-- A call: what one request says, put together from checked parameters before anything is sent.
--
--   name        of the method, for messages: "workspaces:create"
--   method      of HTTP        template  the path as documented, for logs and errors
--   path        as it is sent  query     {name = value or list}, under the wire's names
--   body        JSON text or nil         once  the body must not be sent a second time
--   options     of this request
--
-- Functions return nil and the text of a mistake; the public function that was called raises it.

local core = require "boltz.core"
local schema = require "boltz.schema"

local call = {}

local function mistake(what, callee, path, expected, got)
  return nil, schema.message(what, callee, { path = path, expected = expected, got = got })
end

-- Whether text holds CR, LF or NUL: no id does, and what does was meant to end up elsewhere.
local function breaks_lines(text)
  return text:find("[\r\n]") or text:find("\0", 1, true)
end

--- Puts ids into a path template.
-- @tparam string callee
-- @tparam string template such as `/compute/v1/admin/workspaces/{workspace_id}`
-- @tparam table ids by name
-- @treturn string|nil the path, each id percent-encoded as one segment
function call.path(callee, template, ids)
  for name in template:gmatch("{([%w_]+)}") do
    local id = ids[name]
    if type(id) ~= "string" or id == "" or id == "." or id == ".." or breaks_lines(id)
      or not core.utf8_length(id) then
      return mistake("parameter", callee, name, "an id as a non-empty string on one line",
        schema.describe(id))
    end
  end
  return (template:gsub("{([%w_]+)}", function(name) return core.escape_path(ids[name]) end))
end

--- Checks a path that the user wrote, and takes the query off its end.
-- @treturn string|nil the path
-- @return the query as text, "" for none; or the mistake
function call.raw_path(callee, path)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" or path:find("[^\33-\126]")
    or path:find("#", 1, true) then
    return mistake("parameter", callee, "path", "a path that begins with '/', percent-encoded",
      schema.describe(path))
  end
  local before, query = path:match("^([^?]*)%??(.*)$")
  for segment in before:gmatch("[^/]+") do
    local plain = segment:gsub("%%2[eE]", ".")
    if plain == "." or plain == ".." then
      return mistake("parameter", callee, "path", "a path without '.' and '..'",
        schema.describe(path))
    end
  end
  return before, query
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

local function to_text(value)
  if type(value) == "string" then return core.utf8_length(value) and value or nil end
  if type(value) == "boolean" then return tostring(value) end
  if type(value) == "number" then return (core.encode(value)) end
end

--- The query string of one or more tables, a later one's values replacing an earlier one's.
-- A list is sent as its name repeated. Names are sorted, so that equal calls are equal bytes.
-- @tparam string callee
-- @tparam string prefix query text to keep in front, or ""
-- @treturn string|nil
function call.query(callee, prefix, ...)
  local merged, names, flat = {}, {}, {}
  for i = 1, select("#", ...) do
    for name, value in pairs((select(i, ...)) or {}) do merged[name] = value end
  end
  for name in pairs(merged) do
    if not to_text(name) then
      return mistake("option", callee, "query", "names as strings", schema.describe(name))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = merged[name]
    local elements = type(value) == "table" and value or { value }
    local count = 0
    for _ in pairs(elements) do count = count + 1 end
    for i = 1, count do -- a table with names or holes has nil at one of these
      local text = to_text(elements[i])
      if not text then
        return mistake("option", callee, "query." .. name,
          "a string, a number, a boolean, or a list of such", schema.describe(elements[i] or value))
      end
      flat[#flat + 1], flat[#flat + 2] = name, text
    end
  end
  local text = core.query(flat)
  return prefix .. ((prefix ~= "" and text ~= "") and "&" or "") .. text
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
    local merged = {}
    if type(value) == "table" then
      for name, field in pairs(value) do merged[name] = field end
    end
    for name, field in pairs(extra) do merged[name] = field end
    value = merged
  end
  if value == nil then return nil end
  local text, got, path = core.encode(value)
  if text then return text end
  return mistake("parameter", callee, path == "" and "body" or prefix .. path, "a JSON value", got)
end

return call
