-- SPDX-License-Identifier: MIT
local service = require "support.service"

describe("boltz.emulator.me", function()
  local subject

  before_each(function() subject = service.new{ bearer_token = "oauth-token" } end)

  it("describes the admin key, with an explicit null for its workspace", function()
    local _, me, _, _, text = subject:get("/auth/me")
    local organization = subject.emulator.organization
    assert.matches("^key_", me.api_key_id)
    me.api_key_id = nil
    assert.same({ principal_type = "api_key", key_type = "admin", mode = "test",
      organization_id = organization.id, selected_organization_id = organization.id,
      organization_name = organization.name }, me)
    assert.matches('"workspace_id":null', text, 1, true)
  end)

  it("describes a workspace key", function()
    local workspace = subject:workspace()
    local secret, key = subject:key{ name = "k", workspace_id = workspace.id, mode = "live" }
    local me = subject:expect("GET", "/auth/me", { key = secret })
    assert.equal("workspace", me.key_type)
    assert.equal("live", me.mode)
    assert.equal(workspace.id, me.workspace_id)
    assert.equal(key.id, me.api_key_id)
  end)

  it("describes an OAuth user", function()
    local me = subject:expect("GET", "/auth/me", {
      key = false, headers = { authorization = "Bearer oauth-token" } })
    local id = subject.emulator.organization.id
    assert.equal("user", me.principal_type)
    assert.matches("^user_", me.user_id)
    assert.equal(id, me.active_organization_id)
    assert.equal(id, me.selected_organization_id)
    assert.same({ organization_id = id, organization_name = "Example Bio", compute_role = "admin" },
      me.organization_memberships[1])
  end)
end)
