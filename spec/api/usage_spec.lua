-- SPDX-License-Identifier: MIT
local live = require "support.live"
local time = require "boltz.time"

local HOUR, DAY = 3600, 86400
local TODAY = math.floor(os.time() / DAY) * DAY

local function copy(params, changes)
  local result = {}
  for name, value in pairs(params) do result[name] = value end
  for name, value in pairs(changes) do result[name] = value end
  return result
end

for scheme, options in pairs(live.SCHEMES) do
  describe("usage over " .. scheme, function()
    local service, client

    setup(function() service, client = live.start(options) end)
    teardown(function() live.stop(service, client) end)

    local function list(params, of_list)
      return assert(client.usage:list(params, of_list):all())
    end

    local function days(count, changes)
      return copy({ starting_at = TODAY - count * DAY, ending_at = TODAY, window_size = "DAY" },
        changes or {})
    end

    local function total(buckets)
      local sum = 0
      for _, bucket in ipairs(buckets) do sum = sum + bucket.quantity end
      return sum
    end

    -- Each window from `from` to `to` once, in order.
    local function assert_windows(buckets, from, to, size)
      assert.are.equal((to - from) / size, #buckets)
      for i, bucket in ipairs(buckets) do
        assert.are.equal(from + (i - 1) * size, time.parse(bucket.start_time))
        assert.are.equal(from + i * size, time.parse(bucket.end_time))
      end
    end

    it("comes as one bucket a window, oldest first", function()
      local buckets = list(days(10))
      assert_windows(buckets, TODAY - 10 * DAY, TODAY, DAY)
      assert.is_true(total(buckets) > 0)
      for _, bucket in ipairs(buckets) do
        assert.is_nil(bucket.workspace_id)
        assert.is_nil(bucket.application)
        if math.type then assert.are.equal("integer", math.type(bucket.quantity)) end
      end
    end)

    it("by hours adds up to the days, and by groups to the whole", function()
      local whole = total(list(days(3)))
      local hours = list(days(3, { window_size = "HOUR" }))
      assert_windows(hours, TODAY - 3 * DAY, TODAY, HOUR)
      assert.are.equal(whole, total(hours))
      for _, group_by in ipairs { "application", { "workspace_id" },
        { "workspace_id", "application" } } do
        local groups = list(days(3, { group_by = group_by }))
        assert.are.equal(whole, total(groups))
        assert.are.equal(group_by ~= "application", groups[1].workspace_id ~= nil)
        assert.are.equal(type(group_by) == "string" or #group_by == 2, groups[1].application ~= nil)
      end
    end)

    it("is filtered by applications and workspaces, one or several", function()
      local groups = list(days(5, { group_by = { "workspace_id", "application" } }))
      local one = groups[1]
      local function expected(keep)
        local sum = 0
        for _, bucket in ipairs(groups) do
          if keep(bucket) then sum = sum + bucket.quantity end
        end
        return sum
      end
      local of_application = expected(function(b) return b.application == one.application end)
      local of_workspace = expected(function(b) return b.workspace_id == one.workspace_id end)
      assert.are.equal(of_application, total(list(days(5, { applications = one.application }))))
      assert.are.equal(of_application, total(list(days(5, { applications = { one.application } }))))
      assert.are.equal(of_workspace, total(list(days(5, { workspace_ids = one.workspace_id }))))
      assert.are.equal(of_application + expected(function(b) return b.application == "adme" end)
        * (one.application == "adme" and 0 or 1),
        total(list(days(5, { applications = { one.application, "adme" } }))))
      assert.are.equal(total(groups), total(list(days(5, { applications = {} }))))
    end)

    it("is the same for times as numbers, as text, and in another timezone", function()
      local expected = list(days(3))
      local from = TODAY - 3 * DAY
      for _, times in ipairs {
        { time.format(from), time.format(TODAY) },
        { (time.format(from + 2 * HOUR):gsub("Z", "+02:00")),
          (time.format(TODAY - 8 * HOUR):gsub("Z", "-08:00")) },
        { from, time.format(TODAY) },
      } do
        assert.are.same(expected, list { starting_at = times[1], ending_at = times[2],
          window_size = "DAY" })
      end
    end)

    it("comes in pages, which are read as one list and resumed anywhere", function()
      local params = days(7, { group_by = "application", limit = 4 })
      local whole = list(days(7, { group_by = "application" }))
      local paged, pages = {}, 0
      for page in client.usage:list(params):pages() do
        pages = pages + 1
        assert.is_true(#page.data <= 4)
        for _, bucket in ipairs(page.data) do paged[#paged + 1] = bucket end
      end
      assert.are.same(whole, paged)
      assert.are.equal(math.ceil(#whole / 4), pages)
      for taken = 0, #whole do
        local pager = client.usage:list(params)
        local buckets = assert(pager:all(taken))
        for bucket in client.usage:list(pager:cursor()) do buckets[#buckets + 1] = bucket end
        assert.are.same(whole, buckets)
      end
    end)

    it("of more than one query may cover is one list, no window twice and none missing", function()
      local hourly = days(70, { window_size = "HOUR" })
      local whole = list(hourly)
      assert_windows(whole, TODAY - 70 * DAY, TODAY, HOUR)
      assert.are.equal(total(list(days(70))), total(whole))
      assert_windows(list(days(390)), TODAY - 390 * DAY, TODAY, DAY)
    end)

    it("of such a range is resumed inside any of its parts", function()
      local params = days(70, { window_size = "HOUR", limit = 500 })
      local whole = list(params)
      for _, taken in ipairs { 1, 499, 500, 743, 744, 745, 1243, 1244, 1300, 1488, 1679, 1680 } do
        local pager = client.usage:list(params)
        local buckets = assert(pager:all(taken))
        for bucket in client.usage:list(pager:cursor()) do buckets[#buckets + 1] = bucket end
        assert.are.same(whole, buckets)
      end
    end)

    it("of a range with odd ends has the windows that it touches once each", function()
      local from, to = TODAY - 40 * DAY + 1800, TODAY - 2 * DAY + 1
      local buckets = list { starting_at = from, ending_at = to, window_size = "HOUR" }
      assert_windows(buckets, from - 1800, to - 1 + HOUR, HOUR)
    end)

    it("is refused by the service where a range is too long for a query, or reversed", function()
      local value, err = client:get("/compute/v1/admin/usage", { query = { window_size = "HOUR",
        starting_at = time.format(TODAY - 32 * DAY), ending_at = time.format(TODAY) } })
      assert.is_nil(value)
      assert.are.equal("bad_request", err.kind)
      local _, turned = client.usage:list({ starting_at = TODAY, ending_at = TODAY - DAY,
        window_size = "DAY" }):next()
      assert.are.equal("bad_request", turned.kind)
      assert.are.equal("/compute/v1/admin/usage", turned.path)
    end)
  end)
end
