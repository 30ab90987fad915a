-- SPDX-License-Identifier: MIT
-- API keys: an admin key manages the organization, a workspace key computes in one workspace.
-- Source: the service's admin reference, "Admin > API Keys".

return {
  {
    name = "create",
    summary = "Create a workspace API key. The answer's `key` is shown this once.",
    method = "POST",
    path = "/compute/v1/admin/api-keys",
    creates = true,
    body = {
      name = { type = "string", min = 1, max = 255, required = true },
      allowed_ips = { type = "list", of = { type = "ip" } },
      expires_in_days = { type = "integer", min = 1, max = 365 },
      mode = { type = "enum", values = { "live", "test" } },
      workspace_id = { type = "string", min = 1 },
    },
  },
  {
    name = "list",
    summary = "List API keys.",
    method = "GET",
    path = "/compute/v1/admin/api-keys",
    paged = "id",
    query = {
      after_id = { type = "string", min = 1 },
      before_id = { type = "string", min = 1 },
      limit = { type = "integer", min = 1, max = 100 },
      workspace_id = { type = "string", min = 1 },
    },
  },
  {
    name = "revoke",
    summary = "Revoke an API key.",
    method = "POST",
    path = "/compute/v1/admin/api-keys/{api_key_id}/revoke",
  },
}
