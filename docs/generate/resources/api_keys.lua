-- SPDX-License-Identifier: MIT
-- What documents say of API keys beyond lua/boltz/resources/api_keys.lua; facts.lua tells the form.

return {
  doc = "Keys of the organization and its workspaces: an admin key may do everything, a workspace "
    .. "key computes in its workspace.",
  source = "Admin > API Keys",

  types = {
    NewApiKey = {
      doc = "A key that was just made; no other answer has the key itself.",
      fields = {
        key = { type = "string", doc = "The secret, which is never shown again." },
        key_details = { type = "ApiKey", doc = "What lists say of the key from now on." },
      },
    },
    ApiKey = {
      doc = "What is known of a key.",
      fields = {
        id = { type = "string", doc = "Its id." },
        name = { type = "string", doc = "Its name." },
        key_prefix = { type = "string", doc = "The first 12 characters of the secret." },
        key_type = { type = "KeyType", doc = "What it is for." },
        livemode = { type = "boolean", doc = "False: it is a test key." },
        workspace_id = { type = "string", doc = "The workspace that it is bound to.",
          null = "it is an admin key" },
        allowed_ips = { type = "list", of = { type = "string" },
          doc = "The addresses that may use it; empty: any." },
        is_active = { type = "boolean", doc = "Whether it can be used." },
        created_at = { type = "time", doc = "When it was made." },
        expires_at = { type = "time", doc = "When it ends.", null = "never" },
        last_used_at = { type = "time", doc = "When it was last used.", null = "not yet" },
      },
    },
    KeyType = { values = { "admin", "workspace" } },
  },

  notes = {
    list = [[
A page is a request. No `limit` is sent unless you give one, and the service's pages are then as
long as it allows: 1,000 keys are 10 requests, and 50 with `limit = 20`. Shorter pages are good only
where little of the list is wanted. A loop that ends in the first half of the first page has cost
one request.
]],
    revoke = [[
It may be called again: with the emulator it is no error for a key that is revoked already.
]],
  },

  errors = {
    create = {
      conflict = "The workspace is archived.",
      not_found = "No workspace has this id.",
    },
  },

  examples = {
    create = [[
local made = assert(client.api_keys:create {
  name = "ci", workspace_id = workspace_id, mode = "test", expires_in_days = 30,
})
print(made.key_details.id, made.key_details.expires_at)
local secret = made.key -- to be kept now: it is not shown again
assert(secret:find(made.key_details.key_prefix, 1, true) == 1)
]],
    list = [[
for key in client.api_keys:list { workspace_id = workspace_id } do
  print(key.name, key.key_prefix, key.last_used_at or "never used")
end
]],
    revoke = [[
local key = assert(client.api_keys:revoke(api_key_id))
assert(not key.is_active)
]],
  },
}
