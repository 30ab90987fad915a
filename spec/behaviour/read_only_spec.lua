-- SPDX-License-Identifier: MIT
-- A client that is read_only tells what it would have sent.

local boltz = require "boltz"
local emulator = require "boltz.emulator"
local stub = require "support.stub"

local function refused(client, value, err)
  assert.is_nil(value)
  assert.is_true(boltz.is_error(err), tostring(err))
  assert.are.equal("read_only", err.kind)
  assert.are.equal(0, err.attempts)
  assert.is_false(err.retryable)
  assert.is_false(err.maybe_applied)
  assert.is_nil(err.status)
  assert.are.same({}, err.headers)
  assert.are.equal(0, #client.server.requests)
  return err
end

describe("a client that is read_only", function()
  local function new(options)
    local given = { read_only = true }
    for name, value in pairs(options or {}) do given[name] = value end
    local client, server = stub.client(nil, given)
    client.server = server
    return client
  end

  it("returns what each call but GET would have sent, and sends nothing", function()
    local told, client = {}, new { log_level = "debug", logger = function() end,
      on_attempt = function() error "an attempt" end }
    local admin = "/compute/v1/admin"
    local function note(value, err)
      err = refused(client, value, err)
      told[#told + 1] = ("%s %s %s"):format(err.method, err.url_path, err.body or "-")
    end
    note(client.workspaces:create { name = "n" })
    note(client.workspaces:update("ws/1", { name = "n" }))
    note(client.workspaces:archive("ws_1"))
    note(client.workspaces:set_spending_limit("ws_1", { limit = { amount = 1 } }, {
      extra_body = { more = true } }))
    note(client.api_keys:create { name = "n" })
    note(client.admin.api_keys:revoke("key_1"))
    note(client:post("/x?a=1", { body = { 1 } }))
    note(client:put("/x", { body = "text" }))
    note(client:patch("/x"))
    note(client:delete("/x", { query = { a = "b" } }))
    assert.are.equal("POST " .. admin .. '/workspaces {"name":"n"}', told[1])
    assert.are.equal("POST " .. admin .. '/workspaces/ws%2F1 {"name":"n"}', told[2])
    assert.are.equal("POST " .. admin .. "/workspaces/ws_1/archive -", told[3])
    assert.is_truthy(told[4]:find("PUT " .. admin .. "/workspaces/ws_1/spending-limit {", 1, true))
    assert.is_truthy(told[4]:find('"more":true', 1, true))
    assert.is_truthy(told[5]:find("POST " .. admin .. "/api-keys {", 1, true))
    assert.are.equal("POST " .. admin .. "/api-keys/key_1/revoke -", told[6])
    assert.are.same({ "POST /x [1]", 'PUT /x "text"', "PATCH /x -", "DELETE /x -" },
      { told[7], told[8], told[9], told[10] })
  end)

  it("says in the error's text what it would have sent", function()
    local client = new()
    local err = refused(client, client.workspaces:create({}, { context = "c" }))
    assert.are.equal("read_only: POST /compute/v1/admin/workspaces would have been sent",
      tostring(err):match("^[^(]*sent"))
    assert.are.equal("c", err.context)
    assert.is_truthy(err.where:find("read_only_spec.lua:%d+$"), err.where)
    err = refused(client, client.workspaces:archive("ws_1"))
    assert.are.equal("POST /compute/v1/admin/workspaces/ws_1/archive would have been sent",
      err.message)
    assert.are.equal("/compute/v1/admin/workspaces/{workspace_id}/archive", err.path)
  end)

  it("reads as any other", function()
    local service = emulator.new { workspaces = 3 }
    local client = boltz.new { api_key = service.admin_key, transport = service, read_only = true }
    assert.is_truthy(client.auth:me())
    assert.is_truthy(client:get("/compute/v1/auth/me"))
    local first
    for workspace in client.workspaces:list() do first = first or workspace end
    for _ in client:paginate("/compute/v1/admin/api-keys") do end
    assert.is_truthy(client.workspaces:retrieve(first.id))
    assert.are.equal("read_only", select(2, client.workspaces:archive(first.id)).kind)
    assert.is_nil(client.workspaces:retrieve(first.id).archived_at)
  end)

  it("raises at a mistake all the same", function()
    local client = new()
    assert.has_error(function() client.workspaces:create { nam = "n" } end)
    assert.has_error(function() client.workspaces:archive("") end)
    assert.has_error(function() client:post("x") end)
    assert.are.equal(0, #client.server.requests)
  end)

  it("shows no key that would have been sent", function()
    local key = "sk_bc_ws_live_0123456789abcdefghijklmnopqrstuv"
    local client = new { api_key = "secret-0123456789-abcdefghijkl" }
    local err = refused(client, client:post("/x/k-" .. key, {
      body = { echo = "secret-0123456789-abcdefghijkl", key = key, more = key } }))
    for _, text in ipairs { err.body, err.url_path, err.message, tostring(err) } do
      assert.is_nil(text:find("456789", 1, true), text)
    end
    assert.are.equal("/x/k-sk_bc_ws_liv...", err.url_path)
    err = refused(client, client:post("/x", { body = ("x"):rep(5000) }))
    assert.are.equal(4096, #err.body)
  end)

  it("has copies that are so, too, unless they are told to send", function()
    local client = new()
    local copy = client:with { timeout = 5 }
    assert.are.equal("read_only", select(2, copy.workspaces:archive("ws_1")).kind)
    assert.are.equal("read_only", select(2, copy:delete("/x")).kind)
    assert.are.equal(0, #client.server.requests)
    assert.is_truthy(client:with({ read_only = false }):delete("/x"))
    assert.are.equal(1, #client.server.requests)
    local writing, server = stub.client()
    assert.are.equal("read_only",
      select(2, writing:with({ read_only = true }).workspaces:create {}).kind)
    assert.are.equal(0, #server.requests)
    assert.is_truthy(writing.workspaces:create {})
  end)
end)
