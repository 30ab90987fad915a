-- SPDX-License-Identifier: MIT
local service = require "support.service"

describe("boltz.emulator.seed", function()
  local function ids(seed)
    local list = {}
    for _, workspace in service.new{ seed = seed }.store.workspaces:each() do
      list[#list + 1] = workspace.id
    end
    return table.concat(list, " ")
  end

  it("is the same on every start, and another with another seed", function()
    assert.equal(ids(1), ids(1))
    assert.are_not.equal(ids(1), ids(2))
    local function admin_key(seed) return service.new{ seed = seed }.emulator.admin_key end
    assert.equal(admin_key(1), admin_key(1))
    assert.are_not.equal(admin_key(1), admin_key(2))
  end)

  it("has the asked number of workspaces, the first of them the default one", function()
    for _, count in ipairs{ 1, 5, 250 } do
      local defaults, store = 0, service.new{ workspaces = count }.store
      assert.equal(count, store.workspaces:count())
      for _, workspace in store.workspaces:each() do
        if workspace.is_default then defaults = defaults + 1 end
      end
      assert.equal(1, defaults)
    end
  end)

  it("has keys of each kind: active, expired, revoked, bound to addresses, admin", function()
    local store, seen = service.new().store, {}
    for _, key in store.keys:each() do
      seen[key.type] = true
      seen[key.mode] = true
      if store:is_active(key) then seen.active = true end
      if key.revoked then seen.revoked = true end
      if key.expires_at and not store:is_active(key) then seen.expired = true end
      if #key.allowed_ips > 0 then seen.bound = true end
    end
    assert.same({ admin = true, workspace = true, live = true, test = true, active = true,
      revoked = true, expired = true, bound = true }, seen)
  end)

  it("takes the admin key it is given", function()
    local given = service.new{ admin_key = "sk_bc_admin_live_mine" }
    assert.equal("sk_bc_admin_live_mine", given.emulator.admin_key)
    assert.equal("live", given:expect("GET", "/auth/me").mode)
  end)
end)
