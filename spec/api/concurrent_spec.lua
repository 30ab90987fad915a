-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local live = require "support.live"

local WORKSPACES = 30
local LATENCY = 40 -- milliseconds

-- The sockets that this process has open.
local function sockets()
  local pipe = assert(io.popen("ls -l /proc/$PPID/fd", "r"))
  local _, count = pipe:read("*a"):gsub("socket:", "")
  pipe:close()
  return count
end

for scheme, options in pairs(live.SCHEMES) do
  describe("many calls over " .. scheme, function()
    local service, client

    setup(function()
      service = live.start { tls = options.tls, latency = LATENCY, workspaces = WORKSPACES }
    end)
    teardown(function() service:stop() end)
    before_each(function()
      service:reset_faults()
      client = live.client(service)
    end)
    after_each(function() client:close() end)

    local function all_ids()
      return live.ids(assert(client.workspaces:list({ limit = 100 }):all()))
    end

    for _, ordered in ipairs { false, true } do
      it("have as many answers from map" .. (ordered and ", in order" or ""), function()
        local expected, list = all_ids(), {}
        for workspace, limit, err in boltz.map(client.workspaces:list { limit = 7 }, function(each)
          return client.workspaces:retrieve_spending_limit(each.id)
        end, { concurrency = 16, ordered = ordered }) do
          assert.is_nil(err)
          assert.is_true(limit == boltz.null or limit.type == "lifetime")
          list[#list + 1] = workspace
        end
        if not ordered then
          assert.are.equal(#expected, #live.ids(list))
        else
          assert.are.equal(expected, live.ids(list))
        end
        local seen = {}
        for _, workspace in ipairs(list) do
          assert.is_nil(seen[workspace.id])
          seen[workspace.id] = true
        end
      end)
    end

    it("overlap", function()
      local under_way, most = 0, 0
      local functions = {}
      for i = 1, 100 do
        functions[i] = function()
          under_way = under_way + 1
          most = math.max(most, under_way)
          local me, err = client.auth:me()
          under_way = under_way - 1
          return me, err
        end
      end
      local results, errors = boltz.gather(functions, { concurrency = 25 })
      assert.is_nil(errors)
      assert.are.equal(100, #results)
      assert.are.equal(25, most)
    end)

    it(options.tls and "share one connection of HTTP/2" or "have a connection each, and keep it",
      function()
        assert(client.auth:me()) -- makes the engine, which has sockets of its own, and a connection
        local before = sockets() - 1
        local functions = {}
        for i = 1, 48 do
          functions[i] = function() return client.auth:me() end
        end
        local _, errors = boltz.gather(functions, { concurrency = 12 })
        assert.is_nil(errors)
        local made = sockets() - before
        if options.tls then
          assert.are.equal(1, made)
        else
          assert.is_true(made >= 2 and made <= 12, made)
        end
      end)

    it("make, change and archive", function()
      local names = {}
      for i = 1, 12 do names[i] = ("%s-%d"):format(scheme, i) end
      local archived = {}
      for name, workspace, err in boltz.map(names, function(name)
        local made = assert(client.workspaces:create { name = name })
        assert(client.workspaces:set_spending_limit(made.id, { limit = { amount = 1000 } }))
        return client.workspaces:archive(made.id)
      end, { concurrency = 6 }) do
        assert.is_nil(err)
        assert.are.equal(name, workspace.name)
        assert.is_truthy(workspace.archived_at)
        archived[#archived + 1] = workspace.id
      end
      assert.are.equal(12, #archived)
    end)

    it("of which some fail bring their errors, and the others their values", function()
      local ids = { "ws_nobody" }
      for workspace in client.workspaces:list({ limit = 5 }, { max_items = 5 }) do
        ids[#ids + 1] = workspace.id
      end
      local found = 0
      for id, workspace, err in boltz.map(ids, function(id)
        return client.workspaces:retrieve(id)
      end) do
        if id == "ws_nobody" then
          assert.are.equal("not_found", err.kind)
        else
          assert.are.equal(id, workspace.id)
          found = found + 1
        end
      end
      assert.are.equal(5, found)
    end)

    it("are tried again one by one where the service stumbles", function()
      local patient = client:with { max_retries = 4 }
      service:fault { path = "/compute/v1/auth/me", every = 5, times = 3, status = 503,
        retry_after = 0.01 }
      service:fault { path = "/compute/v1/auth/me", after = 2, times = 1, drop = true }
      local functions = {}
      for i = 1, 24 do
        functions[i] = function() return patient.auth:me() end
      end
      local results, errors = boltz.gather(functions)
      assert.is_nil(errors)
      assert.are.equal(24, #results)
      patient:close()
    end)

    it("may be lists in a map: usage by workspace", function()
      local now = os.time()
      local checked = 0
      for workspace, total, err in boltz.map(client.workspaces:list({}, { max_items = 6 }),
        function(workspace)
          local sum = 0
          for bucket in client.usage:list { starting_at = now - 20 * 86400, ending_at = now,
            window_size = "DAY", workspace_ids = workspace.id, limit = 10 } do
            assert(bucket.start_time)
            sum = sum + 1
          end
          return sum
        end, { concurrency = 3 }) do
        assert.is_nil(err)
        assert.is_true(total >= 20, workspace.id .. ": " .. total)
        checked = checked + 1
      end
      assert.are.equal(6, checked)
    end)

    it("left in the midst of it leave the client as good as new", function()
      for _ = 1, 10 do
        local map = boltz.map(client.workspaces:list { limit = 5 }, function(workspace)
          return client.workspaces:retrieve(workspace.id)
        end)
        local workspace, same = map()
        assert.are.equal(workspace.id, same.id)
        map:close()
      end
      assert.is_truthy(client.auth:me())
      local results, errors = boltz.gather { function() return client.auth:me() end,
        function() return client.auth:me() end }
      assert.is_nil(errors)
      assert.are.equal(2, #results)
    end)

    it("and a list that is read ahead: each page is asked for once", function()
      local expected = all_ids()
      local before = service:state().counts.requests
      assert.are.equal(expected, live.ids(assert(client.workspaces:list({ limit = 5 }):all())))
      local pages = math.ceil(select(2, expected:gsub("%S+", "")) / 5)
      assert.are.equal(pages, service:state().counts.requests - before)
    end)

    it("go on while the script works: a page is asked for before it is wanted", function()
      local pager = client.workspaces:list { limit = 4 }
      local before = service:state().counts.requests
      for _ = 1, 2 do assert(pager:next()) end
      local gives_up = core.now() + 10
      repeat -- the script's work, in which nobody waits for the client
        local asked = service:state().counts.requests - before
      until asked == 2 or core.now() > gives_up
      assert.is_true(core.now() < gives_up)
      for _ = 1, 2 do assert(pager:next()) end
      assert.are.equal(2, service:state().counts.requests - before)
    end)
  end)
end
