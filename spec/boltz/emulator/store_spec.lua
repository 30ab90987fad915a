-- SPDX-License-Identifier: MIT
local Store = require "boltz.emulator.store"
local random = require "boltz.emulator.random"

describe("boltz.emulator.store", function()
  local store, time

  before_each(function()
    time = 1000
    store = Store.new(random.new(1), function() return time end)
  end)

  it("gives ids with prefixes, and a week of retention by default", function()
    local workspace = store:add_workspace{ name = "a" }
    assert.matches("^ws_%w+$", workspace.id)
    assert.same({ unit = "days", value = 7 }, workspace.retention)
    assert.equal(1000, workspace.created_at)
    assert.matches("^key_%w+$", store:add_key{ type = "workspace", mode = "live", name = "k" }.id)
  end)

  it("recognizes a key by its secret, which the record does not hold", function()
    local key, secret = store:add_key{ type = "workspace", mode = "test", name = "k" }
    assert.matches("^sk_bc_ws_test_%w+$", secret)
    assert.equal(key, store:key_of(secret))
    assert.is_nil(store:key_of(secret .. "x"))
    assert.equal(secret:sub(1, 12), key.prefix)
    for _, value in pairs(key) do assert.are_not.equal(secret, value) end
  end)

  it("spells the type and the mode of a key in its prefix", function()
    local _, admin = store:add_key{ type = "admin", mode = "live", name = "k" }
    assert.matches("^sk_bc_admin_live_", admin)
  end)

  it("lets a key work until it expires", function()
    local key = store:add_key{ type = "workspace", mode = "live", name = "k", expires_at = 1010 }
    time = 1009
    assert.is_true(store:is_active(key))
    time = 1010
    assert.is_false(store:is_active(key))
  end)

  it("archives a workspace with its keys, once", function()
    local workspace, other = store:add_workspace{}, store:add_workspace{}
    local mine = store:add_key{ type = "workspace", mode = "live", workspace_id = workspace.id }
    local theirs = store:add_key{ type = "workspace", mode = "live", workspace_id = other.id }
    time = 2000
    store:archive(workspace)
    time = 3000
    store:archive(workspace)
    assert.equal(2000, workspace.archived_at)
    assert.is_false(store:is_active(mine))
    assert.is_true(store:is_active(theirs))
  end)

  it("counts spending from the first limit on, however often it is changed", function()
    local workspace = store:add_workspace{}
    time = 3601
    store:limit_spending(workspace, 5, 3)
    time = 90000
    store:limit_spending(workspace, 6, 4)
    assert.same({ amount = 6, since = 7200, set_at = 3601, uses = 3 }, workspace.limit)
  end)
end)
