-- SPDX-License-Identifier: MIT
-- Turns descriptions of endpoints into methods. A description is a table:
--
--   name, summary, method, path   the path names its ids: `/workspaces/{workspace_id}`
--   query or body                 its parameters, as schema.lua has them
--   creates                       true: doing it twice makes two
--   paged                         the answer is a page; its cursor is "id" or "opaque"
--   ranged                        a range of time that is read in parts, see ranges.lua

local Pager = require "boltz.pager"
local answer = require "boltz.request.response"
local call = require "boltz.request.call"
local options = require "boltz.options"
local query = require "boltz.request.query"
local ranges = require "boltz.resources.split_range"
local request = require "boltz.request.execution"
local schema = require "boltz.check.schema"

local resource = {}

local NONE = {}
local CURSORS = { "after_id", "before_id", "page" }

-- Parameters that a pager sets anew for each page, so that nothing may be laid over them.
local function steered_by_pager(endpoint)
  local names = {}
  for _, name in ipairs(endpoint.paged and CURSORS or {}) do names[name] = true end
  local ranged = endpoint.ranged
  if ranged then names[ranged.from], names[ranged.to], names[ranged.window] = true, true, true end
  return names
end

local function parameters_of(endpoint)
  local fields = endpoint.query or endpoint.body
  if not endpoint.paged then return fields end
  local with_skip = { _skip = Pager.SKIP }
  for name, description in pairs(fields) do with_skip[name] = description end
  return with_skip
end

local function check_parameters(callee, method, given, lenient)
  local function mistake(trouble) return nil, schema.message("parameter", callee, trouble) end
  if given ~= nil and type(given) ~= "table" then
    return mistake { path = "params", expected = "a table", got = schema.describe_table(given) }
  end
  if given and given.after_id ~= nil and given.before_id ~= nil then
    return mistake { path = "before_id", expected = "after_id or before_id", got = "both" }
  end
  if given and given._skip ~= nil and method.endpoint.paged then -- also when lenient
    local _, trouble = schema.check(Pager.SKIP, given._skip, "_skip")
    if trouble then return mistake(trouble) end
  end
  local checked, trouble = schema.check_fields(method.fields, given or {}, "", lenient)
  if checked and method.endpoint.query then trouble = query.check(checked) end
  if not trouble then return checked end
  if trouble.unknown and options.is_option(trouble.path) then
    trouble.hint = "an option goes into the table after the parameters"
  end
  return mistake(trouble)
end

local function check_options(callee, method, given)
  local chosen, trouble = (method.endpoint.paged and options.list or options.request)(given)
  if not chosen then return nil, schema.message("option", callee, trouble) end
  for name in next, chosen.query or NONE do
    if method.steered[name] then
      return nil, schema.message("option", callee, { path = "query." .. name,
        expected = "it among the parameters", got = "it here" })
    end
  end
  if chosen.extra_body and method.endpoint.method == "GET" then
    return nil, schema.message("option", callee, options.NO_BODY)
  end
  return chosen
end

-- What all requests of a method have in common. Returns nil and a mistake's text.
local function prepare(self, callee, method, count, arguments)
  if type(self) ~= "table" or not self._client then
    return nil, ("'%s' is a method: call it with a colon"):format(callee)
  elseif self._client._closed then
    return nil, ("'%s' was called on a closed client"):format(callee)
  elseif count > method.arity then
    return nil, ("too many arguments to '%s' (%d expected, got %d)")
      :format(callee, method.arity, count)
  end
  local path, mistake = call.path(callee, method.path_parts, method.ids, arguments)
  if not path then return nil, mistake end
  local chosen
  chosen, mistake = check_options(callee, method, arguments[method.arity])
  if not chosen then return nil, mistake end
  local params
  if method.fields then
    local lenient = chosen.validate
    if lenient == nil then lenient = self._client._settings.validate end
    params, mistake = check_parameters(callee, method, arguments[#method.ids + 1], not lenient)
    if not params then return nil, mistake end
  end
  return {
    name = callee,
    method = method.endpoint.method,
    template = method.endpoint.path,
    path = path,
    once = method.endpoint.creates,
    options = chosen,
  }, nil, params
end

-- Puts parameters, and what the client and the call add to them, into the request.
local function fill(self, prepared, method, params)
  local endpoint, added = method.endpoint, prepared.options
  local wire = params and call.to_wire(endpoint.query or endpoint.body, params)
  local defaults = self._client._settings.query
  if next(method.steered) then
    defaults = query.merge(defaults)
    for name in pairs(method.steered) do defaults[name] = nil end
  end
  local values = endpoint.query and wire
  if next(defaults) or added.query then values = query.merge(defaults, values, added.query) end
  prepared.query = values and query.format(values) or ""
  if endpoint.body or added.extra_body then
    local mistake
    prepared.body, mistake = call.body(prepared.name, "", endpoint.body and wire, added.extra_body)
    if mistake then return nil, mistake end
  end
  return prepared
end

local function pager_for(self, prepared, method, params)
  local endpoint = method.endpoint
  return Pager.new({
    params = params,
    cursor = endpoint.paged,
    clip = endpoint.ranged and function(whole) return ranges.clip(endpoint.ranged, whole) end,
    start = function(page_params)
      local page_call = fill(self, call.copy(prepared), method, page_params)
      return request.start(self._client, page_call)
    end,
    reject = function(...) return answer.reject(prepared, ...) end,
  }, prepared.options)
end

local function make_method(resource_name, endpoint)
  local callee = resource_name .. ":" .. endpoint.name
  local method = { endpoint = endpoint, fields = parameters_of(endpoint) }
  method.path_parts, method.ids = call.template(endpoint.path)
  method.steered = steered_by_pager(endpoint)
  method.arity = #method.ids + (method.fields and 1 or 0) + 1
  return function(self, ...)
    local prepared, mistake, params =
      prepare(self, callee, method, select("#", ...), { ... })
    if prepared then
      local filled
      filled, mistake = fill(self, prepared, method, params)
      prepared = filled
    end
    if not prepared then error(mistake, 2) end
    if not endpoint.paged then
      local value, err, response = request.perform(self._client, prepared)
      if err then return nil, err end -- two values: LuaJIT's assert raises the last
      return value, nil, response
    end
    local pager = pager_for(self, prepared, method, params)
    return pager, nil, nil, pager
  end
end

--- A class whose objects, `setmetatable({_client = client}, class)`, have one method an endpoint.
-- @tparam string name of the resource
-- @tparam table endpoints
function resource.class(name, endpoints)
  local methods = {}
  for _, endpoint in ipairs(endpoints) do methods[endpoint.name] = make_method(name, endpoint) end
  return { __index = methods, __name = "boltz." .. name }
end

return resource
