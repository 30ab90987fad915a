-- SPDX-License-Identifier: MIT
-- The twelve calls as the service's documentation has them.
local boltz = require "boltz"
local core = require "boltz.core"
local mistake = require "support.mistake"
local stub = require "support.stub"

local ADMIN = "/compute/v1/admin/"
local RETENTION = { unit = "days", value = 14 }
local LIMIT = { type = "lifetime", limit = { amount = 250000, currency = "MILLI_USD" } }
local YEAR_2025 = { starting_at = "2025-01-01T00:00:00Z", ending_at = 1767225600,
  window_size = "DAY" }

-- Takes the first item of a list, so that its request goes out.
local function first(pager)
  return pager:next()
end

-- call, method, path, query, body
local REQUESTS = {
  { function(c) return c.workspaces:create() end, "POST", "workspaces", "", {} },
  { function(c) return c.workspaces:create {} end, "POST", "workspaces", "", {} },
  { function(c)
    return c.workspaces:create { name = "n", data_retention = RETENTION,
      spending_limit = { limit = { amount = 250000 } } }
  end, "POST", "workspaces", "",
    { name = "n", data_retention = RETENTION, spending_limit = LIMIT } },
  { function(c) return first(c.workspaces:list()) end, "GET", "workspaces", "" },
  { function(c) return first(c.workspaces:list { name = "team a", limit = 100 }) end, "GET",
    "workspaces", "limit=100&name=team%20a" },
  { function(c) return first(c.workspaces:list { after_id = "w" }) end, "GET", "workspaces",
    "after_id=w" },
  { function(c) return first(c.workspaces:list { before_id = "w" }) end, "GET", "workspaces",
    "before_id=w" },
  { function(c) return first(c.workspaces:list { name = "" }) end, "GET", "workspaces", "name=" },
  { function(c) return c.workspaces:retrieve("w 1") end, "GET", "workspaces/w%201", "" },
  { function(c) return c.workspaces:update("w", {}) end, "POST", "workspaces/w", "", {} },
  { function(c) return c.workspaces:update("w", { name = "n", data_retention = RETENTION }) end,
    "POST", "workspaces/w", "", { name = "n", data_retention = RETENTION } },
  { function(c) return c.workspaces:archive("w") end, "POST", "workspaces/w/archive", "" },
  { function(c) return c.workspaces:retrieve_spending_limit("w") end, "GET",
    "workspaces/w/spending-limit", "" },
  { function(c) return c.workspaces:set_spending_limit("w", { limit = { amount = 250000 } }) end,
    "PUT", "workspaces/w/spending-limit", "", LIMIT },
  { function(c) return c.workspaces:set_spending_limit("w", LIMIT) end, "PUT",
    "workspaces/w/spending-limit", "", LIMIT },
  { function(c) return c.api_keys:create { name = "n" } end, "POST", "api-keys", "",
    { name = "n" } },
  { function(c)
    return c.api_keys:create { name = "n", allowed_ips = { "203.0.113.7", "2001:db8::7" },
      expires_in_days = 30, mode = "test", workspace_id = "w" }
  end, "POST", "api-keys", "", { name = "n", allowed_ips = { "203.0.113.7", "2001:db8::7" },
    expires_in_days = 30, mode = "test", workspace_id = "w" } },
  { function(c) return first(c.api_keys:list { workspace_id = "w", limit = 1 }) end, "GET",
    "api-keys", "limit=1&workspace_id=w" },
  { function(c) return c.api_keys:revoke("k") end, "POST", "api-keys/k/revoke", "" },
  { function(c) return first(c.usage:list(YEAR_2025)) end, "GET", "usage",
    "ending_at=2026-01-01T00%3A00%3A00Z&starting_at=2025-01-01T00%3A00%3A00Z&window_size=DAY" },
  { function(c)
    return first(c.usage:list { starting_at = 0, ending_at = 3600, window_size = "HOUR", limit = 5,
      applications = { "adme", "protein_design" }, group_by = { "workspace_id", "application" },
      workspace_ids = "w", page = "p" })
  end, "GET", "usage", "applications%5B%5D=adme&applications%5B%5D=protein_design"
    .. "&ending_at=1970-01-01T01%3A00%3A00Z&group_by%5B%5D=workspace_id&group_by%5B%5D=application"
    .. "&limit=5&page=p&starting_at=1970-01-01T00%3A00%3A00Z&window_size=HOUR"
    .. "&workspace_ids%5B%5D=w" },
  { function(c)
    return first(c.usage:list { starting_at = 0, ending_at = 3600, window_size = "HOUR",
      applications = {}, group_by = {} })
  end, "GET", "usage",
    "ending_at=1970-01-01T01%3A00%3A00Z&starting_at=1970-01-01T00%3A00%3A00Z&window_size=HOUR" },
  { function(c) return c.auth:me() end, "GET", "../auth/me", "" },
}

describe("the calls", function()
  for i, case in ipairs(REQUESTS) do
    local path = (ADMIN .. case[3]):gsub("admin/%.%./", "")
    it(("send %s %s (%d)"):format(case[2], path, i), function()
      local client, server = stub.client(function() return '{"data":[]}' end)
      case[1](client)
      assert.are.equal(1, #server.requests)
      local request = server:last()
      assert.are.equal(case[2], request.method)
      assert.are.equal(path, request.path)
      assert.are.equal(case[4], request.query)
      assert.are.same(case[5], request.body and core.decode(request.body))
    end)
  end

  it("send the names of the documentation's enumerations", function()
    local client, server = stub.client(function() return '{"data":[]}' end)
    local applications = { "structure_and_binding", "small_molecule_design",
      "small_molecule_library_screen", "protein_design", "protein_redesign",
      "protein_library_screen", "adme" }
    for _, name in ipairs(applications) do
      client.usage:list({ starting_at = 0, ending_at = 3600, window_size = "HOUR",
        applications = name }):next()
      assert.are.equal(name, server:last().params["applications[]"])
    end
    for _, mode in ipairs { "live", "test" } do
      assert(client.api_keys:create { name = "n", mode = mode })
    end
    for _, unit in ipairs { "hours", "days" } do
      assert(client.workspaces:update("w", { data_retention = { unit = unit, value = 1 } }))
    end
  end)

  it("send a null name, which takes a workspace's name away", function()
    local client, server = stub.client()
    assert(client.workspaces:update("w", { name = boltz.null }))
    assert.are.equal('{"name":null}', server:last().body)
  end)

  it("send an empty list of addresses as a list", function()
    local client, server = stub.client()
    for _, list in ipairs { {}, boltz.array {} } do
      assert(client.api_keys:create { name = "n", allowed_ips = list })
      assert.is_truthy(server:last().body:find('"allowed_ips":[]', 1, true))
    end
  end)

  it("send and receive money exactly up to 2^53 - 1", function()
    local client, server = stub.client(function(request) return request.body end)
    for _, amount in ipairs { 0, 1, 250000, 2 ^ 52 + 1, boltz.UNLIMITED - 1, boltz.UNLIMITED } do
      local limit = assert(client.workspaces:set_spending_limit("w",
        { limit = { amount = amount } }))
      local digits = ("%d"):format(amount)
      assert.is_truthy(server:last().body:find('"amount":' .. digits .. ",", 1, true)
        or server:last().body:find('"amount":' .. digits .. "}", 1, true))
      assert.are.equal(digits, ("%d"):format(limit.limit.amount))
      if math.type then assert.are.equal("integer", math.type(limit.limit.amount)) end
    end
  end)

  it("hold no one to a retention of 14 days, which an organization may have raised", function()
    local client = stub.client()
    assert(client.workspaces:create { data_retention = { unit = "days", value = 400 } })
  end)

  it("take whole numbers that are floats", function()
    local client, server = stub.client()
    assert(client.api_keys:create { name = "n", expires_in_days = 60 / 2 })
    assert.is_truthy(server:last().body:find('"expires_in_days":30', 1, true))
    assert.is_nil(server:last().body:find("30.0", 1, true))
  end)
end)

describe("retrieve_spending_limit", function()
  it("is boltz.null, nil, response where no limit is set", function()
    local client = stub.client { "null", { status = 204 } }
    for _, status in ipairs { 200, 204 } do
      local limit, err, response = client.workspaces:retrieve_spending_limit("w")
      assert.are.equal(boltz.null, limit)
      assert.is_nil(err)
      assert.are.equal(status, response.status)
    end
  end)

  it("keeps what newer servers add", function()
    local client = stub.client { '{"type":"lifetime","limit":{"amount":9007199254740991,'
      .. '"currency":"MILLI_USD"},"accrued_usage":{"amount":12,"currency":"MILLI_USD"}}' }
    local limit = assert(client.workspaces:retrieve_spending_limit("w"))
    assert.are.equal(12, limit.accrued_usage.amount)
    assert.are.equal(boltz.UNLIMITED, limit.limit.amount)
  end)
end)

describe("parameters that the documentation rules out", function()
  local client, server = stub.client()
  local NAME = "a string of 1 to 255 characters"
  local A_TIME = "an ISO 8601 time with a timezone or seconds since the epoch"
  local AMOUNT = "an integer from 0 to 9007199254740991"
  local FROM, TO = "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"
  local LONG = ("東"):rep(256)

  -- method, parameters (after the id "w" where there is one), parameter, expected, got
  local CASES = {
    { "workspaces", "create", { name = "" }, "name", NAME, '""' },
    { "workspaces", "create", { name = LONG }, "name", NAME, "a string of 768 bytes" },
    { "workspaces", "create", { name = boltz.null }, "name", NAME, "boltz.null" },
    { "workspaces", "create", { data_retention = { unit = "weeks", value = 1 } },
      "data_retention.unit", '"hours" or "days"', '"weeks"' },
    { "workspaces", "create", { data_retention = { value = 1 } }, "data_retention.unit",
      '"hours" or "days"', "nothing" },
    { "workspaces", "create", { data_retention = { unit = "days" } }, "data_retention.value",
      "an integer of at least 1", "nothing" },
    { "workspaces", "create", { data_retention = { unit = "days", value = 0 } },
      "data_retention.value", "an integer of at least 1", "0" },
    { "workspaces", "create", { data_retention = { unit = "days", value = 1.5 } },
      "data_retention.value", "an integer of at least 1", "1.5" },
    { "workspaces", "create", { spending_limit = {} }, "spending_limit.limit", "a table",
      "nothing" },
    { "workspaces", "create", { spending_limit = { limit = {} } }, "spending_limit.limit.amount",
      AMOUNT, "nothing" },
    { "workspaces", "list", { limit = 0 }, "limit", "an integer from 1 to 100", "0" },
    { "workspaces", "list", { limit = 101 }, "limit", "an integer from 1 to 100", "101" },
    { "workspaces", "list", { after_id = "" }, "after_id", "a non-empty string",
      '""' },
    { "workspaces", "list", { name = 5 }, "name", "a string", "5" },
    { "workspaces", "update", { name = "" }, "name", NAME .. ", or boltz.null", '""' },
    { "workspaces", "update", { data_retention = boltz.null }, "data_retention", "a table",
      "boltz.null" },
    { "workspaces", "set_spending_limit", {}, "limit", "a table", "nothing" },
    { "workspaces", "set_spending_limit", { limit = { amount = -1 } }, "limit.amount", AMOUNT,
      "-1" },
    { "workspaces", "set_spending_limit", { limit = { amount = 2 ^ 53 } }, "limit.amount", AMOUNT,
      "9007199254740992" },
    { "workspaces", "set_spending_limit", { limit = { amount = 0.5 } }, "limit.amount", AMOUNT,
      "0.5" },
    { "workspaces", "set_spending_limit", { limit = { amount = 1, currency = "USD" } },
      "limit.currency", '"MILLI_USD"', '"USD"' },
    { "workspaces", "set_spending_limit", { limit = { amount = 1 }, type = "monthly" }, "type",
      '"lifetime"', '"monthly"' },
    { "api_keys", "create", {}, "name", NAME, "nothing" },
    { "api_keys", "create", { name = "n", mode = "prod" }, "mode", '"live" or "test"', '"prod"' },
    { "api_keys", "create", { name = "n", expires_in_days = 0 }, "expires_in_days",
      "an integer from 1 to 365", "0" },
    { "api_keys", "create", { name = "n", expires_in_days = 366 }, "expires_in_days",
      "an integer from 1 to 365", "366" },
    { "api_keys", "create", { name = "n", allowed_ips = { "203.0.113.7", "localhost" } },
      "allowed_ips[2]", "an IPv4 or IPv6 address", '"localhost"' },
    { "api_keys", "create", { name = "n", allowed_ips = "203.0.113.7" }, "allowed_ips", "a list",
      '"203.0.113.7"' },
    { "api_keys", "create", { name = "n", workspace_id = "" }, "workspace_id",
      "a non-empty string", '""' },
    { "api_keys", "list", { limit = 1.5 }, "limit", "an integer from 1 to 100", "1.5" },
    { "usage", "list", { ending_at = TO, window_size = "DAY" }, "starting_at", A_TIME, "nothing" },
    { "usage", "list", { starting_at = FROM, window_size = "DAY" }, "ending_at", A_TIME,
      "nothing" },
    { "usage", "list", { starting_at = FROM, ending_at = TO }, "window_size", '"HOUR" or "DAY"',
      "nothing" },
    { "usage", "list", { starting_at = FROM, ending_at = TO, window_size = "day" }, "window_size",
      '"HOUR" or "DAY"', '"day"' },
    { "usage", "list", { starting_at = "2025-01-01T00:00:00", ending_at = TO, window_size = "DAY" },
      "starting_at", A_TIME, '"2025-01-01T00:00:00"' },
    { "usage", "list", { starting_at = FROM, ending_at = TO, window_size = "DAY", limit = 0 },
      "limit", "an integer of at least 1", "0" },
    { "usage", "list", { starting_at = FROM, ending_at = TO, window_size = "DAY",
      group_by = { "workspace_id", "day" } }, "group_by[2]", '"workspace_id" or "application"',
      '"day"' },
    { "usage", "list", { starting_at = FROM, ending_at = TO, window_size = "DAY",
      workspace_ids = { "" } }, "workspace_ids[1]", "a non-empty string", '""' },
  }
  for i, case in ipairs(CASES) do
    local resource, method, params = case[1], case[2], case[3]
    local expected = ("bad parameter '%s' to '%s:%s' (expected %s, got %s)")
      :format(case[4], resource, method, case[5], case[6])
    it(("raise %s (%d)"):format(expected, i), function()
      local object = client[resource]
      local has_id = method == "update" or method == "set_spending_limit"
      local raised
      if has_id then
        raised = mistake(function() object[method](object, "w", params) end)
      else
        raised = mistake(function() object[method](object, params) end)
      end
      assert.are.equal(expected, raised)
      assert.are.equal(0, #server.requests)
    end)
  end

  it("pass where validate is false, whatever a newer service may know", function()
    local lenient, seen = stub.client(function() return '{"data":[]}' end, { validate = false })
    for _, case in ipairs(CASES) do
      local object = lenient[case[1]]
      local has_id = case[2] == "update" or case[2] == "set_spending_limit"
      local result
      if has_id then
        result = object[case[2]](object, "w", case[3])
      else
        result = object[case[2]](object, case[3])
      end
      if case[2] == "list" then result:next() end
    end
    assert.are.equal(#CASES, #seen.requests)
  end)

  it("are the names that a resource does not know, with a hint", function()
    local CASES_OF_NAMES = {
      { function() client.workspaces:create { data_retension = {} } end,
        "data_retension' to 'workspaces:create' (unknown; did you mean 'data_retention'?)" },
      { function() client.workspaces:create { spending_limit = { limt = {} } } end,
        "spending_limit.limt' to 'workspaces:create' (unknown; did you mean 'limit'?)" },
      { function() client.api_keys:create { name = "n", expire_in_days = 5 } end,
        "expire_in_days' to 'api_keys:create' (unknown; did you mean 'expires_in_days'?)" },
      { function() client.api_keys:list { workspaceid = "w" } end,
        "workspaceid' to 'api_keys:list' (unknown; did you mean 'workspace_id'?)" },
      { function() client.usage:list { startin_at = 0 } end,
        "startin_at' to 'usage:list' (unknown; did you mean 'starting_at'?)" },
      { function() client.usage:list { application = "adme" } end,
        "application' to 'usage:list' (unknown; did you mean 'applications'?)" },
      { function() client.usage:list { groupBy = "application" } end,
        "groupBy' to 'usage:list' (unknown; did you mean 'group_by'?)" },
    }
    for _, case in ipairs(CASES_OF_NAMES) do
      assert.are.equal("bad parameter '" .. case[2], mistake(case[1]))
    end
  end)
end)
