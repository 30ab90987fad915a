-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local service = require "support.service"

describe("boltz.emulator.api_keys", function()
  local subject

  before_each(function() subject = service.new() end)

  local function list(query)
    return subject:expect("GET", "/admin/api-keys", { query = query }).data
  end

  it("creates a live key of the default workspace that never expires", function()
    local _, made, _, _, text = subject:post("/admin/api-keys", { json = { name = "k" } })
    local details = made.key_details
    assert.matches("^sk_bc_ws_live_%w+$", made.key)
    assert.equal(made.key:sub(1, 12), details.key_prefix)
    assert.equal("workspace", details.key_type)
    assert.equal(subject.store.default_workspace.id, details.workspace_id)
    assert.is_true(details.livemode)
    assert.is_true(details.is_active)
    assert.matches('"allowed_ips":[]', text, 1, true)
    assert.matches('"expires_at":null', text, 1, true)
    assert.matches('"last_used_at":null', text, 1, true)
  end)

  it("creates a key with everything", function()
    local workspace = subject:workspace()
    local secret, details = subject:key{ name = "k", workspace_id = workspace.id, mode = "test",
      allowed_ips = { "192.0.2.1", "2001:db8::1" }, expires_in_days = 365 }
    assert.matches("^sk_bc_ws_test_", secret)
    assert.is_false(details.livemode)
    assert.same({ "192.0.2.1", "2001:db8::1" }, details.allowed_ips)
    assert.equal("2027-04-01T12:00:00Z", details.expires_at)
    assert.equal(workspace.id, details.workspace_id)
  end)

  it("shows a secret once", function()
    local secret = subject:key{ name = "k" }
    local _, _, _, _, text = subject:get("/admin/api-keys")
    assert.is_nil(text:find(secret, 1, true))
    assert.is_nil(text:find(subject.emulator.admin_key, 1, true))
  end)

  it("refuses bodies that break a rule, and makes nothing", function()
    local before = subject.store.keys:count()
    for _, text in ipairs{
      "{}", '{"name":""}', '{"name":null}', '{"name":["k"]}', '{"name":"k","mode":"Live"}',
      '{"name":"k","expires_in_days":0}', '{"name":"k","expires_in_days":366}',
      '{"name":"k","expires_in_days":1.5}', '{"name":"k","expires_in_days":null}',
      '{"name":"k","allowed_ips":"192.0.2.1"}', '{"name":"k","allowed_ips":["192.0.2"]}',
      '{"name":"k","allowed_ips":[null]}', '{"name":"k","allowed_ips":{}}',
      '{"name":"k","workspace_id":""}',
    } do
      local status, value = subject:post("/admin/api-keys", { body = text })
      assert.same({ 400, "VALIDATION_ERROR" }, { status, value.code }, text)
    end
    assert.equal(before, subject.store.keys:count())
  end)

  it("takes an empty list of addresses for any", function()
    local _, details = subject:key{ name = "k", allowed_ips = core.array{} }
    assert.same({}, details.allowed_ips)
  end)

  it("answers 404 for a workspace that is not there", function()
    local status, value = subject:post("/admin/api-keys", {
      json = { name = "k", workspace_id = "ws_x" } })
    assert.same({ 404, "not_found" }, { status, value.code })
  end)

  it("lists admin keys among the others, with an explicit null for their workspace", function()
    local _, page, _, _, text = subject:get("/admin/api-keys", { query = "limit=1" })
    assert.equal("admin", page.data[1].key_type)
    assert.matches('"workspace_id":null', text, 1, true)
  end)

  it("lists the keys of one workspace", function()
    local workspace = subject:workspace()
    local _, first = subject:key{ name = "a", workspace_id = workspace.id }
    subject:key{ name = "elsewhere" }
    local _, second = subject:key{ name = "b", workspace_id = workspace.id }
    local keys = list{ workspace_id = workspace.id }
    assert.equal(2, #keys)
    assert.equal(first.id, keys[1].id)
    assert.equal(second.id, keys[2].id)
    assert.same({}, list{ workspace_id = "ws_unknown" })
  end)

  it("revokes for good, and answers the same a second time", function()
    local secret, details = subject:key{ name = "k" }
    local revoked = subject:expect("POST", "/admin/api-keys/" .. details.id .. "/revoke")
    assert.is_false(revoked.is_active)
    assert.same(revoked, subject:expect("POST", "/admin/api-keys/" .. details.id .. "/revoke"))
    assert.equal(401, (subject:get("/auth/me", { key = secret })))
  end)

  it("answers 404 for a key that is not there", function()
    assert.equal(404, (subject:post("/admin/api-keys/key_unknown/revoke")))
  end)

  it("shows the keys of an archived workspace as inactive", function()
    local workspace = subject:workspace()
    subject:key{ name = "a", workspace_id = workspace.id }
    subject:expect("POST", "/admin/workspaces/" .. workspace.id .. "/archive")
    assert.is_false(list{ workspace_id = workspace.id }[1].is_active)
  end)
end)
