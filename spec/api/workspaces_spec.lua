-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local live = require "support.live"
local time = require "boltz.time"

for scheme, options in pairs(live.SCHEMES) do
  describe("workspaces over " .. scheme, function()
    local service, client, workspaces

    setup(function()
      service, client = live.start(options)
      workspaces = client.workspaces
    end)
    teardown(function() live.stop(service, client) end)

    -- Makes `count` workspaces whose names begin alike, and nobody else's do.
    local families = 0
    local function family(count)
      families = families + 1
      local prefix, made = ("Family %d "):format(families), {}
      for i = 1, count do made[i] = assert(workspaces:create { name = prefix .. i }) end
      return prefix, made
    end

    it("are made with nothing said, and then have what the documentation promises", function()
      local made, err, response = workspaces:create()
      assert.is_nil(err)
      assert.are.equal(200, response.status)
      assert.are.equal("string", type(made.id))
      assert.is_nil(made.name)
      assert.is_nil(made.archived_at)
      assert.is_false(made.is_default)
      assert.are.same({ unit = "days", value = 7 }, made.data_retention)
      assert.is_truthy(time.parse(made.created_at))
      assert.is_truthy(time.parse(made.updated_at))
      if math.type then assert.are.equal("integer", math.type(made.data_retention.value)) end
    end)

    it("answer with the response's status, headers, id, attempts and duration", function()
      local _, _, response = workspaces:create()
      assert.are.equal("application/json", response.headers["Content-Type"])
      assert.is_truthy(response.request_id:find("^req_"))
      assert.are.equal(response.headers["x-request-id"], response.request_id)
      assert.are.equal(1, response.attempts)
      assert.is_true(response.elapsed > 0)
    end)

    it("are made with everything said, and retrieved the same", function()
      local made = assert(workspaces:create { name = "Wirkstoffe – 東京 \"a/b\" \\ \n",
        data_retention = { unit = "hours", value = 336 },
        spending_limit = { limit = { amount = 250000 } } })
      assert.are.equal("Wirkstoffe – 東京 \"a/b\" \\ \n", made.name)
      assert.are.same({ unit = "hours", value = 336 }, made.data_retention)
      assert.are.same(made, assert(workspaces:retrieve(made.id)))
      local limit = assert(workspaces:retrieve_spending_limit(made.id))
      assert.are.same({ amount = 250000, currency = "MILLI_USD" }, limit.limit)
      assert.are.equal("lifetime", limit.type)
    end)

    it("are listed, the default one among them, with nothing sent before it is needed", function()
      local before = service:state().counts.requests
      local pager = workspaces:list()
      assert.are.equal(before, service:state().counts.requests)
      local default = 0
      for workspace in pager do
        if workspace.is_default then default = default + 1 end
      end
      assert.are.equal(1, default)
      assert.are.equal(before + 1, service:state().counts.requests)
    end)

    it("are listed by the beginning of their names, in any case", function()
      local prefix, made = family(3)
      local items = assert(workspaces:list({ name = prefix:lower() }):all())
      assert.are.equal(live.ids(made), live.ids(items))
      assert.are.same(made, items)
      assert.are.same({}, assert(workspaces:list({ name = "nobody is called this" }):all()))
    end)

    it("are read page by page, forward", function()
      local prefix, made = family(5)
      local sizes, last = {}, nil
      for page in workspaces:list({ name = prefix, limit = 2 }):pages() do
        sizes[#sizes + 1] = #page.data
        last = page
      end
      assert.are.same({ 2, 2, 1 }, sizes)
      assert.are.equal(made[5].id, last.last_id)
      assert.is_false(last.has_more)
      assert.are.equal(live.ids(made),
        live.ids(assert(workspaces:list({ name = prefix, limit = 2 }):all())))
    end)

    it("are read backward from one of them, each page in the list's order", function()
      local prefix, made = family(6)
      local params = { name = prefix, limit = 2, before_id = made[6].id }
      local expected = { made[4], made[5], made[2], made[3], made[1] }
      assert.are.equal(live.ids(expected), live.ids(assert(workspaces:list(params):all())))
    end)

    it("are read on from a cursor, after any number of them and in both directions", function()
      local prefix, made = family(5)
      for _, before_id in ipairs { false, made[5].id } do
        local params = { name = prefix, limit = 2, before_id = before_id or nil }
        local whole = live.ids(assert(workspaces:list(params):all()))
        for taken = 0, 5 do
          local pager = workspaces:list(params)
          local items = assert(pager:all(taken))
          for item in workspaces:list(pager:cursor()) do items[#items + 1] = item end
          assert.are.equal(whole, live.ids(items))
        end
      end
    end)

    it("are given another name, none, and another retention", function()
      local made = assert(workspaces:create { name = "before" })
      local changed = assert(workspaces:update(made.id, { name = "after" }))
      assert.are.equal("after", changed.name)
      assert.are.same(made.data_retention, changed.data_retention)
      changed = assert(workspaces:update(made.id,
        { data_retention = { unit = "days", value = 14 } }))
      assert.are.equal("after", changed.name)
      assert.are.same({ unit = "days", value = 14 }, changed.data_retention)
      changed = assert(workspaces:update(made.id, { name = boltz.null }))
      assert.is_nil(changed.name)
      assert.are.same(changed, assert(workspaces:retrieve(made.id)))
    end)

    it("are archived, and their keys with them", function()
      local made = assert(workspaces:create { name = "to be archived" })
      local key = assert(client.api_keys:create { name = "k", workspace_id = made.id }).key
      local with_key = client:with { api_key = key }
      assert.are.equal(made.id, assert(with_key.auth:me()).workspace_id)
      local archived = assert(workspaces:archive(made.id))
      assert.are.equal(made.id, archived.id)
      assert.is_truthy(time.parse(archived.archived_at))
      assert.are.equal("authentication", select(2, with_key.auth:me()).kind)
      local _, err = workspaces:update(made.id, { name = "again" })
      assert.are.equal("conflict", err.kind)
    end)

    it("have no spending limit, then one, then another", function()
      local made = assert(workspaces:create())
      local limit, err, response = workspaces:retrieve_spending_limit(made.id)
      assert.are.equal(boltz.null, limit)
      assert.is_nil(err)
      assert.are.equal(200, response.status)
      assert.is_truthy(response.request_id)
      for _, amount in ipairs { 0, 250000, 2 ^ 52 - 1, boltz.UNLIMITED } do
        local set = assert(workspaces:set_spending_limit(made.id, { limit = { amount = amount } }))
        assert.are.equal(("%d"):format(amount), ("%d"):format(set.limit.amount))
        assert.are.same(set, assert(workspaces:retrieve_spending_limit(made.id)))
        if math.type then assert.are.equal("integer", math.type(set.limit.amount)) end
      end
    end)

    it("are told what was used of a limit, which only newer servers do", function()
      local made = assert(workspaces:create())
      local set = assert(workspaces:set_spending_limit(made.id, { limit = { amount = 1 } }))
      assert.are.same({ amount = 0, currency = "MILLI_USD" }, set.accrued_usage)
    end)

    it("let no limit below what was used already", function()
      local seeded = assert(workspaces:list({ name = "screening" }):all(1))[1]
      local used = assert(workspaces:retrieve_spending_limit(seeded.id)).accrued_usage.amount
      assert.is_true(used > 0)
      local limit, err = workspaces:set_spending_limit(seeded.id, { limit = { amount = used - 1 } })
      assert.is_nil(limit)
      assert.are.equal("bad_request", err.kind)
      assert.are.equal("/compute/v1/admin/workspaces/{workspace_id}/spending-limit", err.path)
      assert.is_false(err.maybe_applied)
    end)

    it("are not found under ids that are none, each of which arrives as one segment", function()
      for _, id in ipairs { "nobody", "a/b", "%2e%2e", "a b?c#d", "東京", "..." } do
        local workspace, err = workspaces:retrieve(id)
        assert.is_nil(workspace)
        assert.are.equal("not_found", err.kind)
        assert.are.equal("Workspace not found", err.message)
        local requests = service:state().requests
        local path = requests[#requests].path
        assert.are.equal("/compute/v1/admin/workspaces/" .. core.escape_path(id), path)
      end
    end)
  end)
end
