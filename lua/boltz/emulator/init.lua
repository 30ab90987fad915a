-- SPDX-License-Identifier: MIT
-- A stateful stand-in for the admin side of the Boltz API, for tests. It opens no socket:
-- `handle` takes a request and returns the answer, and whoever carries requests (a client in the
-- same process, or bin/boltz-emulator) does the rest. It was written from the documentation of the
-- service and shares no code with the client but the JSON of `boltz.core`.

require "boltz.supported"

local core = require "boltz.core"
local Faults = require "boltz.emulator.faults"
local Journal = require "boltz.emulator.journal"
local Ledger = require "boltz.emulator.ledger"
local MovingClock = require "boltz.emulator.moving_clock"
local Router = require "boltz.emulator.router"
local Store = require "boltz.emulator.store"
local auth = require "boltz.emulator.auth"
local body_reader = require "boltz.emulator.body"
local check = require "boltz.emulator.check"
local meter = require "boltz.emulator.meter"
local problem = require "boltz.emulator.problem"
local query_reader = require "boltz.emulator.query"
local random = require "boltz.emulator.random"
local seed = require "boltz.emulator.seed"

local Emulator = {}
Emulator.__index = Emulator

local OPTIONS = {
  seed = "number",
  workspaces = "number",
  now = "function",
  admin_key = "string",
  bearer_token = "string",
}

-- A route has `method`, `template`, `handle` (function(request) -> JSON value), and where they
-- apply `query` and `body` (rules) and `access` (who may call; admins, unless it says otherwise).
local ROUTES = {}
for _, name in ipairs{ "workspaces", "api_keys", "usage", "me" } do
  for _, route in ipairs(require("boltz.emulator." .. name).routes) do
    ROUTES[#ROUTES + 1] = route
  end
end

local function check_options(options)
  for name, value in pairs(options) do
    local expected = OPTIONS[name] or error("unknown option: " .. tostring(name), 3)
    if type(value) ~= expected then
      error(("bad option '%s' (expected %s, got %s)"):format(name, expected, type(value)), 3)
    end
  end
end

--- Starts an emulator.
-- @param options[opt] `seed` (number, 1), `workspaces` (how many it starts with, the default one
-- among them; 5), `now` (function -> seconds since the epoch, the machine's time; waits of clients
-- come on top), `admin_key` (made from the seed), `bearer_token` (lets an OAuth user in; none)
-- @return an emulator with `admin_key`, `clock` and `store`, the latter to look at
function Emulator.new(options)
  options = options or {}
  check_options(options)
  local self = setmetatable({
    seed = options.seed or 1,
    clock = MovingClock.new(options.now),
    _router = Router.new(ROUTES),
    _faults = Faults.new(),
    _journal = Journal.new(),
  }, Emulator)
  local source = random.new(self.seed)
  local function now() return self:now() end
  self.store = Store.new(source, now)
  self.organization = { id = "org_" .. source:text(24), name = "Example Bio", role = "admin" }
  self.admin_key = seed.fill(self.store, {
    workspaces = math.max(options.workspaces or 5, 1),
    now = now(),
    admin_key = options.admin_key,
  })
  self.meter = meter.new(self.seed, now)
  self.ledger = Ledger.new(meter.APPLICATIONS, meter.PRICE)
  if options.bearer_token then
    local other = { id = "org_" .. source:text(24), name = "Partner Bio", role = "member" }
    self.user = { id = "user_" .. source:text(24), token = options.bearer_token,
      organizations = { self.organization, other } }
  end
  return self
end

--- The emulator's time, in whole seconds since the epoch.
function Emulator:now()
  return math.floor(self.clock:wall())
end

--- Asks for misbehaviour.
-- @param fault which requests: `method`, `path` (a template such as
-- "/compute/v1/admin/workspaces/{workspace_id}", or a path; absent: any), `after` (let so many
-- through first; 0), `times` (1; math.huge: always), `every` (1: one after the other). What then
-- happens:
-- `status`, `headers`, `body` (text or JSON value), `retry_after` (s), `latency` (s), `drop` (no
-- answer at all), `truncate` (so many bytes of the body), `malformed` (a body that is not JSON),
-- `repeat_cursor` (a page that names the cursor it was asked for; only requests with one match).
-- `acted`: whether the request is carried out all the same (default: not with `status` or `drop`).
function Emulator:fault(fault)
  self._faults:add(fault, 3)
end

--- Takes all faults away.
function Emulator:reset_faults()
  self._faults:clear()
end

--- Adds usage, which lists of usage show, and spending, which limits show from when they were set.
-- @param use `workspace_id` (the default workspace's), `application` (needed for a quantity),
-- `quantity` (units), `amount` (milli-USD; what so many units cost), `at` (seconds since the epoch
-- or ISO 8601, not in the future; now)
function Emulator:use(use)
  if type(use) ~= "table" then error("a use is a table, not a " .. type(use), 2) end
  local id = use.workspace_id
  local workspace = self.store.default_workspace
  if id ~= nil then workspace = self.store.workspaces:get(id) end
  local mistake = self.ledger:add(use, workspace, self:now())
  if mistake then error(mistake, 2) end
end

--- The latest 1,000 requests, oldest first, each with `method`, `path`, `query` (decoded: texts,
-- and lists where a name came several times or ends in "[]"), `headers` (by lower-case name; of a
-- credential no more than its first 12 characters), `body` (decoded where it is JSON; nil: none)
-- and `status` (0: dropped). And how many there were in all.
function Emulator:requests()
  return self._journal:list(), self._journal.total
end

local function lower_names(headers)
  local lowered = {}
  for name, value in pairs(headers or {}) do
    lowered[name:lower()] = type(value) == "table" and value[1] or value
  end
  return lowered
end

--- Carries a request out.
-- @return the JSON value of the answer; raises a problem
function Emulator:_serve(request, answer)
  local route = request.route
  if not route and #request.methods == 0 then problem.raise("not_found", "Unknown route") end
  if not route then
    answer.headers.allow = table.concat(request.methods, ", ")
    problem.raise("method_not_allowed", "Method not allowed")
  end
  request.principal = auth.identify(self, request.headers, request.address)
  auth.permit(request.principal, route.access, request.ids.workspace_id)
  if route.query then request.query = check.apply(route.query, request.query) end
  if route.body then
    local value = body_reader.read(request.body, request.headers["content-type"])
    request.body = check.apply(route.body, value)
  else
    body_reader.refuse(request.body)
  end
  return route.handle(request)
end

--- Answers a refusal; any other error is a mistake in the emulator and goes on to the caller.
function Emulator:_answer(request)
  local answer = { status = 200, headers = {} }
  local _, result = xpcall(function()
    answer.value = self:_serve(request, answer)
  end, function(err)
    return problem.is(err) and err or debug.traceback(tostring(err), 2)
  end)
  if problem.is(result) then
    answer.status, answer.value = result.status, problem.body(result)
  elseif result then
    error(result, 0)
  end
  return answer
end

--- Answers a request.
-- @param method "GET" and so on
-- @param path as it was sent, percent-encoded, without the query
-- @param query[opt] as it was sent without its "?", or a table of decoded name to value or list
-- @param headers[opt] table of name (any case) to value
-- @param body[opt] text
-- @param address[opt] the client's IP address; without it `allowed_ips` are not enforced
-- @return status, headers (names in lower case), body; and when a fault wants something that only
-- the carrier can do, a table with `latency` (s), `drop` (close without an answer; the status is
-- then 0) or `truncate` (promise the whole body, send so many bytes of it)
function Emulator:handle(method, path, query, headers, body, address)
  local route, found = self._router:find(method, path)
  local request = {
    emulator = self,
    method = method,
    path = path,
    template = route and route.template,
    route = route,
    ids = route and found,
    methods = found,
    query = query_reader.read(query),
    headers = lower_names(headers),
    body = body,
    address = address,
  }
  local as_sent = { method = method, path = path, query = request.query, body = body,
    headers = request.headers }
  local fault = self._faults:befall(request)
  local answer = { headers = {} }
  if not fault or fault.acted then answer = self:_answer(request) end
  answer.headers["content-type"] = "application/json"
  answer.headers["x-request-id"] = ("req_%012d"):format(self._journal.total + 1)
  local wire = fault and Faults.spoil(fault, as_sent, answer)
  self._journal:note(as_sent, answer.status)
  return answer.status, answer.headers, answer.text or core.encode(answer.value), wire
end

return { new = Emulator.new }
