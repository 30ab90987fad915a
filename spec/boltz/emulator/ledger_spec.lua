-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local service = require "support.service"

describe("boltz.emulator.ledger", function()
  local DAY = 86400
  local subject, made

  before_each(function()
    subject = service.new()
    made = subject:workspace{ name = "mine" }
  end)

  local function use(fields) subject.emulator:use(fields) end

  local function quantity(changes)
    local query = { starting_at = "2026-03-30T00:00:00Z", ending_at = "2026-04-02T00:00:00Z",
      window_size = "DAY", ["workspace_ids[]"] = made.id }
    for name, value in pairs(changes or {}) do query[name] = value end
    local sum = 0
    for _, bucket in ipairs(subject:expect("GET", "/admin/usage", { query = query }).data) do
      sum = sum + bucket.quantity
    end
    return sum
  end

  local function accrued()
    return subject:expect("GET", "/admin/workspaces/" .. made.id .. "/spending-limit")
      .accrued_usage.amount
  end

  local function limit(amount)
    return (subject:put("/admin/workspaces/" .. made.id .. "/spending-limit", { json = {
      type = "lifetime", limit = { amount = amount, currency = "MILLI_USD" } } }))
  end

  it("adds usage, which lists show by time, workspace and application", function()
    use{ workspace_id = made.id, application = "adme", quantity = 40 }
    use{ workspace_id = made.id, application = "protein_design", quantity = 2,
      at = "2026-03-31T23:30:00Z" }
    use{ workspace_id = made.id, application = "adme", quantity = 9, at = subject.time - 9 * DAY }
    assert.equal(42, quantity())
    assert.equal(40, quantity{ ["applications[]"] = "adme" })
    assert.equal(2, quantity{ ending_at = "2026-04-01T00:00:00Z" })
    assert.equal(40, quantity{ window_size = "HOUR", starting_at = "2026-04-01T12:00:00Z" })
    assert.equal(0, quantity{ window_size = "HOUR", ending_at = "2026-03-31T23:00:00Z" })
  end)

  it("adds to what there is already, of the default workspace unless another is named", function()
    made = subject.store.default_workspace
    local before = quantity()
    use{ application = "adme", quantity = 5 }
    assert.equal(before + 5, quantity())
  end)

  it("adds spending to a limit, from when that was first set", function()
    use{ workspace_id = made.id, amount = 999 }
    assert.equal(200, limit(1000))
    assert.equal(0, accrued())
    use{ workspace_id = made.id, amount = 600 }
    use{ workspace_id = made.id, application = "adme", quantity = 2 } -- at 25 milli-USD
    use{ workspace_id = made.id, amount = 999, at = subject.time - DAY }
    use{ amount = 999 } -- in the default workspace
    assert.equal(650, accrued())
    assert.equal(400, limit(649))
    assert.equal(200, limit(650))
    assert.equal(650, accrued())
    assert.equal(2, quantity())
  end)

  it("says what is wrong with a use, at the caller's line", function()
    local expected = {
      [{ quantiy = 1 }] =
        "unknown field in a use: quantiy (known: amount, application, at, quantity, workspace_id)",
      [{}] = "a use needs a 'quantity' or an 'amount'",
      [{ amount = -1 }] = "bad 'amount' in a use (expected a whole number from 0, got -1)",
      [{ amount = "5" }] = [[bad 'amount' in a use (expected a whole number from 0, got "5")]],
      [{ quantity = 1.5 }] = "bad 'quantity' in a use (expected a whole number from 0, got 1.5)",
      [{ quantity = 1 }] =
        "bad 'application' in a use (expected one of: structure_and_binding, "
        .. "small_molecule_design, small_molecule_library_screen, protein_design, "
        .. "protein_redesign, "
        .. "protein_library_screen, adme, got nil)",
      [{ amount = 1, workspace_id = "ws_none" }] =
        [[bad 'workspace_id' in a use (expected the id of a workspace, got "ws_none")]],
      [{ amount = 1, at = "yesterday" }] = "bad 'at' in a use (expected seconds since the epoch, "
        .. [[or ISO 8601 with a timezone, got "yesterday")]],
      [{ amount = 1, at = "2026-05-01T00:00:00Z" }] = "bad 'at' in a use (expected a time that is "
        .. [[not in the future, got "2026-05-01T00:00:00Z")]],
    }
    for fields, message in pairs(expected) do
      local _, raised = pcall(use, fields)
      assert.equal(message, (raised:gsub("^[^ ]*ledger_spec.lua:%d+: ", "")))
      assert.are_not.equal(message, raised)
    end
    assert.has_error(function() use(5) end)
    assert.has_error(function() use{ amount = 0 / 0 } end)
  end)

  it("is seen by a client", function()
    local client = boltz.new{ api_key = subject.emulator.admin_key, transport = subject.emulator }
    assert(client.workspaces:set_spending_limit(made.id, { limit = { amount = 5000 } }))
    use{ workspace_id = made.id, application = "adme", quantity = 8, amount = 250 }
    local found = assert(client.workspaces:retrieve_spending_limit(made.id))
    assert.equal(250, found.accrued_usage.amount)
    local list = assert(client.usage:list{ starting_at = subject.time - DAY,
      ending_at = subject.time + 1, window_size = "DAY", workspace_ids = made.id }:all())
    assert.equal(8, list[#list].quantity)
  end)
end)
