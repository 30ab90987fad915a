-- SPDX-License-Identifier: MIT
-- What documents say of usage beyond lua/boltz/resources/usage.lua; facts.lua tells the form.

return {
  doc = "Billed quantities of the organization.",
  source = "Admin > Usage",

  types = {
    UsageBucket = {
      doc = "What was used in a window of time, by a group if that was asked for. What a unit "
        .. "costs is not in this API: money that was spent is seen only in the `accrued_usage` of "
        .. "a workspace with a limit, counted from when it was set.",
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

  notes = {
    list = [[
**What it costs.** A page is a request, and a range that one query does not cover is read in several
queries, each of them in pages: 90 days by HOUR are three queries, of 31, 31 and 28 days; 400 days
by DAY are two. No `limit` is sent unless you give one; the length of a page is then the service's
choice. Those 90 days are 2,160 buckets, one an hour: 23 requests with `limit = 100`, and three with
`limit = 1000`. `on_page` is told how much of the range has been read.

**Windows are those of UTC**: an hour begins with the full hour, a day at midnight UTC, whatever
timezone `starting_at` is written in. Queries meet where windows do, so that no bucket comes twice
and none is missing. The service's reference does not say how it answers the windows in which the
range begins and ends; the emulator answers them whole. From now minus 7 days until now are then 8
buckets by DAY, of which the last still grows. The example begins at a midnight and has 7, today
among them.

**Which buckets come.** The emulator answers so where the service's reference is silent: with
`group_by` a window has a bucket for each group that used something in it, and none where nothing
was used. Without it each window has one, whose quantity may be 0. An id that does not exist is no
error; nothing is used in it.

**Ids** of `workspace_ids` go into the URL, which may have 8,000 bytes: of ids of 30 characters it
holds some 150. More are a mistake that says how many fit. For more ask in several lists, or without
it and with `group_by = "workspace_id"`.
]],
  },

  examples = {
    list = [[
local now = os.time()
for bucket in client.usage:list {
  starting_at = now - now % 86400 - 6 * 86400, -- 7 days with today
  ending_at = now, window_size = "DAY", group_by = "application",
} do
  print(bucket.start_time, bucket.application, bucket.quantity)
end
]],
  },
}
