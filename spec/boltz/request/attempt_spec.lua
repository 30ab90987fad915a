-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local carrier = require "support.carrier"
local core = require "boltz.core"
local stub = require "support.stub"

local KEY = stub.KEY
local TOKEN = "token-0123456789-abcdefghijkl"

describe("a request", function()
  it("says who sends it, with which key, and that it wants JSON", function()
    local client, server = stub.client()
    assert(client.auth:me())
    local headers = server:last().headers
    assert.are.equal(KEY, headers["x-api-key"])
    assert.are.equal("application/json", headers.accept)
    assert.are.equal(("boltz-lua/%s (%s)"):format(boltz._VERSION, jit and jit.version or _VERSION),
      headers["user-agent"])
    assert.is_nil(headers.authorization)
    assert.is_nil(headers["x-boltz-organization-id"])
  end)

  it("of an OAuth user has a bearer token and an organization, and no key", function()
    local client, server = stub.client(nil, { bearer_token = TOKEN, organization_id = "org_1" })
    assert(client.auth:me())
    local headers = server:last().headers
    assert.are.equal("Bearer " .. TOKEN, headers.authorization)
    assert.are.equal("org_1", headers["x-boltz-organization-id"])
    assert.is_nil(headers["x-api-key"])
  end)

  it("names its body's type exactly when it has a body", function()
    local client, server = stub.client()
    local CALLS = {
      { "nil", function() return client.workspaces:archive("w") end },
      { "nil", function() return client.workspaces:retrieve("w") end },
      { "nil", function() return client:post("/x") end },
      { "application/json", function() return client.workspaces:create() end },
      { "application/json", function() return client:post("/x", { body = {} }) end },
    }
    for _, case in ipairs(CALLS) do
      assert(case[2]())
      assert.are.equal(case[1], tostring(server:last().headers["content-type"]))
      assert.are.equal(case[1] == "nil", server:last().body == nil)
    end
  end)

  it("lets the call's headers win over the client's, and these over the standard ones", function()
    local client, server = stub.client(nil, { headers = { ["User-Agent"] = "client",
      Accept = "client", ["content-type"] = "client" } })
    assert(client:post("/x", { body = {}, headers = { accept = "call" } }))
    local headers = server:last().headers
    assert.are.equal("client", headers["user-agent"])
    assert.are.equal("call", headers.accept)
    assert.are.equal("client", headers["content-type"])
  end)

  it("goes below the path of the base URL", function()
    local client, server = stub.client(nil, { base_url = "https://gateway.example/boltz/" })
    assert(client.auth:me())
    assert.are.equal("/boltz/compute/v1/auth/me", server:last().path)
  end)
end)

describe("what an attempt hands to its transport", function()
  -- The table that the transport gets, of a client and a call with these options.
  local function outgoing(of_client, of_call)
    local client = stub.client(nil, of_client)
    local seen
    client._user.session.transport = carrier(function(request, timeout)
      seen, request.timeout = request, timeout
      return { status = 200, headers = {}, body = "{}", sent = true }
    end)
    assert(client.workspaces:create({}, of_call))
    return seen
  end

  it("are the limits of the client, or those of the call", function()
    local request = outgoing({ timeout = 7, connect_timeout = 3, max_response_bytes = 1000,
      ca_file = "/ca.pem" })
    assert.are.equal(7, request.timeout)
    assert.are.equal(3, request.connect_timeout)
    assert.are.equal(1000, request.max_response_bytes)
    assert.are.equal("/ca.pem", request.ca_file)
    assert.are.equal(2, outgoing({ timeout = 7 }, { timeout = 2 }).timeout)
  end)

  it("has as secrets all that nothing of an answer may show", function()
    local request = outgoing({ api_key = ("k"):rep(30), organization_id = "org_1",
      headers = { ["X-Token"] = ("t"):rep(30), ["X-Trace"] = "trace" },
      proxy = "http://user:password@127.0.0.1:3128" })
    local texts = {}
    for i, secret in ipairs(request.secrets) do texts[i] = core.reveal(secret) end
    table.sort(texts)
    assert.are.same({ "dXNlcjpwYXNzd29yZA==", ("k"):rep(30), "password", ("t"):rep(30), "user" },
      texts)
  end)

  it("goes through a proxy that the program names whatever the environment exempts", function()
    local proxy = { base_url = "http://127.0.0.1:1", proxy = "http://127.0.0.1:3128" }
    assert.are.equal("", outgoing(proxy).no_proxy)
    assert.are.equal("*", outgoing({ base_url = "http://127.0.0.1:1" }).no_proxy)
    assert.is_nil(outgoing({ base_url = "https://host.example" }).no_proxy)
  end)

  it("is marked to be sent once where doing it twice makes two", function()
    assert.is_true(outgoing().once)
    local client = stub.client()
    local once = {}
    client._user.session.transport = carrier(function(request)
      once[#once + 1] = request.once or false
      return { status = 200, headers = {}, body = "{}", sent = true }
    end)
    assert(client.api_keys:create { name = "n" })
    assert(client.workspaces:update("w", {}))
    assert(client.workspaces:archive("w"))
    assert(client.workspaces:set_spending_limit("w", { limit = { amount = 1 } }))
    assert(client.api_keys:revoke("k"))
    assert.are.same({ true, false, false, false, false }, once)
  end)
end)
