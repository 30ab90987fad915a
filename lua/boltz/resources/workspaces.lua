-- SPDX-License-Identifier: MIT
-- Workspaces: isolated environments of an organization, each with its own data retention, keys and
-- spending limit. Source: the service's admin reference, "Admin > Workspaces".

local MAX_AMOUNT = 9007199254740991 -- 2^53 - 1: unlimited, still tracked

local ids = { workspace_id = { doc = "Which workspace." } }

-- The reference's maximum of 14 days is a default that an organization may have raised.
local data_retention = {
  unit = { type = "enum", values = { "hours", "days" }, named = "RetentionUnit", required = true,
    doc = "The unit of `value`." },
  value = { type = "integer", min = 1, required = true,
    doc = "How many: up to 14 days unless the organization has more." },
}

local money = {
  amount = { type = "integer", min = 0, max = MAX_AMOUNT, required = true, unit = "milli-USD",
    doc = "The limit; 9007199254740991, which is `boltz.UNLIMITED`, stands for none." },
  currency = { type = "enum", values = { "MILLI_USD" }, named = "Currency",
    default = "MILLI_USD", doc = "Thousandths of a US dollar, the only currency." },
}

local spending_limit = {
  limit = { type = "object", fields = money, named = "MoneyParams", required = true,
    doc = "What the workspace may spend." },
  type = { type = "enum", values = { "lifetime" }, named = "SpendingLimitType",
    default = "lifetime", doc = "From when the limit is set, without an end." },
}

return {
  {
    name = "create",
    also = { "add", "make", "new", "post" },
    summary = "Makes a workspace.",
    method = "POST",
    path = "/compute/v1/admin/workspaces",
    creates = true,
    answer = "Workspace",
    body = {
      name = { type = "string", min = 1, max = 255, doc = "Its name.", absent = "none" },
      data_retention = { type = "object", fields = data_retention, named = "DataRetention",
        absent = "the service's, 7 days", doc = "How long its results are kept." },
      spending_limit = { type = "object", fields = spending_limit, named = "SpendingLimitParams",
        absent = "none", doc = "What it may spend." },
    },
  },
  {
    name = "list",
    also = { "all", "each", "find", "pages", "search" },
    summary = "Lists workspaces, also those that have been archived.",
    method = "GET",
    path = "/compute/v1/admin/workspaces",
    paged = "id",
    answer = "Workspace",
    query = {
      after_id = { type = "string", min = 1, id = true, absent = "none",
        doc = "Begins after this workspace; not together with `before_id`." },
      before_id = { type = "string", min = 1, id = true, absent = "none",
        doc = "Reads backwards from this workspace, page by page." },
      limit = { type = "integer", min = 1, max = 100, unit = "items", absent = "the service's, 100",
        doc = "The length of a page, not of the list." },
      name = { type = "string", absent = "all",
        doc = "Only names that begin like this, in upper or lower case." },
    },
  },
  {
    name = "retrieve",
    also = { "fetch", "get", "read", "show" },
    summary = "Reads a workspace.",
    method = "GET",
    path = "/compute/v1/admin/workspaces/{workspace_id}",
    ids = ids,
    answer = "Workspace",
  },
  {
    name = "update",
    also = { "edit", "patch", "put", "rename", "set" },
    summary = "Changes a workspace's name or data retention.",
    method = "POST",
    path = "/compute/v1/admin/workspaces/{workspace_id}",
    ids = ids,
    answer = "Workspace",
    body = {
      name = { type = "string", min = 1, max = 255, null = true, absent = "as it was",
        doc = "Its new name; `boltz.null` takes the name away." },
      data_retention = { type = "object", fields = data_retention, named = "DataRetention",
        absent = "as it was", doc = "How long its results are kept from now on." },
    },
  },
  {
    name = "archive",
    also = { "close", "delete", "destroy", "remove" },
    summary = "Archives a workspace for good and deactivates its keys.",
    method = "POST",
    path = "/compute/v1/admin/workspaces/{workspace_id}/archive",
    ids = ids,
    answer = "Workspace",
  },
  {
    name = "retrieve_spending_limit",
    also = { "get_spending_limit", "spending_limit" },
    summary = "Reads a workspace's spending limit.",
    method = "GET",
    path = "/compute/v1/admin/workspaces/{workspace_id}/spending-limit",
    ids = ids,
    answer = { "SpendingLimit", null = "no limit is set" },
  },
  {
    name = "set_spending_limit",
    also = { "create_spending_limit", "update_spending_limit" },
    summary = "Sets a workspace's spending limit.",
    method = "PUT",
    path = "/compute/v1/admin/workspaces/{workspace_id}/spending-limit",
    ids = ids,
    answer = { "SpendingLimit", null = "no limit is set" },
    body = spending_limit,
  },
}
