-- SPDX-License-Identifier: MIT
-- Usage: billed quantities in windows of time, by workspace and application if asked for.
-- Source: the service's admin reference, "Admin > Usage".

local DAY = 86400 -- seconds

local applications = {
  "structure_and_binding", "small_molecule_design", "small_molecule_library_screen",
  "protein_design", "protein_redesign", "protein_library_screen", "adme",
}

return {
  {
    name = "list",
    also = { "all", "each", "find", "get", "pages", "query", "read", "retrieve", "search" },
    summary = "Lists usage by windows of time, oldest first.",
    method = "GET",
    path = "/compute/v1/admin/usage",
    paged = "opaque",
    answer = "UsageBucket",
    -- What one query may cover. A longer range is read in several.
    ranged = {
      from = "starting_at",
      to = "ending_at",
      window = "window_size",
      ends = "end_time", -- of an item, with its window
      windows = {
        HOUR = { length = 3600, longest = 31 * DAY },
        DAY = { length = DAY, longest = 365 * DAY },
      },
    },
    query = {
      starting_at = { type = "time", required = true, doc = "The beginning of the range." },
      ending_at = { type = "time", required = true, doc = "The end of the range." },
      window_size = { type = "enum", values = { "HOUR", "DAY" }, named = "WindowSize",
        required = true, doc = "How long a window is." },
      limit = { type = "integer", min = 1, unit = "buckets", absent = "the service's",
        doc = "The length of a page, not of the list." },
      page = { type = "string", min = 1, absent = "the first page",
        doc = "The cursor of a page, which the page before it has as `next_page`." },
      applications = {
        type = "list",
        of = { type = "enum", values = applications, named = "Application" },
        single = true,
        wire = "applications[]",
        absent = "all",
        doc = "Only usage by these applications.",
      },
      group_by = {
        type = "list",
        of = { type = "enum", values = { "workspace_id", "application" }, named = "UsageGroup" },
        single = true,
        wire = "group_by[]",
        absent = "one bucket a window",
        doc = "Makes a bucket for each workspace, each application, or each pair of them.",
      },
      workspace_ids = {
        type = "list",
        of = { type = "string", min = 1, id = true },
        single = true,
        wire = "workspace_ids[]",
        absent = "all",
        doc = "Only usage in these workspaces: as many as fit into a URL of 8,000 bytes. An empty "
          .. "list is no filter: all workspaces.",
      },
    },
  },
}
