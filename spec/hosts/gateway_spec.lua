-- SPDX-License-Identifier: MIT
-- examples/openresty, as it stands there but for its tenants. nginx runs LuaJIT whatever runs the
-- spec, so one Lua is enough.
if _VERSION ~= "Lua 5.4" then return end

local core = require "boltz.core"
local emulator = require "support.emulator"
local live = require "support.live"
local nginx = require "support.nginx"
local system = require "support.system"

local missing = nginx.missing()
if missing then
  describe("examples/openresty", function() pending(missing) end)
  return
end

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/hosts/gateway_spec%.lua$")
local FOLDER = ROOT .. "examples/openresty/"

local TENANTS = [[
return {
  ["token-of-north"] = { name = "north", workspace = "%s", mode = "test" },
  ["token-of-south"] = { name = "south", workspace = "%s", mode = "test" },
}
]]

local function read(name)
  return assert(system.read(FOLDER .. name))
end

describe("examples/openresty", function()
  local service, server, north

  before_each(function()
    service = emulator.start()
    local workspaces = service:state().workspaces
    north = workspaces[2].id
    server = nginx.start {
      -- One worker: each has a client, which remembers what the service said.
      configuration = (read("nginx.conf"):gsub("worker_processes auto", "worker_processes 1")),
      files = {
        ["gateway.lua"] = read("gateway.lua"),
        ["tenants.lua"] = TENANTS:format(north, workspaces[3].id),
      },
      environment = { BOLTZ_API_KEY = service.api_key, BOLTZ_BASE_URL = service.base_url },
    }
  end)

  after_each(function()
    nginx.stop_all()
    service:stop()
  end)

  local function ask(method, path, token)
    local headers = token and { "Authorization", "Bearer " .. token } or {}
    if method == "POST" then
      headers[#headers + 1] = "Content-Length"
      headers[#headers + 1] = "0"
    end
    local result = server:get(path, { method = method, headers = headers })
    return result.status, core.decode(result.body), result.headers
  end

  local function keys_of(id)
    local keys = {}
    for _, key in ipairs(service:state().api_keys) do
      if key.workspace_id == id then keys[#keys + 1] = key end
    end
    return keys
  end

  -- What nobody may read anywhere.
  local function assert_hidden(...)
    for _, secret in ipairs { service.api_key, "token-of-", ... } do
      assert.is_nil(server:log():find(secret, 1, true))
    end
  end

  it("makes a key for the tenant's workspace that lives a day", function()
    local before = #keys_of(north)
    local status, made, headers = ask("POST", "/keys", "token-of-north")
    assert.are.equal(201, status)
    assert.are.equal("no-store", headers["cache-control"])
    assert.are.equal(north, made.workspace_id)
    assert.matches("^sk_bc_ws_test_", made.key)
    local keys = keys_of(north)
    assert.are.equal(before + 1, #keys)
    local key = keys[#keys]
    assert.are.equal("gateway north", key.name)
    assert.are.equal(made.expires_at, key.expires_at)
    local me = service:curl("/compute/v1/auth/me", "-H", "x-api-key: " .. made.key)
    assert.are.equal(north, core.decode(me).workspace_id)
    assert_hidden(made.key)
  end)

  it("makes no more than ten keys a day for a tenant, also when they are asked for at once",
    function()
      local transfers, made, refused = {}, 0, 0
      local engine = core.engine()
      for i = 1, 14 do
        transfers[i] = server:begin("/keys", { method = "POST",
          headers = { "Authorization", "Bearer token-of-north", "Content-Length", "0" } }, engine)
      end
      for _, transfer in ipairs(transfers) do
        while not transfer:done() do engine:step(1) end
        local result = transfer:result()
        if result.status == 201 then made = made + 1 end
        if result.status == 429 and tonumber(result.headers["retry-after"]) > 0 then
          refused = refused + 1
        end
      end
      engine:close()
      assert.are.equal(10, made)
      assert.are.equal(4, refused)
      assert.are.equal(201, (ask("POST", "/keys", "token-of-south")))
    end)

  it("shows the usage of the tenant's workspace alone", function()
    local client, now, expected = live.client(service), os.time(), {}
    for bucket in client.usage:list { starting_at = now - now % 86400 - 29 * 86400, ending_at = now,
      window_size = "DAY", group_by = { "workspace_id", "application" } } do
      local application = bucket.application
      if bucket.workspace_id == north then
        expected[application] = (expected[application] or 0) + bucket.quantity
      end
    end
    client:close()
    local status, usage = ask("GET", "/usage", "token-of-north")
    assert.are.equal(200, status)
    assert.are.equal(north, usage.workspace_id)
    assert.is_truthy(next(expected))
    assert.are.same(expected, usage.applications)
  end)

  it("counts usage whose application the service does not name as other", function()
    service:fault { status = 200, body = { has_more = false, data = {
      { start_time = "2026-01-01T00:00:00Z", end_time = "2026-01-02T00:00:00Z", quantity = 5 },
      { start_time = "2026-01-02T00:00:00Z", end_time = "2026-01-03T00:00:00Z", quantity = 2 },
    } } }
    local status, usage = ask("GET", "/usage", "token-of-north")
    assert.are.equal(200, status, server:log())
    assert.are.same({ other = 7 }, usage.applications)
  end)

  it("knows nobody without a token", function()
    local before = service:state().counts
    for _, token in ipairs { "", "wrong", service.api_key } do
      assert.are.equal(401, (ask("GET", "/usage", token)))
      assert.are.equal(401, (ask("POST", "/keys", token)))
    end
    assert.are.equal(401, (ask("GET", "/usage")))
    assert.are.equal(405, (ask("GET", "/keys", "token-of-north")))
    assert.are.equal(before.api_keys, service:state().counts.api_keys)
    assert.are.equal(before.requests, service:state().counts.requests)
  end)

  it("passes on that there are too many requests, and for how long, to all tenants", function()
    service:fault { status = 429, retry_after = 30, times = 9 }
    local status, problem, headers = ask("GET", "/usage", "token-of-north")
    assert.are.equal(429, status)
    assert.are.equal("30", headers["retry-after"])
    assert.are.equal("too_many_requests", problem.error)
    local asked = service:state().counts.requests
    status, problem, headers = ask("POST", "/keys", "token-of-south") -- which is not sent
    assert.are.equal(429, status)
    assert.is_true(tonumber(headers["retry-after"]) > 0)
    assert.are.equal("too_many_requests", problem.error)
    assert.are.equal(asked, service:state().counts.requests)
  end)

  it("answers 502 to every other failure, with the request id and without what was said", function()
    service:fault { status = 403, times = 9, headers = { ["x-request-id"] = "req_77" },
      body = { code = "forbidden", message = "something internal" } }
    local status, problem = ask("POST", "/keys", "token-of-north")
    assert.are.equal(502, status)
    assert.are.same({ error = "upstream", kind = "permission_denied", request_id = "req_77" },
      problem)
    assert.is_truthy(server:log():find("something internal", 1, true))
    assert_hidden()
  end)

  it("does not count a key that was not made", function()
    service:fault { status = 403, times = 12 }
    for _ = 1, 12 do assert.are.equal(502, (ask("POST", "/keys", "token-of-north"))) end
    assert.are.equal(201, (ask("POST", "/keys", "token-of-north")))
  end)
end)
