-- SPDX-License-Identifier: MIT
-- Hands out workspace keys that live a day, and shows each tenant its usage. The admin key is in
-- the client below and nowhere else; it never leaves the gateway.
--
-- Keys are not kept: who asks gets a new one, and once. So nothing can be read out of the gateway
-- that was not asked for. How many a tenant may have in a day is counted, as a lost key still works
-- until it expires.

local boltz = require "boltz"
local cjson = require "cjson"
local tenants = require "tenants"

local gateway = {}

local DAY = 86400 -- seconds
local KEYS_A_DAY = 10 -- of each tenant
local DAYS_OF_USAGE = 30

local client = boltz.new { deadline = 10 }
local issued = ngx.shared.issued

local function answer(status, value)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(cjson.encode(value))
  return ngx.exit(status)
end

local function too_many(seconds, request_id)
  ngx.header["Retry-After"] = seconds
  return answer(429, { error = "too_many_requests", request_id = request_id })
end

-- Until when this worker's client holds back its calls, because the service said 429 to one.
local held_back = 0

-- What the service said is for the log. The tenant learns what helps to ask about it.
local function fail(tenant, err)
  ngx.log(ngx.ERR, "boltz, for ", tenant.name, ": ", tostring(err))
  if err.kind == "rate_limit" then
    local wait = tonumber(err.headers["retry-after"]) or 1
    held_back = math.max(held_back, ngx.now() + wait)
    return too_many(wait, err.request_id)
  elseif err.attempts == 0 and held_back > ngx.now() then
    return too_many(math.ceil(held_back - ngx.now()))
  end
  return answer(502, { error = "upstream", kind = err.kind, request_id = err.request_id })
end

-- The tenant of a request by this method; answers the request if there is none.
local function authenticate(method)
  if ngx.req.get_method() ~= method then
    ngx.header["Allow"] = method
    return answer(405, { error = "method_not_allowed" })
  end
  local token = (ngx.var.http_authorization or ""):match("^[Bb]earer +(%S+)$")
  local tenant = token and tenants[token]
  if tenant then return tenant end
  ngx.header["WWW-Authenticate"] = "Bearer"
  return answer(401, { error = "unauthorized" })
end

-- Counts a key before it is made, so that requests at the same time cannot pass the limit together.
-- Returns how long to wait when there are enough.
local function count_key(tenant)
  local number, problem = issued:incr(tenant.name, 1, 0, DAY)
  if not number then
    ngx.log(ngx.ERR, "keys are not counted: ", problem)
    return DAY
  elseif number > KEYS_A_DAY then
    issued:incr(tenant.name, -1)
    return math.ceil(issued:ttl(tenant.name) or DAY)
  end
end

--- POST /keys: a key for the tenant's workspace.
function gateway.create_key()
  local tenant = authenticate("POST")
  local wait = count_key(tenant)
  if wait then return too_many(wait) end
  local created, err = client.api_keys:create {
    name = "gateway " .. tenant.name,
    workspace_id = tenant.workspace,
    mode = tenant.mode,
    expires_in_days = 1,
  }
  if not created then
    if not err.maybe_applied then issued:incr(tenant.name, -1) end
    return fail(tenant, err)
  end
  return answer(201, {
    key = created.key,
    workspace_id = tenant.workspace,
    expires_at = created.key_details.expires_at,
  })
end

--- GET /usage: what the tenant's workspace has used, by application.
function gateway.show_usage()
  local tenant = authenticate("GET")
  local now = ngx.time()
  local buckets, err = client.usage:list({
    starting_at = now - now % DAY - (DAYS_OF_USAGE - 1) * DAY, -- whole days of UTC, and today
    ending_at = now,
    window_size = "DAY",
    group_by = "application",
    workspace_ids = tenant.workspace,
  }):all()
  if not buckets then return fail(tenant, err) end
  local quantities = {}
  for _, bucket in ipairs(buckets) do
    local application = bucket.application or "other" -- the service may not say
    quantities[application] = (quantities[application] or 0) + bucket.quantity
  end
  return answer(200, {
    workspace_id = tenant.workspace,
    days = DAYS_OF_USAGE,
    applications = quantities,
  })
end

return gateway
