-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local live = require "support.live"
local time = require "boltz.time"

local DAY = 86400

for scheme, options in pairs(live.SCHEMES) do
  describe("API keys over " .. scheme, function()
    local service, client, keys

    setup(function()
      service, client = live.start(options)
      keys = client.api_keys
    end)
    teardown(function() live.stop(service, client) end)

    local function workspace_with(count)
      local workspace = assert(client.workspaces:create())
      local made = {}
      for i = 1, count do
        local params = { name = "key " .. i, workspace_id = workspace.id }
        made[i] = assert(keys:create(params)).key_details
      end
      return workspace, made
    end

    it("are made with a name alone, for the default workspace, for ever, from anywhere", function()
      local made = assert(keys:create { name = "ci" })
      assert.is_truthy(made.key:find("^sk_bc_ws_live_"))
      local details = made.key_details
      assert.are.equal("ci", details.name)
      assert.are.equal(made.key:sub(1, 12), details.key_prefix)
      assert.are.equal("workspace", details.key_type)
      assert.is_true(details.livemode)
      assert.is_true(details.is_active)
      assert.is_nil(details.expires_at)
      assert.is_nil(details.last_used_at)
      assert.is_true(core.is_array(details.allowed_ips))
      assert.are.equal(0, #details.allowed_ips)
      assert.is_truthy(time.parse(details.created_at))
      assert.is_true(assert(client.workspaces:retrieve(details.workspace_id)).is_default)
    end)

    it("are made with everything said", function()
      local workspace = assert(client.workspaces:create())
      local made = assert(keys:create { name = "ключ", workspace_id = workspace.id, mode = "test",
        expires_in_days = 30, allowed_ips = { "203.0.113.7", "2001:db8::7" } })
      assert.is_truthy(made.key:find("^sk_bc_ws_test_"))
      local details = made.key_details
      assert.are.equal("ключ", details.name)
      assert.is_false(details.livemode)
      assert.are.equal(workspace.id, details.workspace_id)
      assert.are.same({ "203.0.113.7", "2001:db8::7" }, details.allowed_ips)
      assert.are.equal(30 * DAY, time.parse(details.expires_at) - time.parse(details.created_at))
    end)

    it("take an empty list of addresses", function()
      local made = assert(keys:create { name = "k", allowed_ips = {} })
      assert.are.same({}, made.key_details.allowed_ips)
    end)

    it("work once made, and are then seen to be in use", function()
      local workspace = assert(client.workspaces:create())
      local made = assert(keys:create { name = "k", workspace_id = workspace.id })
      local me = assert(client:with({ api_key = made.key }).auth:me())
      assert.are.equal(made.key_details.id, me.api_key_id)
      local listed = assert(keys:list({ workspace_id = workspace.id }):all())[1]
      assert.is_truthy(time.parse(listed.last_used_at))
    end)

    it("do not work from an address that is not theirs", function()
      local made = assert(keys:create { name = "k", allowed_ips = { "203.0.113.7" } })
      local _, err = client:with({ api_key = made.key }).auth:me()
      assert.are.equal("permission_denied", err.kind)
      made = assert(keys:create { name = "k", allowed_ips = { "203.0.113.7", "127.0.0.1" } })
      assert(client:with({ api_key = made.key }).auth:me())
    end)

    it("are listed with admin keys, which have no workspace", function()
      local admins = 0
      for key in keys:list() do
        if key.key_type == "admin" then
          admins = admins + 1
          assert.is_nil(key.workspace_id)
        else
          assert.are.equal("string", type(key.workspace_id))
        end
        assert.is_nil(key.key)
      end
      assert.are.equal(1, admins)
    end)

    it("are listed by workspace, in pages, forward and backward, and resumed", function()
      local workspace, made = workspace_with(5)
      local function list(params)
        params.workspace_id, params.limit = workspace.id, 2
        return keys:list(params)
      end
      assert.are.equal(live.ids(made), live.ids(assert(list({}):all())))
      local backward = live.ids { made[3], made[4], made[1], made[2] }
      assert.are.equal(backward, live.ids(assert(list({ before_id = made[5].id }):all())))
      for taken = 0, 4 do
        local pager = list { before_id = made[5].id }
        local items = assert(pager:all(taken))
        for item in keys:list(pager:cursor()) do items[#items + 1] = item end
        assert.are.equal(backward, live.ids(items))
      end
    end)

    it("are revoked, and do not work then", function()
      local made = assert(keys:create { name = "k" })
      local with_key = client:with { api_key = made.key }
      assert(with_key.auth:me())
      local revoked = assert(keys:revoke(made.key_details.id))
      assert.are.equal(made.key_details.id, revoked.id)
      assert.is_false(revoked.is_active)
      local value, err = with_key.auth:me()
      assert.is_nil(value)
      assert.are.equal("authentication", err.kind)
      assert.are.equal(401, err.status)
      assert.is_nil(tostring(err):find(made.key:sub(1, 13), 1, true))
    end)

    it("are not found under an id that is none", function()
      local value, err = keys:revoke("a/b")
      assert.is_nil(value)
      assert.are.equal("not_found", err.kind)
      assert.are.equal("POST", err.method)
      assert.are.equal("/compute/v1/admin/api-keys/{api_key_id}/revoke", err.path)
    end)

    it("are not shown by the error of an answer that is cut within one", function()
      service:fault { method = "POST", path = "/compute/v1/admin/api-keys", truncate = 60 }
      local before = service:state().counts.api_keys
      local value, err = keys:create { name = "k" }
      assert.is_nil(value)
      assert.are.equal("invalid_response", err.kind)
      assert.is_true(err.maybe_applied)
      assert.are.equal(before + 1, service:state().counts.api_keys) -- it was, once
      assert.is_nil(err.body:find("sk_bc_ws_live_", 1, true))
      assert.is_nil(tostring(err):find("sk_bc_ws_live_", 1, true))
    end)
  end)
end
