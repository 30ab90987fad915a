-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local live = require "support.live"
local servers = require "support.servers"
local wire = require "support.wire"

local WORKSPACES = "/compute/v1/admin/workspaces"
local KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"

for scheme, options in pairs(live.SCHEMES) do
  describe("calls to any path over " .. scheme, function()
    local service, client

    setup(function() service, client = live.start(options) end)
    teardown(function() live.stop(service, client) end)

    it("do what the methods do", function()
      local made = assert(client:post(WORKSPACES, { body = { name = "raw" } }))
      assert.are.same(made, assert(client:get(WORKSPACES .. "/" .. made.id)))
      assert.are.same(made, assert(client.workspaces:retrieve(made.id)))
      local limit = { type = "lifetime", limit = { amount = boltz.UNLIMITED,
        currency = "MILLI_USD" } }
      local path = WORKSPACES .. "/" .. made.id .. "/spending-limit"
      assert.are.same(limit.limit, assert(client:put(path, { body = limit })).limit)
      assert.are.equal("9007199254740991", ("%d"):format(assert(client:get(path)).limit.amount))
      local archived = assert(client:post(WORKSPACES .. "/" .. made.id .. "/archive"))
      assert.is_truthy(archived.archived_at)
    end)

    it("have their query from the path, from the call and from the client", function()
      local prefix = "Raw query "
      for i = 1, 3 do assert(client.workspaces:create { name = prefix .. i }) end
      local page = assert(client:get(WORKSPACES .. "?limit=2", { query = { name = prefix } }))
      assert.are.equal(2, #page.data)
      assert.is_true(page.has_more)
      page = assert(client:with({ query = { limit = 1, name = "x" } })
        :get(WORKSPACES, { query = { name = prefix } }))
      assert.are.equal(1, #page.data)
    end)

    it("read lists of pages", function()
      local prefix, made = "Raw pages ", {}
      for i = 1, 5 do made[i] = assert(client.workspaces:create { name = prefix .. i }) end
      local pager = client:paginate(WORKSPACES, { query = { name = prefix, limit = 2 } })
      local items = assert(pager:all(3))
      for item in client:paginate(WORKSPACES, { query = pager:cursor() }) do
        items[#items + 1] = item
      end
      assert.are.equal(live.ids(made), live.ids(items))
      local buckets = assert(client:paginate("/compute/v1/admin/usage", { max_items = 5, query = {
        starting_at = "2026-01-01T00:00:00Z", ending_at = "2026-02-01T00:00:00Z",
        window_size = "DAY", limit = 2 } }):all())
      assert.are.equal(5, #buckets)
    end)

    it("reach every method of HTTP, known to the service or not", function()
      for _, method in ipairs { "get", "post", "put", "patch", "delete" } do
        local value, err = client[method](client, "/compute/v1/nothing/here")
        assert.is_nil(value)
        assert.are.equal("not_found", err.kind)
        assert.are.equal("/compute/v1/nothing/here", err.path)
        assert.are.equal(method:upper(), err.method)
        local requests = service:state().requests
        assert.are.equal(method:upper(), requests[#requests].method)
      end
      for _, method in ipairs { "patch", "delete" } do
        local _, err = client[method](client, WORKSPACES)
        assert.are.equal("status", err.kind)
        assert.are.equal(405, err.status)
        assert.is_truthy(err.headers.allow:find("POST", 1, true))
      end
    end)
  end)
end

describe("what a call sends", function()
  -- The request of one call, as raw bytes.
  local function sent(call)
    local server = wire.start(servers.always "{}")
    finally(function() server:stop() end)
    local client = boltz.new { base_url = server.url, api_key = KEY, timeout = 30 }
    assert(call(client))
    client:close()
    return server:records()[1]
  end

  -- One header's lines, in lower case up to the colon.
  local function field(raw, name)
    local values = {}
    for line in raw:match("^.-\r\n(.-\r\n)\r\n"):gmatch("(.-)\r\n") do
      local found, value = line:match("^([^:]+):%s*(.*)$")
      if found:lower() == name then values[#values + 1] = value end
    end
    return values
  end

  it("has the path and the query as they were written", function()
    local raw = sent(function(client)
      return client:get("/a%2Fb/~x?y=%20", { query = { ["z[]"] = { "1", "2 3" } } })
    end)
    assert.are.equal("GET /a%2Fb/~x?y=%20&z%5B%5D=1&z%5B%5D=2%203 HTTP/1.1", raw:match("^(.-)\r\n"))
  end)

  it("names key, client and types once, and the body's length", function()
    local raw = sent(function(client) return client.workspaces:create { name = "東" } end)
    local body = raw:match("\r\n\r\n(.*)$")
    assert.are.equal('{"name":"東"}', body)
    assert.are.same({ KEY }, field(raw, "x-api-key"))
    assert.are.same({ "application/json" }, field(raw, "accept"))
    assert.are.same({ "application/json" }, field(raw, "content-type"))
    assert.are.same({ tostring(#body) }, field(raw, "content-length"))
    assert.is_truthy(field(raw, "user-agent")[1]:find("^boltz%-lua/"))
    assert.are.same({}, field(raw, "expect"))
    assert.are.same({}, field(raw, "transfer-encoding"))
  end)

  local WITHOUT_BODY = {
    archive = function(client) return client.workspaces:archive("w") end,
    revoke = function(client) return client.api_keys:revoke("k") end,
  }
  for name, call in pairs(WITHOUT_BODY) do
    it("has the length 0 and no type where it has no body to " .. name .. " with", function()
      local raw = sent(call)
      assert.are.same({ "0" }, field(raw, "content-length"))
      assert.are.same({}, field(raw, "content-type"))
    end)
  end

  it("has neither a length nor a type where it only reads", function()
    local raw = sent(function(client) return client.auth:me() end)
    assert.are.same({}, field(raw, "content-length"))
    assert.are.same({}, field(raw, "content-type"))
  end)

  it("leaves out every header that is set to false", function()
    local raw = sent(function(client)
      return client:post("/x", { body = {}, headers = { ["content-type"] = false, accept = false,
        ["User-Agent"] = false, ["X-Api-Key"] = false } })
    end)
    for _, name in ipairs { "content-type", "accept", "user-agent", "x-api-key" } do
      assert.are.same({}, field(raw, name))
    end
  end)
end)
