-- SPDX-License-Identifier: MIT
-- Raw calls, to a path that the user wrote: `client:get(path)`. They go the way of methods, with an
-- endpoint that is made on the spot.

local ascii = require "boltz.ascii"
local Pager = require "boltz.pager"
local caller = require "boltz.check.caller"
local calls = require "boltz.request.call"
local core = require "boltz.core"
local endpoint = require "boltz.resources.endpoint"
local log = require "boltz.request.log"
local message = require "boltz.check.message"
local options = require "boltz.options"
local query = require "boltz.request.query"
local schema = require "boltz.check.schema"

local raw = {}

local NONE = {}
local RAW_ARITY = 2
local CHECKS = { -- of the options
  GET = options.request, DELETE = options.request_with_body, PATCH = options.request_with_body,
  POST = options.request_with_body, PUT = options.request_with_body,
}

-- What a method would know of that endpoint.
local function about_raw(callee, http_method, path, check)
  return {
    callee = callee,
    method = http_method,
    path = path,
    creates = http_method == "POST" or http_method == "PATCH", -- doing it twice may make two
    fields = NONE,
    in_query = true,
    body_prefix = "body.",
    arity = RAW_ARITY,
    check_options = check,
  }
end

-- What the arguments of a raw call say: what a method would know, a query, options; or nil and a
-- message.
local function read_raw(callee, http_method, check, user, count, path, given)
  local about = about_raw(callee, http_method, nil, check)
  local mistake = endpoint.misuse(about, user, count)
  if mistake then return nil, mistake end
  local plain, params = calls.raw_path(callee, path)
  if not plain then return nil, params end
  about.path = plain
  local chosen
  chosen, mistake = endpoint.check_options(about, given)
  if not chosen then return nil, mistake end
  return about, params, chosen
end

local TEXT = "the body is a text that is JSON already, and goes out as a JSON string: give it as a "
  .. "table (boltz.json.decode makes one of it)"

-- Warns, once a client, of a body that was encoded before it was given.
local function warn_of_text(user, call, body)
  if user.has_warned or type(body) ~= "string" or not body:find("^%s*[{%[]") then return end
  if type(core.decode(body)) ~= "table" then return end
  user.has_warned = true
  log.write(user.settings, "warn", TEXT,
    { method = call.method, path = call.template, where = caller.place() })
end

--- A method of the client for any endpoint: `client:get(path, {query =, headers =, ...})`.
-- @tparam string http_method
-- @tparam function user_of function(self) -> the user, or nil if self is no client
function raw.method(http_method, user_of)
  local callee = "client:" .. ascii.lower(http_method)
  return function(self, ...)
    local user, path, given = user_of(self), ...
    local about, params, chosen =
      read_raw(callee, http_method, CHECKS[http_method], user, select("#", ...), path, given)
    if not about then caller.raise(params) end
    local call, mistake = endpoint.make_call(about, user.settings, about.path, params, chosen)
    if not call then caller.raise(mistake) end
    warn_of_text(user, call, chosen.body)
    return endpoint.perform(user, call)
  end
end

-- The parameters of a raw list: what the path and the options say. The pager steers them, so they
-- are not laid over its requests again.
local function list_parameters(callee, params, chosen)
  params = query.merge(params, chosen.query)
  chosen.query = nil
  local mistake
  if params.after_id ~= nil and params.before_id ~= nil then
    mistake = { path = "query.before_id", expected = "after_id or before_id", got = "both" }
  elseif params._skip ~= nil then
    mistake = select(2, schema.check(Pager.SKIP, params._skip, "query._skip"))
  end
  if mistake then return nil, message.of("option", callee, mistake) end
  return params
end

--- `client:paginate`: a pager over any endpoint that answers pages.
-- @tparam function user_of as in `method`
function raw.list(user_of)
  local callee = "client:paginate"
  return function(self, ...)
    local user, path, given = user_of(self), ...
    local about, params, chosen =
      read_raw(callee, "GET", options.list, user, select("#", ...), path, given or {})
    if not about then caller.raise(params) end
    local mistake, pager
    params, mistake = list_parameters(callee, params, chosen)
    if not params then caller.raise(mistake) end
    pager, mistake = endpoint.make_pager(about, user, about.path, params, chosen)
    if not pager then caller.raise(mistake) end
    return pager, nil, nil, pager -- as a generic `for` takes them
  end
end

return raw
