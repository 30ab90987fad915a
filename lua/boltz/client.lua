-- SPDX-License-Identifier: MIT
-- A client: settings, connections, the resources, and a way to every other endpoint.

local Budget = require "boltz.request.retry_budget"
local Pager = require "boltz.pager"
local answer = require "boltz.request.response"
local call = require "boltz.request.call"
local core = require "boltz.core"
local options = require "boltz.options"
local query = require "boltz.request.query"
local request = require "boltz.request.execution"
local resource = require "boltz.resources.method"
local schema = require "boltz.check.schema"
local Throttle = require "boltz.request.cooldown"
local transport = require "boltz.wait.transport"

local Client = { __name = "boltz.client" }
Client.__index = Client

local ADMIN = { "workspaces", "api_keys", "usage" }
local CLASSES = { auth = resource.class("auth", require "boltz.resources.auth") }
for _, name in ipairs(ADMIN) do
  CLASSES[name] = resource.class(name, require("boltz.resources." .. name))
end

local NO_COLON = "'%s' is a method: call it with a colon"

local function assemble(settings, connections)
  local client = setmetatable({
    _settings = settings,
    _connections = connections,
    _calls = setmetatable({}, { __mode = "k" }), -- that are under way
  }, Client)
  connections.users[client] = true
  for name, class in pairs(CLASSES) do
    client[name] = setmetatable({ _client = client }, class)
  end
  client.admin = {}
  for _, name in ipairs(ADMIN) do client.admin[name] = client[name] end
  return client
end

local CLOCK = { now = core.now, wall = os.time, random = core.random }

-- What a client and its copies share.
local function connect(settings)
  local carrier = settings.transport and transport.in_process(settings.transport, settings.loop)
    or transport.over_engine(settings.loop)
  return {
    transport = carrier,
    budget = Budget.new(),
    throttle = Throttle.new(),
    clock = CLOCK,
    users = setmetatable({}, { __mode = "k" }), -- a copy that is forgotten needs no close
  }
end

local function check(callee, given, base)
  if type(given) ~= "table" then
    return nil, ("bad argument to '%s' (expected a table of options, got %s)")
      :format(callee, schema.describe_table(given))
  end
  local settings, trouble = options.client(given, base)
  if not settings then return nil, schema.message("option", callee, trouble) end
  local fields = settings.headers
  local credential = settings.api_key or settings.bearer_token
    or fields["x-api-key"] or fields["authorization"]
  if not credential then
    return nil, schema.message("option", callee, { path = "api_key",
      expected = "a key here or in the environment's BOLTZ_API_KEY", got = "neither" })
  end
  return settings
end

--- Makes a client; `boltz.new`.
-- @tparam[opt] table given options
-- @treturn table
function Client.new(given)
  local settings, mistake = check("boltz.new", given or {})
  if not settings then error(mistake, 2) end
  return assemble(settings, connect(settings))
end

--- A copy with some options changed. It shares the connections unless it changes transport or loop;
-- `headers` and `query` are laid over the client's own.
-- @tparam table given options
function Client:with(given)
  if getmetatable(self) ~= Client then error(NO_COLON:format("client:with"), 2) end
  local settings, mistake = check("client:with", given, self._settings)
  if not settings then error(mistake, 2) end
  if self._closed then error("'client:with' was called on a closed client", 2) end
  local alone = given.transport or given.loop
  return assemble(settings, alone and connect(settings) or self._connections)
end

--- Ends the client's calls, at once, and with the last client that shares them its connections.
-- Calls that other coroutines wait for return the error `cancelled`. May be called again.
function Client:close()
  if getmetatable(self) ~= Client then error(NO_COLON:format("client:close"), 2) end
  if self._closed then return end
  self._closed = true
  local connections = self._connections
  for exchange in pairs(self._calls) do exchange:cancel() end
  connections.transport:wake() -- for calls that wait before they try again
  connections.users[self] = nil
  if next(connections.users) == nil then connections.transport:close() end
end

Client.__close = Client.close

function Client:__tostring()
  local settings = self._settings
  return ("boltz.client (%s, %s)"):format(settings.base_url,
    tostring(settings.api_key or settings.bearer_token or "no key"))
end

-- A call to a path that the user wrote. Returns nil and a mistake's text.
local function raw_call(self, callee, method, path, check_options, given, ...)
  if getmetatable(self) ~= Client then
    return nil, NO_COLON:format(callee)
  elseif self._closed then
    return nil, ("'%s' was called on a closed client"):format(callee)
  elseif select("#", ...) > 0 then
    return nil, ("too many arguments to '%s' (2 expected, got %d)")
      :format(callee, 2 + select("#", ...))
  end
  local plain, from_path = call.raw_path(callee, path)
  if not plain then return nil, from_path end
  local chosen, trouble = check_options(given)
  if not chosen then return nil, schema.message("option", callee, trouble) end
  if chosen.extra_body and method == "GET" then
    return nil, schema.message("option", callee, options.NO_BODY)
  end
  return {
    name = callee,
    method = method,
    template = plain,
    path = plain,
    once = method == "POST" or method == "PATCH", -- who knows what doing it twice would do
    options = chosen,
  }, nil, query.merge(from_path, chosen.query)
end

for _, method in ipairs { "GET", "POST", "PUT", "PATCH", "DELETE" } do
  local name = method:lower()
  local callee = "client:" .. name
  local check_options = method == "GET" and options.request or options.request_with_body
  --- Calls any endpoint: `client:get(path, {query =, headers =, ...})`; all but get take `body`.
  -- @tparam string path such as `/compute/v1/admin/workspaces`, percent-encoded
  -- @tparam[opt] table options of the request
  -- @return value, nil, response | nil, error
  Client[name] = function(self, path, ...)
    local prepared, mistake, values =
      raw_call(self, callee, method, path, check_options, ...)
    if prepared then
      local chosen = prepared.options
      prepared.query = query.format(query.merge(self._settings.query, values))
      prepared.body, mistake = call.body(callee, "body.", chosen.body, chosen.extra_body)
    end
    if mistake then error(mistake, 2) end
    local value, err, response = request.perform(self, prepared)
    if err then return nil, err end -- two values: LuaJIT's assert raises the last
    return value, nil, response
  end
end

--- A pager over any endpoint that answers pages.
-- @tparam string path
-- @tparam[opt] table given `query` for its parameters, and the options of a list
function Client:paginate(path, ...)
  local callee = "client:paginate"
  local prepared, mistake, params = raw_call(self, callee, "GET", path, options.list, ...)
  if params and params.after_id ~= nil and params.before_id ~= nil then
    mistake = schema.message("option", callee,
      { path = "query.before_id", expected = "after_id or before_id", got = "both" })
  elseif params and params._skip ~= nil then
    local _, trouble = schema.check(Pager.SKIP, params._skip, "query._skip")
    mistake = trouble and schema.message("option", callee, trouble)
  end
  if mistake then error(mistake, 2) end
  local pager = Pager.new({
    params = params,
    start = function(page_params)
      local page_call = call.copy(prepared)
      page_call.query = query.format(
        query.merge(self._settings.query, call.to_wire({}, page_params)))
      return request.start(self, page_call)
    end,
    reject = function(...) return answer.reject(prepared, ...) end,
  }, prepared.options)
  return pager, nil, nil, pager
end

return Client
