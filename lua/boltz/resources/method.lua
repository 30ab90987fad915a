-- SPDX-License-Identifier: MIT
-- Turns endpoints into methods: `client.workspaces:retrieve(id)`.

local caller = require "boltz.check.caller"
local calls = require "boltz.request.call"
local endpoint = require "boltz.resources.endpoint"
local names = require "boltz.check.names"

local method = {}

-- What the arguments of a method say: a path, parameters, options; or nil and a message.
local function read_arguments(about, user, count, arguments)
  local mistake = endpoint.misuse(about, user, count)
  if mistake then return nil, mistake end
  local path, chosen, params
  path, mistake = calls.path(about.callee, about.parts, about.ids, arguments)
  if not path then return nil, mistake end
  chosen, mistake = endpoint.check_options(about, arguments[about.arity])
  if not chosen then return nil, mistake end
  if about.fields then
    local validate = chosen.validate
    if validate == nil then validate = user.settings.validate end
    params, mistake = endpoint.check_parameters(about, arguments[about.arity - 1], not validate)
    if not params then return nil, mistake end
  end
  return path, params, chosen
end

local function new_method(callee, description)
  local about = endpoint.prepare(callee, description)
  return function(self, ...)
    local user = type(self) == "table" and self._user or nil
    local path, params, chosen = read_arguments(about, user, select("#", ...), { ... })
    if not path then caller.raise(params) end
    if about.paged then
      local pager, problem = endpoint.make_pager(about, user, path, params, chosen)
      if not pager then caller.raise(problem) end
      return pager, nil, nil, pager -- as a generic `for` takes them
    end
    local call, mistake = endpoint.make_call(about, user.settings, path, params, chosen)
    if not call then caller.raise(mistake) end
    return endpoint.perform(user, call)
  end
end

--- A class with one method an endpoint; its objects are `class.new(user)`, of a user of a session.
-- @tparam string name of the resource
-- @tparam table endpoints
function method.class(name, endpoints)
  local methods, meant = {}, {}
  for _, each in ipairs(endpoints) do
    methods[each.name] = new_method(name .. ":" .. each.name, each)
    for _, other in ipairs(each.also or {}) do meant[other] = each.name end
  end
  local class = { __name = "boltz." .. name,
    __index = names.guard(methods, { name = name, meant = meant }) }
  function class:__tostring()
    return ("%s (%s)"):format(class.__name, self._user.settings.base_url)
  end
  function class.new(user) return setmetatable({ _user = user }, class) end
  return class
end

return method
