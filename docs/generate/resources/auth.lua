-- SPDX-License-Identifier: MIT
-- What documents say of credentials beyond lua/boltz/resources/auth.lua; facts.lua tells the form.

return {
  doc = "The credential in use.", -- without a source: the admin reference has no page about it

  types = {
    KeyPrincipal = {
      doc = "An API key, as `auth:me` answers it.",
      fields = {
        principal_type = { type = "constant", value = "api_key", doc = "Tells it from a user." },
        api_key_id = { type = "string", doc = "The key's id." },
        key_type = { type = "KeyType", doc = "What the key is for." },
        mode = { type = "Mode", doc = "What the key makes: real resources, or made-up ones." },
        organization_id = { type = "string", doc = "The organization that the key belongs to." },
        selected_organization_id = { type = "string", doc = "The organization that calls act on." },
        workspace_id = { type = "string", doc = "The workspace that the key is bound to.",
          null = "it is an admin key" },
        organization_name = { type = "string", doc = "The organization's name.",
          null = "the service does not say" },
      },
    },
    UserPrincipal = {
      doc = "An OAuth user, as `auth:me` answers it.",
      fields = {
        principal_type = { type = "constant", value = "user", doc = "Tells it from a key." },
        user_id = { type = "string", doc = "The user's id." },
        active_organization_id = { type = "string", doc = "The user's active organization." },
        selected_organization_id = { type = "string", doc = "The organization that calls act on." },
        organization_memberships = { type = "list", of = { type = "Membership" },
          doc = "The organizations that the user belongs to." },
      },
    },
    Membership = {
      doc = "A user's place in an organization.",
      fields = {
        organization_id = { type = "string", doc = "The organization." },
        organization_name = { type = "string", doc = "Its name.",
          null = "the service does not say" },
        compute_role = { type = "string", doc = "The user's role in it." },
      },
    },
  },

  examples = {
    me = [[
local me = assert(client.auth:me())
print(me.principal_type, me.selected_organization_id)
]],
  },
}
