-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local live = require "support.live"

local WORKSPACES = "/compute/v1/admin/workspaces"
local FOREVER = 1000000

for scheme, options in pairs(live.SCHEMES) do
  describe("errors over " .. scheme, function()
    local service, client

    setup(function() service, client = live.start(options) end)
    teardown(function() live.stop(service, client) end)
    before_each(function() service:reset_faults() end)

    -- The error of a call, with what every one of them has.
    local function failed(value, err, response)
      assert.is_nil(value)
      assert.is_nil(response)
      assert.is_true(boltz.is_error(err))
      assert.are.equal("string", type(err.message))
      assert.are.equal("string", type(err.method))
      assert.are.equal("string", type(err.path))
      assert.are.equal(1, err.attempts)
      assert.are.equal("boolean", type(err.retryable))
      assert.are.equal("boolean", type(err.maybe_applied))
      assert.are.equal(1, select(2, tostring(err):gsub("^" .. err.kind .. ": ", "")))
      if err.status then
        assert.is_truthy(err.request_id:find("^req_"))
        assert.are.equal(err.request_id, err.headers["X-Request-Id"])
        assert.are.equal("string", type(err.body))
      end
      return err
    end

    it("of bad_request have the service's code and details", function()
      local err = failed(client.workspaces:create({ name = "",
        data_retention = { unit = "weeks", value = 1 } }, { validate = false }))
      assert.are.equal("bad_request", err.kind)
      assert.are.equal(400, err.status)
      assert.are.equal("VALIDATION_ERROR", err.code)
      local paths = {}
      for i, detail in ipairs(err.details) do paths[i] = detail.path end
      table.sort(paths)
      assert.are.same({ "data_retention.unit", "name" }, paths)
      assert.are.equal("POST", err.method)
      assert.are.equal(WORKSPACES, err.path)
      assert.is_truthy(err.body:find("VALIDATION_ERROR", 1, true))
      assert.is_false(err.retryable)
      assert.is_false(err.maybe_applied)
    end)

    it("of authentication and permission_denied tell an unknown key from one with few rights",
    function()
      local err = failed(client:with({ api_key = "sk_bc_admin_test_nobody" }).workspaces:create())
      assert.are.equal("authentication", err.kind)
      assert.are.equal(401, err.status)
      assert.are.equal("unauthorized", err.code)
      assert.are.equal("Invalid or missing API key", err.message)
      local key = assert(client.api_keys:create { name = "k" }).key
      err = failed(client:with({ api_key = key }).workspaces:create())
      assert.are.equal("permission_denied", err.kind)
      assert.are.equal(403, err.status)
      assert.are.equal("forbidden", err.code)
    end)

    it("of a workspace key come with every admin call but its own spending limit's", function()
      local workspace = assert(client.workspaces:create())
      local other = assert(client.workspaces:create())
      local made = assert(client.api_keys:create { name = "k", workspace_id = workspace.id })
      local weak = client:with { api_key = made.key }
      local range = { starting_at = os.time() - 86400, ending_at = os.time(), window_size = "DAY" }
      local limit = { limit = { amount = 1 } }
      for _, call in ipairs {
        function() return weak.workspaces:create() end,
        function() return weak.workspaces:list():next() end,
        function() return weak.workspaces:retrieve(workspace.id) end,
        function() return weak.workspaces:update(workspace.id, { name = "n" }) end,
        function() return weak.workspaces:archive(workspace.id) end,
        function() return weak.workspaces:set_spending_limit(workspace.id, limit) end,
        function() return weak.workspaces:retrieve_spending_limit(other.id) end,
        function() return weak.api_keys:create { name = "n" } end,
        function() return weak.api_keys:list():next() end,
        function() return weak.api_keys:revoke(made.key_details.id) end,
        function() return weak.usage:list(range):next() end,
      } do
        assert.are.equal("permission_denied", failed(call()).kind)
      end
      local _, err, response = weak.workspaces:retrieve_spending_limit(workspace.id)
      assert.is_nil(err)
      assert.are.equal(200, response.status)
      assert(weak.auth:me())
    end)

    it("of not_found and conflict have the template of the path, not the ids", function()
      local err = failed(client.workspaces:archive("nobody"))
      assert.are.equal("not_found", err.kind)
      assert.are.equal(404, err.status)
      assert.are.equal(WORKSPACES .. "/{workspace_id}/archive", err.path)
      assert.is_false(err.retryable)
      local workspace = assert(client.workspaces:create())
      assert(client.workspaces:archive(workspace.id))
      err = failed(client.workspaces:update(workspace.id, { name = "n" }))
      assert.are.equal("conflict", err.kind)
      assert.are.equal(409, err.status)
      assert.are.equal("conflict", err.code)
      assert.is_true(err.retryable)
    end)

    -- status, kind, and for a request that changes something: retryable, maybe_applied
    local STATUSES = {
      { 300, "redirect", false, false }, { 307, "redirect", false, false },
      { 400, "bad_request", false, false }, { 401, "authentication", false, false },
      { 402, "status", false, false }, { 403, "permission_denied", false, false },
      { 404, "not_found", false, false }, { 408, "status", true, true },
      { 409, "conflict", true, false }, { 418, "status", false, false },
      { 422, "unprocessable_entity", false, false }, { 429, "rate_limit", true, false },
      { 500, "internal_server", true, true }, { 502, "internal_server", true, true },
      { 503, "internal_server", true, false }, { 504, "internal_server", true, true },
      { 599, "internal_server", true, true },
    }
    for _, case in ipairs(STATUSES) do
      local status, kind, retryable, maybe_applied = case[1], case[2], case[3], case[4]
      it(("of kind %s are what a status of %d is"):format(kind, status), function()
        service:fault { status = status, times = 2, headers = { ["X-Other"] = "o" } }
        local before = service:state().counts.workspaces
        local err = failed(client.workspaces:create { name = "n" })
        assert.are.equal(kind, err.kind)
        assert.are.equal(status, err.status)
        assert.are.equal("o", err.headers["x-other"])
        assert.are.equal(retryable, err.retryable)
        assert.are.equal(maybe_applied, err.maybe_applied)
        assert.is_false(failed(client.auth:me()).maybe_applied)
        assert.are.equal(before, service:state().counts.workspaces)
        assert(client.auth:me())
      end)
    end

    it("say when to try again, where the service says it", function()
      service:fault { status = 429, retry_after = 7 }
      assert.are.equal("7", failed(client.auth:me()).headers["Retry-After"])
      service:fault { status = 503, headers = { ["x-should-retry"] = "false" } }
      assert.is_false(failed(client.auth:me()).retryable)
    end)

    it("of redirect are never followed, not even on the same server", function()
      service:fault { status = 302, headers = { Location = service.base_url .. WORKSPACES } }
      local before = service:state().counts.requests
      local err = failed(client.auth:me())
      assert.are.equal("redirect", err.kind)
      assert.are.equal(service.base_url .. WORKSPACES, err.headers.location)
      assert.are.equal(before + 1, service:state().counts.requests)
    end)

    it("get by with a body that is no JSON, and keep it", function()
      service:fault { status = 502, body = "<html>\27[31mBad gateway</html>" }
      local err = failed(client.auth:me())
      assert.are.equal("internal_server", err.kind)
      assert.are.equal("<html>\27[31mBad gateway</html>", err.body)
      assert.is_nil(err.code)
      assert.is_nil(tostring(err):find("%c"))
    end)

    it("show no control character of the service's message", function()
      service:fault { status = 400,
        body = { code = "bad_request", message = "a\27[31mb\nc\194\155d" } }
      assert.are.equal("a?[31mb?c?d", failed(client.auth:me()).message)
    end)

    it("show no more than the start of a key that the service sends back", function()
      local key = assert(client.api_keys:create { name = "k" }).key
      service:fault { status = 401, body = { code = "unauthorized", message = "no " .. key,
        details = { { path = "x-api-key", message = "got " .. key } } } }
      local err = failed(client.auth:me())
      for _, text in ipairs { err.message, err.body, tostring(err), err.details[1].message } do
        assert.is_nil(text:find(key:sub(1, 13), 1, true))
      end
    end)

    it("of connection are a dropped connection, after which nobody knows what was done", function()
      for _, acted in ipairs { true, false } do
        service:fault { method = "POST", drop = true, acted = acted, times = FOREVER }
        local before = service:state().counts
        local err = failed(client.workspaces:create { name = "n" })
        assert.are.equal("connection", err.kind)
        assert.is_nil(err.status)
        assert.is_nil(err.body)
        assert.is_nil(err.request_id)
        assert.is_true(err.retryable)
        assert.is_true(err.maybe_applied)
        assert.are.equal("POST", err.method)
        local after = service:state().counts
        assert.are.equal(before.requests + 1, after.requests) -- it was sent once
        assert.are.equal(before.workspaces + (acted and 1 or 0), after.workspaces)
        service:reset_faults()
      end
    end)

    it("of connection leave the next call unharmed", function()
      service:fault { drop = true, method = "POST" }
      failed(client.workspaces:create())
      assert(client.workspaces:create())
      assert(client.auth:me())
    end)

    it("of timeout are an answer that takes longer than the call allows", function()
      service:fault { latency = 20, times = 2 }
      local own = live.client(service) -- nginx ends an HTTP/2 connection when its streams ended
      local err = failed(own.workspaces:create({ name = "n" }, { timeout = 0.2 }))
      assert.are.equal("timeout", err.kind)
      assert.is_nil(err.status)
      assert.is_true(err.retryable)
      assert.is_true(err.maybe_applied)
      err = failed(own:with({ timeout = 0.2 }).auth:me())
      assert.are.equal("timeout", err.kind)
      assert.is_false(err.maybe_applied)
      assert(own.auth:me())
      own:close()
    end)

    it("of invalid_response are a success that is cut short", function()
      service:fault { method = "POST", truncate = 10 }
      local err = failed(client.workspaces:create { name = "n" })
      assert.are.equal("invalid_response", err.kind)
      assert.are.equal(200, err.status)
      assert.are.equal(10, #err.body)
      assert.is_true(err.retryable)
      assert.is_true(err.maybe_applied)
      assert(client.auth:me())
    end)

    it("of invalid_response are a success that is no JSON, but not one that is empty", function()
      service:fault { malformed = true }
      local err = failed(client.auth:me())
      assert.are.equal("invalid_response", err.kind)
      assert.is_truthy(err.message:find("the answer is not JSON (application/json): ", 1, true))
      service:fault { malformed = true }
      assert.is_true(failed(client.workspaces:create()).maybe_applied)
      service:fault { body = "" } -- which says that its length is 0
      assert.are.equal(boltz.null, assert(client.workspaces:create()))
    end)

    it("of invalid_response are an answer that is larger than the client allows", function()
      local small = client:with { max_response_bytes = 200 }
      local err = failed(small.workspaces:list():next())
      assert.are.equal("invalid_response", err.kind)
      assert.is_truthy(err.message:find("max_response_bytes", 1, true))
    end)

    it("of a status stay that when the rest of their body is missing", function()
      service:fault { status = 503, truncate = 10 }
      local err = failed(client.auth:me())
      assert.are.equal("internal_server", err.kind)
      assert.are.equal(503, err.status)
    end)

    describe("in a list", function()
      local prefix, made = "In pages ", {}

      setup(function()
        for i = 1, 7 do made[i] = assert(client.workspaces:create { name = prefix .. i }) end
      end)

      local function list()
        return client.workspaces:list { name = prefix, limit = 2 }
      end

      local FAULTS = {
        internal_server = { status = 500 },
        rate_limit = { status = 429, retry_after = 1 },
        connection = { drop = true, times = FOREVER }, -- libcurl may repeat a GET by itself
        ["invalid_response, cut short,"] = { truncate = 20 },
        ["invalid_response, malformed,"] = { malformed = true },
        ["invalid_response, a repeated cursor,"] = { repeat_cursor = true },
      }
      for name, fault in pairs(FAULTS) do
        it("come after two pages, and nothing is lost or doubled: " .. name, function()
          local asked = { method = "GET", path = WORKSPACES }
          for field, value in pairs(fault) do asked[field] = value end
          asked.after = fault.repeat_cursor and 1 or 2 -- only requests with a cursor count there
          service:fault(asked)
          local pager, items, pages = list(), {}, 0
          local done, raised = pcall(function()
            for page in pager:pages() do
              pages = pages + 1
              for _, item in ipairs(page.data) do items[#items + 1] = item end
            end
          end)
          assert.is_false(done)
          local err = failed(nil, raised)
          assert.are.equal(name:match("^[%w_]+"), err.kind)
          assert.are.equal(WORKSPACES, err.path)
          assert.is_false(err.maybe_applied)
          assert.are.equal(2, pages)
          assert.are.equal(4, #items)
          service:reset_faults()
          local cursor = pager:cursor()
          local resumed = {}
          for i, item in ipairs(items) do resumed[i] = item end
          for item in pager do items[#items + 1] = item end -- the same pager goes on
          assert.are.equal(live.ids(made), live.ids(items))
          for item in client.workspaces:list(cursor) do resumed[#resumed + 1] = item end
          assert.are.equal(live.ids(made), live.ids(resumed)) -- and so does its cursor
        end)
      end

      it("end one whose cursor is repeated for ever", function()
        service:fault { path = WORKSPACES, repeat_cursor = true, times = FOREVER }
        local items, err, before = list():all()
        assert.is_nil(items)
        assert.are.equal("invalid_response", err.kind)
        assert.are.equal("the server repeats a cursor: the list would not end", err.message)
        assert.is_false(err.retryable)
        assert.are.equal(2, #before)
      end)
    end)
  end)
end

describe("a connection that cannot be made", function()
  local service, client
  local function start(options) service, client = live.start(options) end
  after_each(function() live.stop(service, client) end)

  it("is an error of kind connection, and nothing was done", function()
    start()
    service:stop()
    local value, err = client.workspaces:create()
    assert.is_nil(value)
    assert.are.equal("connection", err.kind)
    assert.is_true(err.retryable)
    assert.is_false(err.maybe_applied)
    assert.is_nil(err.status)
  end)

  it("is an error of kind tls where the certificate is nobody's, and nothing was sent", function()
    start { tls = true }
    local before = service:state().counts.requests
    local strict = boltz.new { base_url = service.base_url, api_key = service.api_key }
    local value, err = strict.workspaces:create()
    strict:close()
    assert.is_nil(value)
    assert.are.equal("tls", err.kind)
    assert.is_false(err.retryable)
    assert.is_false(err.maybe_applied)
    assert.are.equal(before, service:state().counts.requests)
  end)

  it("is an error of kind tls where the file of certificates is none", function()
    start { tls = true }
    local wrong = live.client(service, { ca_file = "/dev/null" })
    local value, err = wrong.auth:me()
    wrong:close()
    assert.is_nil(value)
    assert.are.equal("tls", err.kind)
  end)
end)
