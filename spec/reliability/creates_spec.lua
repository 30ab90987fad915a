-- SPDX-License-Identifier: MIT
-- A create is never done twice. The emulator carries out what it is asked and then spoils the
-- answer; its store tells how often it has done so.

local boltz = require "boltz"
local emulator = require "support.emulator"
local patience = require "support.patience"
local wire = require "support.wire"

local CREATES = {
  workspaces = {
    path = "/compute/v1/admin/workspaces",
    call = function(client, with) return client.workspaces:create({ name = "new" }, with) end,
    made = function(answer) return answer.id end,
  },
  api_keys = {
    path = "/compute/v1/admin/api-keys",
    call = function(client, with) return client.api_keys:create({ name = "new" }, with) end,
    made = function(answer) return answer.key_details.id end,
  },
}

-- What becomes of the answer after the server has acted. `kind` is that of the error; without one
-- the answer arrives.
local AFTER_ACTING = {
  { name = "the answer arrives", fault = {} },
  { name = "the connection is dropped", fault = { drop = true }, kind = "connection" },
  { name = "the answer is cut off at once", fault = { truncate = 1 }, kind = "invalid_response" },
  { name = "the answer is cut off later", fault = { truncate = 20 }, kind = "invalid_response" },
  { name = "the answer is not JSON", fault = { malformed = true }, kind = "invalid_response" },
  { name = "the answer is HTML", fault = { body = "<html></html>" }, kind = "invalid_response" },
  { name = "the answer is 408", fault = { status = 408 }, kind = "status" },
  { name = "the answer is 500", fault = { status = 500 }, kind = "internal_server" },
  { name = "the answer is 502", fault = { status = 502 }, kind = "internal_server" },
  { name = "the answer is 504", fault = { status = 504 }, kind = "internal_server" },
  { name = "the answer is 500 with Retry-After", kind = "internal_server",
    fault = { status = 500, retry_after = 1 } },
  { name = "the answer is 302", fault = { status = 302 }, kind = "redirect", unknown = false },
  { name = "the answer is larger than allowed", fault = { body = ("x"):rep(5000) },
    kind = "invalid_response", options = { max_response_bytes = 4000 } },
  { name = "the answer takes longer than the timeout", fault = { latency = 20 }, kind = "timeout",
    options = { timeout = 0.3 } },
  { name = "the answer takes longer than the deadline", fault = { latency = 20 }, kind = "timeout",
    options = { deadline = 0.3 } },
}

-- What a server says when it has not acted: these are tried again.
local NOT_ACTED = {
  { name = "429", fault = { status = 429 } },
  { name = "503", fault = { status = 503 } },
  { name = "500 and x-should-retry: true",
    fault = { status = 500, headers = { ["x-should-retry"] = "true" } } },
}

for resource, create in pairs(CREATES) do
  for _, scheme in ipairs { "http", "https" } do
    describe(("%s.create over %s"):format(resource, scheme), function()
      local service, client

      setup(function() service = emulator.start { tls = scheme == "https" or nil } end)
      teardown(function() service:stop() end)
      after_each(function()
        client:close()
        service:reset_faults()
      end)

      local function connect(options)
        local given = { api_key = service.api_key, base_url = service.base_url,
          ca_file = service.ca_file, log_level = "error" }
        for name, value in pairs(options or {}) do given[name] = value end
        client = boltz.new(given)
        patience.skip(client)
      end

      local function stored()
        local state = service:state()
        local ids = {}
        for _, record in ipairs(state[resource]) do ids[record.id] = true end
        return state.counts[resource], ids
      end

      local function ask_for(fault)
        local wanted = { path = create.path, method = "POST", acted = true, times = 9 }
        for name, value in pairs(fault) do wanted[name] = value end
        service:fault(wanted)
      end

      for _, case in ipairs(AFTER_ACTING) do
        for _, connection in ipairs { "new", "kept" } do
          it(("makes one when %s on a %s connection"):format(case.name, connection), function()
            connect(case.options)
            if connection == "kept" then assert(client.auth:me()) end
            local before = stored()
            if next(case.fault) then ask_for(case.fault) end
            local answer, err = create.call(client)
            local after, ids = stored()
            assert.equal(1, after - before)
            if case.kind then
              assert.is_nil(answer)
              assert.equal(case.kind, err.kind, tostring(err))
              assert.equal(1, err.attempts)
              assert.equal(case.unknown ~= false, err.maybe_applied, tostring(err))
            else
              assert.is_nil(err)
              assert.is_true(ids[create.made(answer)])
            end
          end)
        end
      end

      for _, case in ipairs(NOT_ACTED) do
        it("makes one on the third attempt after two times " .. case.name, function()
          connect()
          local before = stored()
          local fault = { acted = false, times = 2 }
          for name, value in pairs(case.fault) do fault[name] = value end
          ask_for(fault)
          local answer, err, response = create.call(client)
          local after, ids = stored()
          assert.is_nil(err)
          assert.equal(3, response.attempts)
          assert.equal(1, after - before)
          assert.is_true(ids[create.made(answer)])
        end)
      end

      for _, connection in ipairs { "new", "kept" } do
        for _, case in ipairs { AFTER_ACTING[2], AFTER_ACTING[4], AFTER_ACTING[8] } do
          it(("with retry_unsafe is tried three times when %s on a %s connection")
            :format(case.name, connection), function()
              connect(case.options)
              if connection == "kept" then assert(client.auth:me()) end
              local before = stored()
              ask_for(case.fault)
              local _, err = create.call(client, { retry_unsafe = true })
              assert.equal(3, err.attempts)
              assert.is_true(err.maybe_applied)
              assert.equal(3, stored() - before) -- as the official SDKs
            end)
        end
      end

      it("with retry_unsafe returns the second answer when the first is lost", function()
        connect()
        local before = stored()
        ask_for { drop = true, times = 1 }
        local answer, err, response = create.call(client, { retry_unsafe = true })
        local after, ids = stored()
        assert.is_nil(err)
        assert.equal(2, response.attempts)
        assert.equal(2, after - before)
        assert.is_true(ids[create.made(answer)])
      end)
    end)
  end
end

-- libcurl sends a request again by itself when a kept connection ends without an answer. Whether
-- the client takes the kept connection for these is its own affair.
describe("a request that makes something, where a kept connection dies", function()
  local server

  before_each(function()
    server = wire.start [[
      local connections = 0
      serve(function(c)
        connections = connections + 1
        if connections == 1 then
          c:request() c:send(answer "{}")
          c:request() c:close()
        end
        while c:request() do c:send(answer '{"again":true}') end
      end)
    ]]
  end)
  after_each(function() server:stop() end)

  local function arrivals_of(call)
    local client = boltz.new { api_key = ("k"):rep(40), base_url = server.url }
    patience.skip(client)
    assert(client.workspaces:retrieve("ws_1"))
    local value, err = call(client)
    client:close()
    return #server:records() - 1, value, err
  end

  local CALLS = {
    ["workspaces:create"] = function(client) return client.workspaces:create() end,
    ["api_keys:create"] = function(client) return client.api_keys:create { name = "x" } end,
    ["client:post with a body"] = function(client)
      return client:post("/x", { body = { a = 1 } })
    end,
    ["client:post without a body"] = function(client) return client:post("/x") end,
    ["client:patch"] = function(client) return client:patch("/x", { body = {} }) end,
  }

  for name, call in pairs(CALLS) do
    it("arrives once: " .. name, function()
      local arrivals, value, err = arrivals_of(call)
      assert.equal(1, arrivals)
      -- On a connection of its own it would have been answered.
      if not (value and value.again) then
        assert.equal("connection", err.kind)
        assert.is_true(err.maybe_applied)
      end
    end)
  end

  it("arrives again where doing it twice does no harm", function()
    local arrivals, value = arrivals_of(function(client)
      return client.workspaces:archive("ws_1")
    end)
    assert.equal(2, arrivals)
    assert.is_true(value.again)
  end)
end)

