-- SPDX-License-Identifier: MIT
local service = require "support.service"

describe("boltz.emulator.auth", function()
  local subject, workspace, secret, key

  before_each(function()
    subject = service.new{ bearer_token = "oauth-token" }
    workspace = subject:workspace()
    secret, key = subject:key{ name = "k", workspace_id = workspace.id }
  end)

  local function status(path, given)
    local got, value = subject:get(path, given)
    return got, value.code
  end

  it("takes a key from x-api-key or as a bearer token", function()
    assert.equal(200, (status("/auth/me", { key = secret })))
    assert.equal(200, (status("/auth/me", {
      key = false, headers = { Authorization = "Bearer " .. secret } })))
  end)

  it("answers 401 in the service's words without a key, and with a wrong one", function()
    for _, wrong in ipairs{ false, "", "sk_bc_ws_live_unknown", secret .. "x", key.id } do
      local got, value = subject:get("/auth/me", { key = wrong })
      assert.equal(401, got)
      assert.same({ code = "unauthorized", message = "Invalid or missing API key" }, value)
    end
  end)

  it("answers 401 to a revoked key", function()
    subject:expect("POST", "/admin/api-keys/" .. key.id .. "/revoke")
    assert.equal(401, (status("/auth/me", { key = secret })))
  end)

  it("answers 401 to a key that has expired", function()
    local short = subject:key{ name = "short", expires_in_days = 1 }
    subject.time = subject.time + 86399
    assert.equal(200, (status("/auth/me", { key = short })))
    subject.time = subject.time + 1
    assert.equal(401, (status("/auth/me", { key = short })))
  end)

  it("answers 401 to the keys of an archived workspace", function()
    subject:expect("POST", "/admin/workspaces/" .. workspace.id .. "/archive")
    assert.equal(401, (status("/auth/me", { key = secret })))
  end)

  it("lets a workspace key read its own spending limit and nothing else", function()
    local other = subject:workspace()
    local function limit(id) return "/admin/workspaces/" .. id .. "/spending-limit" end
    assert.equal(200, (subject:get(limit(workspace.id), { key = secret })))
    assert.equal(403, (status(limit(other.id), { key = secret })))
    assert.equal(403, (subject:put(limit(workspace.id), { key = secret, json = {} })))
    for _, path in ipairs{
      "/admin/workspaces", "/admin/workspaces/" .. workspace.id, "/admin/api-keys", "/admin/usage",
    } do
      assert.same({ 403, "forbidden" }, { status(path, { key = secret }) }, path)
    end
  end)

  it("does not tell a workspace key which workspaces exist", function()
    assert.equal(403, (status("/admin/workspaces/none/spending-limit", { key = secret })))
  end)

  it("lets a key be used only from its addresses, where the address is known", function()
    local bound = subject:key{ name = "bound", allowed_ips = { "2001:db8::7" } }
    assert.equal(200, (status("/auth/me", { key = bound, address = "2001:DB8:0::7" })))
    assert.equal(403, (status("/auth/me", { key = bound, address = "127.0.0.1" })))
    assert.equal(200, (status("/auth/me", { key = bound })))
  end)

  it("notes when a key was used last", function()
    assert.is_nil(key.last_used_at)
    subject.time = subject.time + 5
    status("/auth/me", { key = secret })
    local page = subject:expect("GET", "/admin/api-keys", {
      query = { workspace_id = workspace.id } })
    assert.equal("2026-04-01T12:00:05Z", page.data[1].last_used_at)
  end)

  describe("with an OAuth user", function()
    local function as_user(organization_id)
      return { key = false, headers = {
        Authorization = "Bearer oauth-token", ["X-Boltz-Organization-Id"] = organization_id } }
    end

    it("lets the user administer the organization that is active", function()
      assert.equal(200, (status("/admin/workspaces", as_user())))
      assert.equal(200, (status("/admin/workspaces", as_user(subject.emulator.organization.id))))
    end)

    it("lets the user choose an organization, and gives a member no admin rights", function()
      local me = subject:expect("GET", "/auth/me", as_user())
      local other = me.organization_memberships[2]
      assert.equal("member", other.compute_role)
      local chosen = subject:expect("GET", "/auth/me", as_user(other.organization_id))
      assert.equal(other.organization_id, chosen.selected_organization_id)
      assert.equal(403, (status("/admin/workspaces", as_user(other.organization_id))))
    end)

    it("refuses an organization that the user does not belong to", function()
      assert.equal(403, (status("/auth/me", as_user("org_unknown"))))
    end)

    it("takes the token only as a bearer token", function()
      assert.equal(401, (status("/auth/me", { key = "oauth-token" })))
      assert.equal(401, (status("/auth/me", {
        key = false, headers = { authorization = "Basic oauth-token" } })))
    end)
  end)
end)
