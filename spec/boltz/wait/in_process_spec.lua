-- SPDX-License-Identifier: MIT
local InProcess = require "boltz.wait.in_process"
local boltz = require "boltz"
local core = require "boltz.core"
local lfs = require "lfs"
local stub = require "support.stub"

local function request(changes)
  local result = { method = "GET", url = "https://api.example/a%2Fb?x=1&y=%20", headers = {},
    max_response_bytes = 100 }
  for name, value in pairs(changes or {}) do result[name] = value end
  return result
end

-- The result of one attempt at an object that answers like this within a second, and what the
-- object got.
local function attempt(answer, changes)
  local got
  local transport = InProcess.new { handle = function(_, ...)
    got = { ... }
    return answer.status or 200, answer.headers, answer.body, answer.wire
  end }
  return transport:finish(transport:start(request(changes), 1), 1), got
end

describe("the transport to an object in this process", function()
  it("hands over method, path and query as they are sent, lower-case headers, body", function()
    local _, got = attempt({}, { method = "POST", body = "{}",
      headers = { "X-Trace", "1", "x-api-key", core.secret("sk_bc_admin_live_0123456789") } })
    assert.are.same({ "POST", "/a%2Fb", "x=1&y=%20", { ["x-trace"] = "1",
      ["x-api-key"] = "sk_bc_admin_live_0123456789" }, "{}" }, got)
  end)

  local TARGETS = {
    ["https://api.example/a"] = { "/a", "" },
    ["http://127.0.0.1:8080/a?b"] = { "/a", "b" },
    ["https://[::1]:1/a?b=/?c"] = { "/a", "b=/?c" },
    ["https://api.example/base/a?"] = { "/base/a", "" },
  }
  for url, target in pairs(TARGETS) do
    it("takes " .. url .. " apart", function()
      local _, got = attempt({}, { url = url })
      assert.are.same(target, { got[2], got[3] })
    end)
  end

  it("returns status, body and headers by lower-case name, as text", function()
    local result = attempt { status = 201, headers = { ["X-A"] = 1 }, body = "{}" }
    assert.are.equal(201, result.status)
    assert.are.same({ ["x-a"] = "1" }, result.headers)
    assert.are.equal("{}", result.body)
    assert.is_true(result.sent)
    assert.is_nil(result.failure)
  end)

  it("needs neither headers nor a body", function()
    local result = attempt { status = 204 }
    assert.are.same({}, result.headers)
    assert.are.equal("", result.body)
  end)

  it("can lose the connection after the request was sent", function()
    local result = attempt { status = 200, body = "{}", wire = { drop = true } }
    assert.are.equal("connection", result.failure)
    assert.are.equal(0, result.status)
    assert.are.equal("", result.body)
    assert.is_true(result.sent)
  end)

  it("can cut an answer short", function()
    local result = attempt { body = '{"id":1}', wire = { truncate = 3 } }
    assert.are.equal("invalid_response", result.failure)
    assert.are.equal('{"i', result.body)
    assert.are.equal(200, result.status)
  end)

  it("holds answers to max_response_bytes", function()
    assert.is_nil(attempt({ body = ("x"):rep(100) }).failure)
    local result = attempt { body = ("x"):rep(101) }
    assert.are.equal("invalid_response", result.failure)
    assert.is_truthy(result.message:find("max_response_bytes", 1, true))
    assert.are.equal("", result.body)
  end)

  it("times out where the answer is said to take longer than the call allows", function()
    local result = attempt({ body = "{}", wire = { latency = 5 } })
    assert.are.equal("timeout", result.failure)
    assert.are.equal(0, result.status)
    assert.are.equal("", result.body)
    assert.is_nil(attempt({ body = "{}", wire = { latency = 0.5 } }).failure)
  end)

  it("gives a client the kinds of errors that a network gives", function()
    local client = stub.client {
      { wire = { drop = true } }, { body = "{}", wire = { truncate = 1 } }, { status = 429 },
    }
    local _, err = client.workspaces:create()
    assert.are.equal("connection", err.kind)
    assert.is_true(err.maybe_applied)
    _, err = client.workspaces:create()
    assert.are.equal("invalid_response", err.kind)
    _, err = client.workspaces:create()
    assert.are.equal("rate_limit", err.kind)
    assert.is_false(err.maybe_applied)
  end)

  it("lets the emulator stand in for the service", function()
    local emulator = require("boltz.emulator").new { workspaces = 2 }
    local client = boltz.new {
      api_key = emulator.admin_key,
      transport = emulator,
      max_retries = 0,
    }
    assert.are.equal(2, #assert(client.workspaces:list():all()))
    emulator:fault { status = 503, retry_after = 7 }
    local _, err = client.auth:me()
    assert.are.equal("internal_server", err.kind)
    assert.are.equal("7", err.headers["Retry-After"])
  end)
end)

describe("a client of an object in this process", function()
  local function descriptors()
    local count = 0
    for _ in lfs.dir("/proc/self/fd") do count = count + 1 end
    return count
  end

  it("takes no descriptor before it waits, and none is left when it is closed", function()
    if not lfs.attributes("/proc/self/fd") then return pending "this system has no /proc" end
    local before, clients = descriptors(), {}
    for i = 1, 20 do
      clients[i] = stub.client()
      assert(clients[i]:get("/x"))
    end
    clients[20]:close()
    assert.is_true(descriptors() <= before)
    local client = stub.client({ { status = 503, headers = { ["Retry-After"] = "0" }, body = "" },
      "{}" }, { max_retries = 1 })
    assert(client:get("/x"))
    client:close()
    assert.is_true(descriptors() <= before)
  end)
end)
