-- SPDX-License-Identifier: MIT
-- A client: settings, a session with connections, the resources, and a way to every other endpoint.

local Session = require "boltz.session"
local caller = require "boltz.check.caller"
local message = require "boltz.check.message"
local method = require "boltz.resources.method"
local names = require "boltz.check.names"
local options = require "boltz.options"
local raw = require "boltz.resources.raw"
local tables = require "boltz.tables"

local Client = { __name = "boltz.client" }
Client.__index = Client

local ADMIN = { "workspaces", "api_keys", "usage" }
local CLASSES = { auth = method.class("auth", require "boltz.resources.auth") }
for _, name in ipairs(ADMIN) do
  CLASSES[name] = method.class(name, require("boltz.resources." .. name))
end

names.guard(Client, {
  name = "client",
  fields = { "admin", "api_keys", "auth", "usage", "workspaces" },
  meant = { copy = "with", keys = "api_keys", list = "paginate", me = "auth" },
})

-- What every client's `admin` looks its names up in.
local Admin = {
  __index = names.guard({},
    { name = "client.admin", fields = ADMIN, meant = { auth = "client.auth" } }),
}

-- A client's user of its session; nil if it is no client.
local function user_of(self)
  return getmetatable(self) == Client and self._user or nil
end

local function assemble(settings, session)
  local user = session:join(settings)
  local client = setmetatable({ _user = user }, Client)
  for name, class in tables.each(CLASSES) do client[name] = class.new(user) end
  client.admin = setmetatable({}, Admin)
  for _, name in ipairs(ADMIN) do client.admin[name] = client[name] end
  return client
end

local function check(callee, given, base)
  if type(given) ~= "table" then
    return nil, ("bad argument to '%s' (expected a table of options, got %s)")
      :format(callee, message.describe_table(given))
  end
  local settings, mistake = options.client(given, base)
  if not settings then return nil, message.of("option", callee, mistake) end
  local fields = settings.headers
  local credential = settings.api_key or settings.bearer_token
    or fields["x-api-key"] or fields["authorization"]
  if not credential then
    return nil, message.of("option", callee, { path = "api_key",
      expected = "a key here or in the environment's BOLTZ_API_KEY", got = "neither" })
  end
  return settings
end

--- Makes a client; `boltz.new`.
-- @tparam[opt] table given options
-- @treturn table
function Client.new(given)
  local settings, mistake = check("boltz.new", given or {})
  mistake = names.colon(given, "new", Client.new) or mistake
  if mistake then caller.raise(mistake) end
  return assemble(settings, Session.new(settings))
end

--- A copy with some options changed. It shares the connections unless it changes transport or loop;
-- `headers` and `query` are laid over the client's own.
-- @tparam table given options
function Client:with(given)
  local user = user_of(self)
  if not user then caller.raise(names.no_colon "client:with") end
  local settings, mistake = check("client:with", given, user.settings)
  if not settings then caller.raise(mistake) end
  if user.is_closed then caller.raise("'client:with' was called on a closed client") end
  local alone = given.transport or given.loop
  return assemble(settings, alone and Session.new(settings) or user.session)
end

--- Ends the client's calls, and frees the shared connections that no call uses, at once; copies
-- open new ones. Calls that other coroutines wait for return the error `cancelled`. May be called
-- again.
function Client:close()
  local user = user_of(self)
  if not user then caller.raise(names.no_colon "client:close") end
  user:leave()
end

Client.__close = Client.close

function Client:__tostring()
  local settings = self._user.settings
  return ("boltz.client (%s, %s)"):format(settings.base_url,
    tostring(settings.api_key or settings.bearer_token or "no key"))
end

--- Call any endpoint: `client:get(path, {query =, headers =, ...})`; all but get take `body`.
-- @tparam string path such as `/compute/v1/admin/workspaces`, percent-encoded
-- @tparam[opt] table options of the request
-- @return value, nil, response | nil, error
Client.get = raw.method("GET", user_of)
Client.post = raw.method("POST", user_of)
Client.put = raw.method("PUT", user_of)
Client.patch = raw.method("PATCH", user_of)
Client.delete = raw.method("DELETE", user_of)

--- A pager over any endpoint that answers pages.
-- @tparam string path
-- @tparam[opt] table given `query` for its parameters, and the options of a list
Client.paginate = raw.list(user_of)

return Client
