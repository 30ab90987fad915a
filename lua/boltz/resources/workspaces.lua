-- SPDX-License-Identifier: MIT
-- Workspaces: isolated environments of an organization, each with its own data retention, keys and
-- spending limit. Source: the service's admin reference, "Admin > Workspaces".

local MAX_AMOUNT = 9007199254740991 -- 2^53 - 1: unlimited, still tracked

local name = { type = "string", min = 1, max = 255 }

-- The reference's maximum of 14 days is a default that an organization may have raised.
local data_retention = {
  type = "object",
  fields = {
    unit = { type = "enum", values = { "hours", "days" }, required = true },
    value = { type = "integer", min = 1, required = true },
  },
}

local spending_limit = {
  limit = {
    type = "object",
    required = true,
    fields = {
      amount = { type = "integer", min = 0, max = MAX_AMOUNT, required = true },
      currency = { type = "enum", values = { "MILLI_USD" }, default = "MILLI_USD" },
    },
  },
  type = { type = "enum", values = { "lifetime" }, default = "lifetime" },
}

return {
  {
    name = "create",
    summary = "Create a workspace.",
    method = "POST",
    path = "/compute/v1/admin/workspaces",
    creates = true,
    body = {
      name = name,
      data_retention = data_retention,
      spending_limit = { type = "object", fields = spending_limit },
    },
  },
  {
    name = "list",
    summary = "List workspaces.",
    method = "GET",
    path = "/compute/v1/admin/workspaces",
    paged = "id",
    query = {
      after_id = { type = "string", min = 1 },
      before_id = { type = "string", min = 1 },
      limit = { type = "integer", min = 1, max = 100 },
      name = { type = "string" },
    },
  },
  {
    name = "retrieve",
    summary = "Get a workspace.",
    method = "GET",
    path = "/compute/v1/admin/workspaces/{workspace_id}",
  },
  {
    name = "update",
    summary = "Change a workspace's name or data retention.",
    method = "POST",
    path = "/compute/v1/admin/workspaces/{workspace_id}",
    body = {
      name = { type = "string", min = 1, max = 255, null = true },
      data_retention = data_retention,
    },
  },
  {
    name = "archive",
    summary = "Archive a workspace and deactivate its keys. This cannot be undone.",
    method = "POST",
    path = "/compute/v1/admin/workspaces/{workspace_id}/archive",
  },
  {
    name = "retrieve_spending_limit",
    summary = "Get a workspace's spending limit; nil where none is set.",
    method = "GET",
    path = "/compute/v1/admin/workspaces/{workspace_id}/spending-limit",
  },
  {
    name = "set_spending_limit",
    summary = "Set a workspace's spending limit, in thousandths of a US dollar.",
    method = "PUT",
    path = "/compute/v1/admin/workspaces/{workspace_id}/spending-limit",
    body = spending_limit,
  },
}
