-- SPDX-License-Identifier: MIT
-- What documents say of workspaces beyond lua/boltz/resources/workspaces.lua; facts.lua tells the
-- form.

return {
  doc = "Isolated environments of the organization, each with its own data retention, keys and "
    .. "spending limit.",
  source = "Admin > Workspaces",

  types = {
    Workspace = {
      doc = "A workspace.",
      fields = {
        id = { type = "string", doc = "Its id." },
        name = { type = "string", doc = "Its name.", null = "it has none" },
        is_default = { type = "boolean",
          doc = "Whether keys that are made without a workspace belong to it." },
        data_retention = { type = "DataRetention", doc = "How long its results are kept." },
        created_at = { type = "time", doc = "When it was made." },
        updated_at = { type = "time", doc = "When it was last changed." },
        archived_at = { type = "time", doc = "When it was archived.", null = "it is in use" },
      },
    },
    DataRetention = { doc = "How long results are kept before the service deletes them." },
    SpendingLimit = {
      doc = "A spending limit that is set.",
      fields = {
        limit = { type = "Money",
          doc = "What the workspace may spend: `boltz.UNLIMITED` stands for no limit." },
        type = { type = "SpendingLimitType",
          doc = "For which time: from when the limit is set, without an end." },
        accrued_usage = { type = "Money", doc = "What was spent since the limit was set.",
          null = "the server is too old to say" },
      },
    },
    Money = {
      doc = "An amount of money.",
      fields = {
        amount = { type = "integer", unit = "milli-USD", doc = "How much, exact to 2^53 - 1." },
        currency = { type = "Currency", doc = "Thousandths of a US dollar." },
      },
    },
    SpendingLimitParams = { doc = "A spending limit that is to be set." },
    MoneyParams = { doc = "The amount of a spending limit that is to be set." },
  },

  notes = {
    list = [[
A page is a request. No `limit` is sent unless you give one, and the service's pages are then as
long as it allows: 1,000 workspaces are 10 requests, and 50 with `limit = 20`. Shorter pages are
good only where little of the list is wanted. A loop that ends in the first half of the first page
has cost one request.
]],
    archive = [[
It may be called again: with the emulator it is no error for a workspace that is archived already.
]],
  },

  errors = {
    update = { conflict = "The workspace is archived." },
    archive = { conflict = "It is the default workspace." },
    retrieve_spending_limit = {
      permission_denied = "The key is neither an admin key nor one of this workspace.",
    },
    set_spending_limit = {
      bad_request = "The amount is less than what was spent since a limit was set.",
      conflict = "The workspace is archived.",
    },
  },

  examples = {
    create = [[
local workspace = assert(client.workspaces:create {
  name = "screening",
  data_retention = { unit = "days", value = 14 },
  spending_limit = { limit = { amount = 250000 } }, -- 250 US dollars
})
print(workspace.id, workspace.created_at)
]],
    list = [[
for workspace in client.workspaces:list { name = "team" } do
  print(workspace.id, workspace.name, workspace.archived_at or "in use")
end
]],
    retrieve = [[
local workspace = assert(client.workspaces:retrieve(workspace_id))
local kept = workspace.data_retention
print(workspace.name, kept.value, kept.unit)
]],
    update = [[
local workspace = assert(client.workspaces:update(workspace_id, { name = boltz.null }))
assert(workspace.name == nil)
]],
    archive = [[
local workspace = assert(client.workspaces:archive(workspace_id))
print("archived at " .. workspace.archived_at)
]],
    retrieve_spending_limit = [[
local set = assert(client.workspaces:retrieve_spending_limit(workspace_id))
print(set == boltz.null and "no limit" or set.limit.amount)
]],
    set_spending_limit = [[
local set = assert(client.workspaces:set_spending_limit(workspace_id, {
  limit = { amount = 250000 }, -- 250 US dollars
}))
assert(set.limit.amount == 250000)
]],
  },
}
