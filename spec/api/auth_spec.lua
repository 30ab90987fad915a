-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local emulator = require "boltz.emulator"
local live = require "support.live"

for scheme, options in pairs(live.SCHEMES) do
  describe("auth.me over " .. scheme, function()
    local service, client

    setup(function() service, client = live.start(options) end)
    teardown(function() live.stop(service, client) end)

    it("says what an admin key is", function()
      local me, err, response = client.auth:me()
      assert.is_nil(err)
      assert.are.equal(200, response.status)
      assert.are.equal("api_key", me.principal_type)
      assert.are.equal("admin", me.key_type)
      assert.are.equal("test", me.mode)
      assert.is_nil(me.workspace_id)
      assert.are.equal(me.organization_id, me.selected_organization_id)
      assert.are.equal("string", type(me.organization_name))
      assert.are.equal("string", type(me.api_key_id))
    end)

    it("says what a workspace key is, and of which workspace", function()
      local workspace = assert(client.workspaces:create())
      local made = assert(client.api_keys:create { name = "k", workspace_id = workspace.id })
      local me = assert(client:with({ api_key = made.key }).auth:me())
      assert.are.equal("workspace", me.key_type)
      assert.are.equal("live", me.mode)
      assert.are.equal(workspace.id, me.workspace_id)
    end)

    it("takes a bearer token in place of a key, and a key in a header of the program's", function()
      local with_token = live.client(service, { bearer_token = service.api_key })
      assert.are.equal("admin", assert(with_token.auth:me()).key_type)
      with_token:close()
      local with_header = client:with { api_key = "nobody",
        headers = { ["X-API-Key"] = service.api_key } }
      assert.are.equal("admin", assert(with_header.auth:me()).key_type)
    end)

    it("is refused without a key that the service knows", function()
      for _, changes in ipairs { { api_key = "sk_bc_admin_test_nobody" },
        { bearer_token = "nobody" }, { headers = { ["x-api-key"] = false } } } do
        local value, err = client:with(changes).auth:me()
        assert.is_nil(value)
        assert.are.equal("authentication", err.kind)
        assert.are.equal("Invalid or missing API key", err.message)
      end
    end)
  end)
end

describe("auth.me of an OAuth user", function() -- whom only an emulator in this process knows
  local service = emulator.new { bearer_token = "token-of-a-user" }
  local client = boltz.new { bearer_token = "token-of-a-user", transport = service }

  it("says who that is and where the user belongs", function()
    local me = assert(client.auth:me())
    assert.are.equal("user", me.principal_type)
    assert.are.equal("string", type(me.user_id))
    assert.are.equal(2, #me.organization_memberships)
    assert.are.equal(me.organization_memberships[1].organization_id, me.active_organization_id)
    assert.are.equal(me.active_organization_id, me.selected_organization_id)
    assert.are.equal("admin", me.organization_memberships[1].compute_role)
  end)

  it("is for the organization that the client names", function()
    local other = assert(client.auth:me()).organization_memberships[2].organization_id
    local there = client:with { organization_id = other }
    assert.are.equal(other, assert(there.auth:me()).selected_organization_id)
    assert.are.equal("permission_denied", select(2, there.workspaces:create()).kind)
    assert(client.workspaces:create())
    local nowhere = client:with { organization_id = "org_of_nobody" }
    assert.are.equal("permission_denied", select(2, nowhere.auth:me()).kind)
  end)
end)
