-- SPDX-License-Identifier: MIT
local service = require "support.service"

describe("boltz.emulator.usage", function()
  local subject

  before_each(function() subject = service.new() end)

  local function send(query) return subject:get("/admin/usage", { query = query }) end

  --- All buckets of a query, read page by page.
  local function all(query)
    local buckets, given = {}, { limit = 1000 }
    for name, value in pairs(query) do given[name] = value end
    repeat
      local status, page = send(given)
      assert.equal(200, status, page.message)
      for _, bucket in ipairs(page.data) do buckets[#buckets + 1] = bucket end
      given.page = page.next_page
    until not page.has_more
    return buckets
  end

  local function march(window, group_by)
    return { starting_at = "2026-03-02T00:00:00Z", ending_at = "2026-03-30T00:00:00Z",
      window_size = window, ["group_by[]"] = group_by }
  end

  --- Sums quantities by what `label` makes of a bucket.
  local function sums(buckets, label)
    local totals = {}
    for _, bucket in ipairs(buckets) do
      local name = label(bucket)
      totals[name] = (totals[name] or 0) + bucket.quantity
    end
    return totals
  end

  local function by_day(bucket) return bucket.start_time:sub(1, 10) end

  it("counts as much in the hours of each day as in the day", function()
    local days = sums(all(march("DAY")), by_day)
    assert.same(days, sums(all(march("HOUR")), by_day))
    assert.is_true(days["2026-03-02"] > 0)
  end)

  it("counts as much in all groups as without groups", function()
    local whole = sums(all(march("DAY")), by_day)
    for _, group_by in ipairs{
      { "workspace_id" }, { "application" }, { "application", "workspace_id" },
    } do
      assert.same(whole, sums(all(march("DAY", group_by)), by_day))
    end
  end)

  it("counts with a filter what the group of that name holds", function()
    local function by_application(bucket) return bucket.application end
    local groups = sums(all(march("DAY", "application")), by_application)
    local query = march("DAY", "application")
    query["applications[]"] = { "adme", "protein_design" }
    assert.same({ adme = groups.adme, protein_design = groups.protein_design },
      sums(all(query), by_application))

    local id, quantity = next(sums(all(march("DAY", "workspace_id")), function(bucket)
      return bucket.workspace_id
    end))
    query = march("DAY")
    query["workspace_ids[]"] = id
    assert.same({ quantity }, sums(all(query), function() return 1 end))
  end)

  it("aligns buckets to UTC hours and days, whole even where the range only touches one", function()
    local query = { starting_at = "2026-03-02T10:30:00+02:00", ending_at = "2026-03-02T11:00:00.5Z",
      window_size = "HOUR" }
    local buckets = all(query)
    assert.equal("2026-03-02T08:00:00Z", buckets[1].start_time)
    assert.equal("2026-03-02T09:00:00Z", buckets[1].end_time)
    assert.equal("2026-03-02T11:00:00Z", buckets[#buckets].start_time)
    assert.equal(4, #buckets)
    query.window_size = "DAY"
    buckets = all(query)
    assert.equal(1, #buckets)
    assert.equal("2026-03-02T00:00:00Z", buckets[1].start_time)
    assert.equal("2026-03-03T00:00:00Z", buckets[1].end_time)
  end)

  it("excludes the window that begins at ending_at", function()
    assert.equal(28, #all(march("DAY")))
    assert.equal(28 * 24, #all(march("HOUR")))
  end)

  it("names a group's fields only when grouped by them", function()
    local plain = all(march("DAY"))[1]
    assert.is_nil(plain.workspace_id)
    assert.is_nil(plain.application)
    local both = all(march("DAY", { "workspace_id", "application" }))[1]
    assert.is_string(both.workspace_id)
    assert.is_string(both.application)
  end)

  it("answers every window without groups, and with groups only what holds something", function()
    local query = march("DAY")
    query["workspace_ids[]"] = "ws_unknown"
    local empty = all(query)
    assert.equal(28, #empty)
    for _, bucket in ipairs(empty) do assert.equal(0, bucket.quantity) end
    query["group_by[]"] = "application"
    assert.same({}, all(query))
    for _, bucket in ipairs(all(march("HOUR", "application"))) do
      assert.is_true(bucket.quantity > 0)
    end
  end)

  it("leaves out windows that have not begun", function()
    local buckets = all{ starting_at = "2026-04-01T00:00:00Z", ending_at = "2026-04-09T00:00:00Z",
      window_size = "DAY" }
    assert.equal(1, #buckets)
    assert.same({}, all{ starting_at = "2027-04-01T00:00:00Z", ending_at = "2027-04-09T00:00:00Z",
      window_size = "DAY" })
  end)

  it("counts nothing for a workspace before it was made", function()
    local workspace = subject:workspace()
    local query = march("DAY", "application")
    query["workspace_ids[]"] = workspace.id
    assert.same({}, all(query))
    subject.time = subject.time + 5 * 86400
    query.starting_at, query.ending_at = "2026-04-01T00:00:00Z", "2026-04-06T00:00:00Z"
    assert.is_true(#all(query) > 0)
  end)

  it("gives the same buckets in pages of any size", function()
    local groups = { "workspace_id", "application" }
    local whole = all(march("DAY", groups))
    for _, limit in ipairs{ 1, 7, 100 } do
      local query = march("DAY", groups)
      query.limit = limit
      assert.same(whole, all(query))
    end
  end)

  it("holds a hundred buckets a page unless asked otherwise, and ends with a null token", function()
    local _, page = send(march("HOUR"))
    assert.equal(100, #page.data)
    assert.is_true(page.has_more)
    assert.is_string(page.next_page)
    local _, last, _, _, text = send(march("DAY"))
    assert.is_false(last.has_more)
    assert.matches('"next_page":null', text, 1, true)
  end)

  it("loses and doubles nothing when a workspace is made between two pages", function()
    local query = march("DAY", { "workspace_id", "application" })
    local whole = all(query)
    query.limit = 10
    local _, page = send(query)
    subject:workspace()
    query.page = page.next_page
    local rest = all(query)
    assert.equal(#whole - 10, #rest)
    assert.same(whole[11], rest[1])
  end)

  it("refuses a page token that was made up or belongs to another query", function()
    local query = march("HOUR")
    local _, page = send(query)
    for _, token in ipairs{
      "x", "page_0_0_0", page.next_page .. "0", "page_ffffffffffffffffffff_0_0",
    } do
      query.page = token
      assert.equal(400, (send(query)), token)
    end
    query = march("HOUR", "application")
    query.page = page.next_page
    assert.equal(400, (send(query)))
    assert.equal(400, (send("page=")))
  end)

  it("refuses queries that break a rule", function()
    for problem, change in pairs{
      ["no start"] = function(q) q.starting_at = nil end,
      ["no end"] = function(q) q.ending_at = nil end,
      ["no window"] = function(q) q.window_size = nil end,
      ["no timezone"] = function(q) q.starting_at = "2026-03-02T00:00:00" end,
      ["no time"] = function(q) q.ending_at = "2026-03-30" end,
      ["empty range"] = function(q) q.ending_at = q.starting_at end,
      ["backward range"] = function(q) q.ending_at = "2026-03-01T00:00:00Z" end,
      ["unknown window"] = function(q) q.window_size = "WEEK" end,
      ["lower-case window"] = function(q) q.window_size = "day" end,
      ["unknown group"] = function(q) q["group_by[]"] = "day" end,
      ["unknown application"] = function(q) q["applications[]"] = { "adme", "folding" } end,
      ["no limit"] = function(q) q.limit = 0 end,
      ["two starts"] = function(q) q.starting_at = { q.starting_at, q.starting_at } end,
    } do
      local query = march("DAY")
      change(query)
      local status, value = send(query)
      assert.equal(400, status, problem)
      assert.is_string(value.message)
    end
  end)

  it("covers 31 days by HOUR and 365 by DAY, and not a second more", function()
    local function status(window, ending_at)
      return (send{ starting_at = "2025-03-31T00:00:00Z", ending_at = ending_at,
        window_size = window })
    end
    assert.equal(200, status("HOUR", "2025-05-01T00:00:00Z"))
    assert.equal(400, status("HOUR", "2025-05-01T00:00:01Z"))
    assert.equal(200, status("DAY", "2026-03-31T00:00:00Z"))
    assert.equal(400, status("DAY", "2026-03-31T00:00:01Z"))
  end)
end)
