-- SPDX-License-Identifier: MIT
-- The way of a call, step by step: check what the caller gave -> make the call -> perform it, or
-- hand it to a pager. method.lua and raw.lua go it. An endpoint is a table:
--
--   name, summary, method, path   the path names its ids: `/workspaces/{workspace_id}`
--   also                          other names for it, which a mistake has the right one for
--   query or body                 its parameters, as check/schema.lua has them
--   creates                       true: doing it twice makes two
--   paged                         the answer is a page; its cursor is "id" or "opaque"
--   ranged                        a range of time that is read in parts, see split_range.lua and
--                                 range_progress.lua
--
-- Steps return nil and the text of a mistake; the method that was called raises it.

local Pager = require "boltz.pager"
local calls = require "boltz.request.call"
local message = require "boltz.check.message"
local names = require "boltz.check.names"
local options = require "boltz.options"
local query = require "boltz.request.query"
local range_progress = require "boltz.resources.range_progress"
local response = require "boltz.request.response"
local schema = require "boltz.check.schema"
local split_range = require "boltz.resources.split_range"
local tables = require "boltz.tables"

local endpoint = {}

local NONE = {}
local CURSORS = { "after_id", "before_id", "page" }

local CLOSED = "'%s' was called on a closed client"
local TOO_MANY = "too many arguments to '%s' (%d expected, got %d)"

--- Why a method cannot be called like that, or nil.
function endpoint.misuse(about, user, count)
  if not user then return names.no_colon(about.callee) end
  if user.is_closed then return CLOSED:format(about.callee) end
  if count > about.arity then return TOO_MANY:format(about.callee, about.arity, count) end
end

-- Parameters that a pager sets anew for each page, so that nothing may be laid over them.
local function steered_by_pager(description)
  local steered = {}
  for _, name in ipairs(description.paged and CURSORS or NONE) do steered[name] = true end
  local ranged = description.ranged
  for _, name in ipairs(ranged and { ranged.from, ranged.to, ranged.window } or NONE) do
    steered[name] = true
  end
  return steered
end

local function parameters_of(description)
  local fields = description.query or description.body
  if not description.paged then return fields end
  return tables.merge(fields, { _skip = Pager.SKIP })
end

--- What can be known of it before any call.
-- @tparam string callee such as "workspaces:create"
-- @tparam table description as above
-- @treturn table `about`, which the steps take
function endpoint.prepare(callee, description)
  local parts, ids = calls.template(description.path)
  local fields = parameters_of(description)
  local steered = steered_by_pager(description)
  return {
    callee = callee,
    method = description.method,
    path = description.path,
    creates = description.creates,
    paged = description.paged,
    ranged = description.ranged,
    parts = parts,
    ids = ids,
    fields = fields, -- of the parameter table; nil: there is none
    in_query = description.query ~= nil,
    in_body = description.body ~= nil,
    steered = next(steered) and steered or nil,
    body_prefix = "", -- before a field's name in messages
    arity = #ids + (fields and 1 or 0) + 1,
    check_options = description.paged and options.list or options.request,
  }
end

--- The parameters, under their names in Lua.
function endpoint.check_parameters(about, given, lenient)
  local callee = about.callee
  local function refuse(mistake) return nil, message.of("parameter", callee, mistake) end
  if given ~= nil and type(given) ~= "table" then
    return refuse { path = "params", expected = "a table", got = message.describe_table(given) }
  end
  given = given or NONE
  if given.after_id ~= nil and given.before_id ~= nil then
    return refuse { path = "before_id", expected = "after_id or before_id", got = "both" }
  end
  if given._skip ~= nil and about.paged then -- also when lenient
    local _, mistake = schema.check(Pager.SKIP, given._skip, "_skip")
    if mistake then return refuse(mistake) end
  end
  local checked, mistake = schema.check_fields(about.fields, given, "", lenient)
  if checked and about.in_query then mistake = query.check(checked) end
  if not mistake then return checked end
  if mistake.unknown and options.is_option(mistake.path) then
    mistake.hint = "an option goes into the table after the parameters"
  end
  return refuse(mistake)
end

--- The options of the request.
function endpoint.check_options(about, given)
  local chosen, mistake = about.check_options(given)
  if not chosen then return nil, message.of("option", about.callee, mistake) end
  for name in tables.each(about.steered and chosen.query or NONE) do
    if about.steered[name] then
      return nil, message.of("option", about.callee, { path = "query." .. name,
        expected = "it among the parameters", got = "it here" })
    end
  end
  if chosen.extra_body and about.method == "GET" then
    return nil, message.of("option", about.callee, options.NO_BODY)
  end
  return chosen
end

-- The query of a request: the client's, the parameters, and the request's own, each over the one
-- before. `params` are under their names on the wire.
local function query_of(about, settings, params, chosen)
  local defaults = settings.query
  if not next(defaults) and not chosen.query then return params or NONE end
  if about.steered then
    defaults = query.merge(defaults)
    for name in tables.each(about.steered) do defaults[name] = nil end
  end
  return query.merge(defaults, params, chosen.query)
end

-- The mistake of a query that makes the call's URL longer than servers take, or nil.
local function misfit(about, settings, chosen, call, values)
  local validate = chosen.validate
  if validate == nil then validate = settings.validate end
  local before = #settings.base_url + #call.path + 1
  local fits = before + #call.query <= query.LONGEST_URL
  if fits or not validate then return nil end
  local mistake, blamed = query.misfit(values, before)
  local is_option = not blamed or chosen.query and chosen.query[blamed] ~= nil
  for name, description in tables.each(not is_option and about.in_query and about.fields or NONE) do
    if blamed == (description.wire or name) then
      mistake.path = name
      return message.of("parameter", about.callee, mistake)
    end
  end
  return message.of("option", about.callee, mistake)
end

--- The call, of checked parameters under their names in Lua.
-- @tparam[opt] boolean later it asks for a later page of a list: a cursor that the server made is
-- not the caller's mistake, however long it is
function endpoint.make_call(about, settings, path, params, chosen, later)
  local call = calls.new(about, settings, path, chosen)
  local wire = params and calls.to_wire(about.fields, params)
  local values = query_of(about, settings, about.in_query and wire or nil, chosen)
  if next(values) ~= nil then
    call.query = query.format(values)
    local too_long = not later and misfit(about, settings, chosen, call, values)
    if too_long then return nil, too_long end
  end
  local value = chosen.body
  if about.in_body then value = wire end
  if value ~= nil or chosen.extra_body then
    local mistake
    call.body, mistake = calls.body(about.callee, about.body_prefix, value, chosen.extra_body)
    if mistake then return nil, mistake end
  end
  return call
end

--- Performs it.
function endpoint.perform(user, call)
  local value, err, about = user:perform(call)
  if err then return nil, err end -- two values: LuaJIT's assert raises the last
  return value, nil, about
end

--- The pager, for checked parameters under their names in Lua.
function endpoint.make_pager(about, user, path, params, chosen)
  local first, mistake = endpoint.make_call(about, user.settings, path, params, chosen)
  if not first then return nil, mistake end
  return Pager.new({
    name = about.callee,
    params = params,
    cursor = about.paged,
    split = about.ranged and function(whole) return split_range(about.ranged, whole) end,
    fraction = about.ranged and function(page, following)
      return range_progress(about.ranged, params, page, following)
    end,
    start = function(page_params)
      return user:start(endpoint.make_call(about, user.settings, path, page_params, chosen, true))
    end,
    reject = function(...)
      return response.reject(calls.new(about, user.settings, path, chosen), ...)
    end,
  }, chosen)
end

return endpoint
