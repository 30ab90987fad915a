-- SPDX-License-Identifier: MIT
-- What documents say of usage beyond lua/boltz/resources/usage.lua; facts.lua tells the form.

return {
  doc = "Billed quantities of the organization.",
  source = "Admin > Usage",

  types = {
    UsageBucket = {
      doc = "What was used in a window of time, by a group if that was asked for.",
      fields = {
        start_time = { type = "time", doc = "When the window begins." },
        end_time = { type = "time", doc = "When the window ends." },
        quantity = { type = "integer", unit = "billed units", doc = "How much was used." },
        workspace_id = { type = "string", doc = "The workspace that used it.",
          null = "not grouped by it" },
        application = { type = "Application", doc = "What it was used for.",
          null = "not grouped by it" },
      },
    },
  },

  examples = {
    list = [[
local now = os.time()
for bucket in client.usage:list {
  starting_at = now - 7 * 86400, ending_at = now, window_size = "DAY", group_by = "application",
} do
  print(bucket.start_time, bucket.application, bucket.quantity)
end
]],
  },
}
