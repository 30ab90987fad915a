-- SPDX-License-Identifier: MIT
-- API keys: an admin key manages the organization, a workspace key computes in one workspace.
-- Source: the service's admin reference, "Admin > API Keys".

return {
  {
    name = "create",
    also = { "add", "make", "new", "post" },
    summary = "Makes a workspace key. The answer alone has the key itself.",
    method = "POST",
    path = "/compute/v1/admin/api-keys",
    creates = true,
    answer = "NewApiKey",
    body = {
      name = { type = "string", min = 1, max = 255, required = true, doc = "Its name." },
      allowed_ips = { type = "list", of = { type = "ip" }, absent = "any",
        doc = "The addresses that may use it; an empty list allows any." },
      expires_in_days = { type = "integer", min = 1, max = 365, unit = "days", absent = "never",
        doc = "After how long it ends." },
      mode = { type = "enum", values = { "live", "test" }, named = "Mode", absent = "the service's",
        doc = "A test key costs nothing, and what it computes is made up." },
      workspace_id = { type = "string", min = 1, id = true, absent = "the default workspace",
        doc = "The workspace that it is bound to." },
    },
  },
  {
    name = "list",
    also = { "all", "each", "find", "get", "pages", "retrieve", "search" },
    summary = "Lists keys, also those that have been revoked.",
    method = "GET",
    path = "/compute/v1/admin/api-keys",
    paged = "id",
    answer = "ApiKey",
    query = {
      after_id = { type = "string", min = 1, id = true, absent = "none",
        doc = "Begins after this key; not together with `before_id`." },
      before_id = { type = "string", min = 1, id = true, absent = "none",
        doc = "Reads backwards from this key, page by page." },
      limit = { type = "integer", min = 1, max = 100, unit = "items", absent = "the service's, 100",
        doc = "The length of a page, not of the list." },
      workspace_id = { type = "string", min = 1, id = true, absent = "all",
        doc = "Only keys of this workspace." },
    },
  },
  {
    name = "revoke",
    also = { "archive", "delete", "destroy", "disable", "remove" },
    summary = "Revokes a key for good.",
    method = "POST",
    path = "/compute/v1/admin/api-keys/{api_key_id}/revoke",
    ids = { api_key_id = { doc = "Which key: its id, not the secret." } },
    answer = "ApiKey",
  },
}
