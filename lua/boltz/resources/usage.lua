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
    summary = "List usage, oldest window first.",
    method = "GET",
    path = "/compute/v1/admin/usage",
    paged = "opaque",
    -- What one query may cover. A longer range is read in several.
    ranged = {
      from = "starting_at",
      to = "ending_at",
      window = "window_size",
      windows = {
        HOUR = { length = 3600, longest = 31 * DAY },
        DAY = { length = DAY, longest = 365 * DAY },
      },
    },
    query = {
      starting_at = { type = "time", required = true },
      ending_at = { type = "time", required = true },
      window_size = { type = "enum", values = { "HOUR", "DAY" }, required = true },
      limit = { type = "integer", min = 1 },
      page = { type = "string", min = 1 },
      applications = {
        type = "list",
        of = { type = "enum", values = applications },
        single = true,
        wire = "applications[]",
      },
      group_by = {
        type = "list",
        of = { type = "enum", values = { "workspace_id", "application" } },
        single = true,
        wire = "group_by[]",
      },
      workspace_ids = {
        type = "list",
        of = { type = "string", min = 1 },
        single = true,
        wire = "workspace_ids[]",
      },
    },
  },
}
