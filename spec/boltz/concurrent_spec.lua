-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local book = require "support.book"
local clients = require "support.clients"
local core = require "boltz.core"
local host = require "boltz.wait.host"
local mistake = require "support.mistake"
local servers = require "support.servers"
local stub = require "support.stub"
local Transport = require "boltz.wait.transport"
local wire = require "support.wire"

-- What `assert` is outside of specs.
local function lua_assert(value, err)
  if not value then error(err, 0) end
  return value
end

-- Answers when N requests are there, and notes when there are more.
local function barrier(n)
  return ("local N = %d "):format(n) .. [[
    local waiting = {}
    serve(function(c)
      local request = c:request()
      while request do
        waiting[#waiting + 1] = { c = c, id = request.target:match("[^/]*$") }
        if #waiting > N then record "too many" end
        if #waiting == N then
          c:drip("H", 0.01) -- seconds in which one more would show
          local all = waiting
          waiting = {}
          for _, each in ipairs(all) do
            local bytes = answer(('{"id":"%s"}'):format(each.id))
            each.c:send(each.c == c and bytes:sub(2) or bytes)
          end
        end
        request = c:request()
      end
    end)
  ]]
end

local function start(script)
  local server = wire.start(script)
  return clients.of(server), server
end

-- What the server has seen, with the last word of the path for a request.
local function seen(server)
  local list = {}
  for i, text in ipairs(server:records()) do list[i] = text:match("^%u+ %S*/(%S*) HTTP") or text end
  return list
end

local function count_of(list, wanted)
  local count = 0
  for _, each in ipairs(list) do
    if each == wanted then count = count + 1 end
  end
  return count
end

-- A function for map: the id of the workspace of that id.
local function id_from(client)
  return function(id)
    local workspace, err = client.workspaces:retrieve(id)
    return workspace and workspace.id, err
  end
end

local function ids(prefix, count)
  local list = {}
  for i = 1, count do list[i] = prefix .. i end
  return list
end

local function collect()
  collectgarbage()
  collectgarbage()
end

local function double(x) return 2 * x end

-- The items and first results of a map, in the order in which they come.
local function drain(map)
  local list = {}
  for item, result in map do list[#list + 1] = { item, result } end
  return list
end

describe("map", function()
  after_each(clients.stop_all)

  for _, ordered in ipairs { false, true } do
    describe(ordered and "in order" or "as results come", function()
      local function options(concurrency)
        return { concurrency = concurrency, ordered = ordered }
      end

      for _, concurrency in ipairs { 1, 2, 8 } do
        it(("has %d calls under way at once, and never more"):format(concurrency), function()
          local client, server = start(barrier(concurrency))
          local list, count = ids("w", 4 * concurrency), 0
          for item, result, err in boltz.map(list, id_from(client), options(concurrency)) do
            assert.is_nil(err)
            assert.are.equal(item, result)
            count = count + 1
          end
          assert.are.equal(#list, count)
          assert.are.equal(0, count_of(seen(server), "too many"))
          assert.are.equal(#list, #server:records())
        end)
      end

      it("has them all under way when there are fewer than it may have", function()
        local client = start(barrier(3))
        assert.are.equal(3, #drain(boltz.map(ids("w", 3), id_from(client), options(1000))))
      end)

      it("ends at once over nothing", function()
        local function never() error("called") end
        assert.are.same({}, drain(boltz.map({}, never, options())))
        assert.are.same({}, drain(boltz.map(function() end, never, options())))
        local client = stub.client { '{"data":[],"has_more":false}' }
        assert.are.same({}, drain(boltz.map(client.workspaces:list(), never, options())))
      end)

      it("gives each item once, whatever function, list or pager they come from", function()
        local function check(source)
          local sum = 0
          for item, result in boltz.map(source, double, options(3)) do
            assert.are.equal(2 * item, result)
            sum = sum + item
          end
          assert.are.equal(55, sum)
        end
        check { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }
        local i = 0
        local function upwards()
          i = i + 1
          return i <= 10 and i or nil
        end
        check(upwards)
        i = 0
        check(setmetatable({}, { __call = function() return upwards() end }))
        local client = stub.client(function(request) return book.by_id(10, 3, request) end)
        local pager = client.workspaces:list()
        check(function()
          local item = pager()
          return item and tonumber(item.id)
        end)
        local taken = {}
        for item in boltz.map(client.workspaces:list(), function() end, options(3)) do
          taken[#taken + 1] = tonumber(item.id)
        end
        table.sort(taken)
        assert.are.equal(book.span(1, 10), table.concat(taken, " "))
      end)

      it("takes a list as it is seen through its metatable", function()
        local items = { 1, 2, 3 }
        assert.are.equal(3, #drain(boltz.map(setmetatable({}, { __index = items }), double,
          options())))
        assert.are.same({}, drain(boltz.map(setmetatable({}, { __index = {} }), double, options())))
        assert.are.same({}, drain(boltz.map(boltz.array {}, double, options())))
      end)

      it("ends a list at its first hole", function()
        local list = { 1, 2 }
        list[4] = 4
        assert.are.equal(2, #drain(boltz.map(list, double, options())))
      end)

      it("takes false for an item like any other", function()
        local items = { false, 1, false }
        local map = boltz.map(items, function(item) return item end, options(1))
        for i = 1, 3 do
          local item, result = map()
          assert.are.equal(items[i], item)
          assert.are.equal(items[i], result)
        end
        assert.is_nil(map())
      end)

      it("gives all results of a function, also nil and false, and none", function()
        local cases = {
          function() end,
          function() return nil end,
          function() return false end,
          function() return nil, nil, 3 end,
          function() return 1, nil, false, nil end,
        }
        local lengths = { 0, 1, 1, 3, 4 }
        local map = boltz.map({ 1, 2, 3, 4, 5 }, function(i) return cases[i]() end, options())
        for _ = 1, 5 do
          local results = { map() }
          local i = results[1]
          assert.are.same({ i, cases[i]() }, results)
        end
        assert.is_nil(map())
        for i = 1, 5 do
          local one = boltz.map({ i }, function() return cases[i]() end, options())
          assert.are.equal(1 + lengths[i], select("#", one()))
        end
      end)

      it("gives the error of a call as the second result, and goes on", function()
        local client = stub.client(function(request)
          local id = request.path:match("[^/]*$")
          if id == "2" then return { status = 404, body = '{"message":"no"}' } end
          return ('{"id":"%s"}'):format(id)
        end)
        local count = 0
        for id, result, err in boltz.map({ "1", "2", "3" }, id_from(client), options()) do
          count = count + 1
          assert.are.equal(id ~= "2" and id or nil, result)
          assert.are.equal(id == "2" and "not_found" or nil, err and err.kind)
        end
        assert.are.equal(3, count)
      end)

      it("raises what a function raises, as it is, and ends", function()
        for _, case in ipairs { { { "mine" } }, { 3 }, { false } } do
          local map = boltz.map({ 1, 2, 3 }, function(i)
            if i == 2 then error(case[1], 0) end
          end, options(1))
          local done, raised = pcall(drain, map)
          assert.is_false(done)
          assert.are.equal(case[1], raised)
          assert.is_nil(map())
        end
      end)

      it("raises text with the lines that led to it, those of a mistake in a call, too", function()
        local client = stub.client()
        local function deeper() client.workspaces:retrieve("") end
        local function assert_text(expected, fn)
          local done, raised = pcall(boltz.map({ 1 }, fn, options()))
          assert.is_false(done)
          assert.matches(expected .. ".*\nstack traceback:\n.*concurrent_spec.lua:%d+", raised)
        end
        assert_text("^text", function() error("text", 0) end)
        assert_text("concurrent_spec.lua:%d+: bad parameter 'workspace_id'", function()
          deeper()
          return nil
        end)
      end)

      it("raises the error of a call where assert does", function()
        local client = stub.client(function() return { status = 404, body = "{}" } end)
        local done, raised = pcall(drain, boltz.map({ "w" }, function(id)
          return lua_assert(client.workspaces:retrieve(id))
        end, options()))
        assert.is_false(done)
        assert.is_true(boltz.is_error(raised))
        assert.are.equal("not_found", raised.kind)
      end)

      it("raises the error of its source after all results, once", function()
        for _, concurrency in ipairs { 1, 2, 8 } do
          local client, server = stub.client()
          server._answers = function(request)
            if #server.requests == 3 then return { status = 500, body = '{"message":"no"}' } end
            return book.by_id(9, 3, request)
          end
          local map = boltz.map(client.workspaces:list({}, { prefetch = false }),
            function(item) return item.id end, options(concurrency))
          local taken = {}
          local done, raised = pcall(function()
            for _, id in map do taken[#taken + 1] = tonumber(id) end
          end)
          assert.is_false(done)
          assert.is_true(boltz.is_error(raised))
          assert.are.equal("internal_server", raised.kind)
          table.sort(taken)
          assert.are.equal("1 2 3 4 5 6", table.concat(taken, " "))
          assert.is_nil(map())
        end
      end)

      it("waits for what is under way before it raises the error of its source", function()
        local client = start(servers.HOLD)
        local items, place = { "quick", "slow1", "slow2" }, 0
        local map = boltz.map(function()
          place = place + 1
          if not items[place] then error({ "mine" }, 0) end
          return items[place]
        end, id_from(client), options(8))
        assert.are.equal("quick", (map()))
        client.workspaces:retrieve("release")
        local list = {}
        local done, raised = pcall(function()
          for item, result in map do list[#list + 1] = item == result and item end
        end)
        assert.is_false(done)
        assert.are.same({ "mine" }, raised)
        assert.are.equal(2, #list)
      end)

      it("raises whatever its source raises, as it is", function()
        for _, value in ipairs { "text", { "table" }, 5 } do
          local map = boltz.map(function() error(value, 0) end, double, options())
          local done, raised = pcall(map)
          assert.is_false(done)
          assert.are.equal(value, raised)
        end
      end)

      it("takes from its source only as far ahead as it may have calls under way", function()
        local ahead = ordered and 2 * 3 or 3 -- in order, results may wait for an earlier one
        local pulled, called = 0, 0
        local map = boltz.map(function()
          pulled = pulled + 1
          return pulled
        end, function(i)
          called = called + 1
          return i
        end, options(3))
        assert.are.equal(0, pulled) -- nothing happens before the loop wants a result
        for taken = 1, 20 do
          map()
          assert.is_true(pulled <= taken + ahead, pulled .. " after " .. taken)
          assert.is_true(called <= taken + ahead)
        end
        local before = pulled
        map:close()
        assert.is_nil(map())
        assert.are.equal(before, pulled)
      end)

      it("holds no more than it has under way, however long the source is", function()
        local client = boltz.new { api_key = stub.KEY, transport = {
          handle = function() return 200, {}, '{"id":"x"}' end,
        } }
        local COUNT = 100000 -- items, of which every tenth costs a call
        local i, taken, most, base = 0, 0, 0, nil
        for _, result in boltz.map(function()
          i = i + 1
          return i <= COUNT and i or nil
        end, function(item)
          if item % 10 > 0 then return item end
          return client.workspaces:retrieve("x").id
        end, options(16)) do
          assert(result)
          taken = taken + 1
          if taken % 10000 == 0 then
            collect()
            local now = collectgarbage("count")
            base = base or now
            most = math.max(most, now - base)
          end
        end
        assert.are.equal(COUNT, taken)
        assert.is_true(most < 300, ("%.0f KiB more"):format(most))
      end)

      it("runs in a coroutine of the user's", function()
        local client = start(servers.HOLD)
        local get = id_from(client)
        local values = coroutine.wrap(function()
          for item, result in boltz.map(ids("w", 6), get, options(2)) do
            assert(item == result)
            coroutine.yield(item)
          end
        end)
        local taken = {}
        for item in values do taken[#taken + 1] = item end
        table.sort(taken)
        assert.are.equal("w1 w2 w3 w4 w5 w6", table.concat(taken, " "))
      end)

      it("goes on with its calls while the loop's body makes calls of its own", function()
        local client, server = start(servers.HOLD)
        local count = 0
        for item, result in boltz.map(ids("w", 6), id_from(client), options(2)) do
          count = count + 1
          assert.are.equal(item, result)
          assert.are.equal("mine", client.workspaces:retrieve("mine").id)
        end
        assert.are.equal(6, count)
        assert.are.equal(6, count_of(seen(server), "mine"))
      end)

      it("may be used inside another one, and adds up", function()
        local client, server = start(barrier(4))
        local count = 0
        for outer, inner in boltz.map({ "a", "b", "c", "d" }, function(name)
          local own = {}
          for _, id in boltz.map(ids(name, 4), id_from(client), options(2)) do
            own[#own + 1] = id
          end
          table.sort(own)
          return table.concat(own, " ")
        end, options(2)) do
          count = count + 1
          assert.are.equal((("x1 x2 x3 x4"):gsub("x", outer)), inner)
        end
        assert.are.equal(4, count)
        assert.are.equal(0, count_of(seen(server), "too many"))
      end)

      it("may have gather, and lists, in its function", function()
        local gathering = start(barrier(4))
        for outer, results, errors in boltz.map({ "a", "b" }, function(name)
          local get = id_from(gathering)
          return boltz.gather { function() return get(name .. "1") end,
            function() return get(name .. "2") end }
        end, options(2)) do
          assert.is_nil(errors)
          assert.are.same({ outer .. "1", outer .. "2" }, { results[1], results[2] })
        end
        local listing = start [[
          serve(function(c)
            local request = c:request()
            while request do
              local n = tonumber(request.target:match("after_id=(%d+)") or 0) + 1
              c:send(answer(('{"data":[{"id":"%d"}],"has_more":%s,"last_id":"%d"}')
                :format(n, n < 5 and "true" or "false", n)))
              request = c:request()
            end
          end)
        ]]
        local count = 0
        for _, all in boltz.map({ 1, 2, 3, 4 }, function()
          return book.ids(assert(listing.workspaces:list():all()))
        end, options(2)) do
          count = count + 1
          assert.are.equal("1 2 3 4 5", all)
        end
        assert.are.equal(4, count)
      end)

      it("takes results of another map for its source", function()
        local client = start(servers.HOLD)
        local get = id_from(client)
        local first = boltz.map(ids("w", 5), get, options(2))
        local taken = {}
        for _, result in boltz.map(first, function(id) return get(id .. "x") end, options(2)) do
          taken[#taken + 1] = result
        end
        table.sort(taken)
        assert.are.equal("w1x w2x w3x w4x w5x", table.concat(taken, " "))
      end)
    end)
  end

  it("gives results as they come", function()
    local client = start(servers.HOLD)
    local order = {}
    for id in boltz.map({ "slow", "quick" }, id_from(client)) do
      order[#order + 1] = id
      if id == "quick" then client.workspaces:retrieve("release") end
    end
    assert.are.same({ "quick", "slow" }, order)
  end)

  it("goes on past a slow call when in order, as far as twice the concurrency", function()
    local client, server = start [[
      local slow
      serve(function(c)
        local request = c:request()
        while request do
          local id = request.target:match("[^/]*$")
          if id == "slow" then
            slow = c
          else
            c:send(answer(('{"id":"%s"}'):format(id)))
          end
          if id == "q3" then
            slow:drip("H", 0.05) -- seconds in which one more would come
            record "answered"
            slow:send((answer('{"id":"slow"}'):sub(2)))
          end
          request = c:request()
        end
      end)
    ]]
    local order = {}
    for id in boltz.map({ "slow", "q1", "q2", "q3", "q4", "q5" }, id_from(client),
      { concurrency = 2, ordered = true }) do
      order[#order + 1] = id
    end
    assert.are.same({ "slow", "q1", "q2", "q3", "q4", "q5" }, order)
    local early, late = {}, {}
    local list = early
    for _, each in ipairs(seen(server)) do
      if each == "answered" then list = late else list[#list + 1] = each end
    end
    table.sort(early)
    assert.are.same({ "q1", "q2", "q3", "slow" }, early)
    assert.are.equal(2, #late)
  end)

  -- What a function of a map waits with, until all that needs no waiting is done.
  local function with_sleep(use)
    local transport = Transport.new(host.automatic)
    use(function() transport:sleep(0.02) end)
    transport:release()
  end

  it("in order has no more results waiting for a slow one than twice the concurrency", function()
    with_sleep(function(sleep)
      local called, when_slow_ends = 0, nil
      for _ in boltz.map({ "slow", 1, 2, 3, 4, 5, 6 }, function(item)
        called = called + 1
        if item == "slow" then
          sleep()
          when_slow_ends = called
        end
      end, { concurrency = 2, ordered = true }) do end
      assert.are.equal(4, when_slow_ends)
      assert.are.equal(7, called)
    end)
  end)

  it("has no more calls under way than the concurrency, in order or not", function()
    with_sleep(function(sleep)
      for _, ordered in ipairs { true, false } do
        local under_way, most = 0, 0
        for _ in boltz.map({ 1, 2, 3, 4, 5, 6 }, function()
          under_way = under_way + 1
          most = math.max(most, under_way)
          sleep()
          under_way = under_way - 1
        end, { concurrency = 2, ordered = ordered }) do end
        assert.are.equal(2, most)
      end
    end)
  end)

  it("begins a call in the place of each that has ended, before the loop's body works", function()
    local client, server = start(servers.HOLD)
    local get = id_from(client)
    get "warm" -- a connection that stands: what is sent on it has left when `start` returns
    local map = boltz.map({ "a", "b", "c" }, get, { concurrency = 1 })
    assert.are.equal("a", map())
    assert.are.same({ "warm", "a", "b" }, seen(server))
    assert.are.equal("b", map())
    assert.are.same({ "warm", "a", "b", "c" }, seen(server))
  end)

  it("has calls of clients with engines of their own under way together", function()
    local one, first = start(servers.HOLD)
    local other, second = start(servers.HOLD)
    local order = {}
    for id in boltz.map({ "slow1", "slow2", "a", "b" }, function(id)
      return id_from((id == "slow1" or id == "a") and one or other)(id)
    end, { concurrency = 4 }) do
      order[#order + 1] = id
      if #order == 2 then -- nothing but the quick ones can have come
        one.workspaces:retrieve("release")
        other.workspaces:retrieve("release")
      end
    end
    local head = { order[1], order[2] }
    table.sort(head)
    assert.are.same({ "a", "b" }, head)
    assert.are.equal(4, #order)
    assert.are.equal(3, #seen(first))
    assert.are.equal(3, #seen(second))
  end)

  it("says what it is, on every Lua, and how it is closed", function()
    local map = boltz.map({ 1, 2, 3 }, function(x) return x end, { concurrency = 2 })
    assert.are.equal("boltz.map (0 under way, 0 waiting to be taken)", tostring(map))
    map()
    assert.is_truthy(tostring(map):find("^boltz%.map %(%d under way, %d waiting to be taken%)$"))
    assert.are.equal("'map:close' is a method: call it with a colon",
      mistake(function() map.close() end))
    map:close()
    assert.is_nil(map())
  end)

  it("takes a callable table for a function", function()
    local callable = setmetatable({}, { __call = function(_, x) return 2 * x end })
    assert.are.same({ { 1, 2 }, { 2, 4 } }, drain(boltz.map({ 1, 2 }, callable)))
  end)

  it("lets a function raise errors through calls of pcall around its own calls", function()
    local client = start(servers.HOLD)
    local get = id_from(client)
    for id, done, result in boltz.map(ids("w", 4), function(id)
      return pcall(function()
        local got = get(id)
        if id == "w2" then error({ got }, 0) end
        return got
      end)
    end) do
      assert.are.equal(id ~= "w2", done)
      assert.are.same(id == "w2" and { "w2" } or id, result)
    end
  end)
end)

describe("a map that is left early", function()
  after_each(clients.stop_all)

  local CLOSES = (loadstring or load)("local x <close> = nil") ~= nil
  local ITEMS = { "quick", "slow1", "slow2", "slow3", "never" }

  -- A map over ITEMS of which one result has been taken: three calls are under way.
  local function opened()
    local client, server = start(servers.HOLD)
    local map = boltz.map(ITEMS, id_from(client), { concurrency = 3 })
    assert.are.equal("quick", map())
    return map, client, server
  end

  local function assert_left(client, server)
    assert.are.equal("after", client.workspaces:retrieve("after").id)
    local list = seen(server)
    assert.are.equal(0, count_of(list, "never"))
    for _, id in ipairs { "slow1", "slow2", "slow3" } do
      assert.is_true(count_of(list, id) <= 1)
    end
    return count_of(list, "gone"), #list
  end

  it("ends what is under way when it is closed, and asks for nothing more", function()
    local map, client, server = opened()
    client.workspaces:retrieve("warm") -- time for all of them to be sent
    assert.are.equal(3, count_of(seen(server), "slow1") + count_of(seen(server), "slow2")
      + count_of(seen(server), "slow3"))
    map:close()
    assert.are.equal(3, count_of(seen(server), "gone"))
    map:close()
    assert.is_nil(map())
    assert.are.equal(3, (assert_left(client, server)))
  end)

  it("ends it when nobody holds it any more", function()
    local client, server = start(servers.HOLD)
    local function leave()
      local map = boltz.map(ITEMS, id_from(client), { concurrency = 3 })
      assert.are.equal("quick", map())
      client.workspaces:retrieve("warm")
    end
    coroutine.wrap(leave)() -- a stack of its own, which goes with it
    collect()
    assert.are.equal(3, count_of(seen(server), "gone"))
    assert_left(client, server)
  end)

  it("is closed by Lua 5.4 when a for loop is left, and only there", function()
    for _, leave in ipairs {
      function(...)
        for _ in ... do break end
      end,
      function(...)
        for _ in ... do return end
      end,
      function(...)
        local map, state, control, closing = ...
        pcall(function()
          for _ in map, state, control, closing do error("mine") end
        end)
      end,
    } do
      local client, server = start(servers.HOLD)
      local iterate, state, control, closing =
        boltz.map(ITEMS, id_from(client), { concurrency = 3 })
      assert.are.equal(iterate, closing)
      leave(iterate, state, control, closing)
      assert.are.equal("nil", tostring(CLOSES and iterate() or nil))
      assert.are.equal(CLOSES, iterate._closed == true)
      iterate:close()
      assert_left(client, server)
    end
  end)

  it("calls its function for no item that it took and has not begun", function()
    local called = {}
    local map = boltz.map({ 1, 2, 3, 4, 5 }, function(i)
      called[#called + 1] = i
      return i
    end, { concurrency = 1 })
    map()
    map:close()
    local count = #called
    assert.is_true(count <= 2)
    map()
    assert.are.equal(count, #called)
  end)

  it("ends the maps in its function, too", function()
    local client, server = start(servers.HOLD)
    local map = boltz.map({ 1, 2 }, function(i)
      if i == 1 then return "quick" end
      for _ in boltz.map({ "slow1", "slow2" }, id_from(client)) do end
    end)
    assert.are.equal(1, (map()))
    client.workspaces:retrieve("warm")
    map:close()
    assert.are.equal(2, count_of(seen(server), "gone"))
  end)

  it("ends the page that its source waits for, which can be asked for again", function()
    local client, server = start(servers.SECOND_PAGE_HANGS_ONCE)
    local pager = client.workspaces:list({}, { prefetch = false })
    local map = boltz.map(pager, function(item) return item.id end, { concurrency = 3 })
    map()
    map()
    client:get("/warm")
    map:close()
    assert.are.equal(1, count_of(seen(server), "gone"))
    assert.are.equal("c", pager:next().id)
    assert.is_nil(pager:next())
  end)

  it("that was never begun has taken nothing", function()
    local map = boltz.map(function() error("taken") end, double)
    map:close()
    assert.is_nil(map())
  end)
end)

describe("gather", function()
  after_each(clients.stop_all)

  it("calls all functions at once, and returns their first results in their order", function()
    local client = start(barrier(3))
    local get = id_from(client)
    local functions = {}
    for i = 1, 3 do
      functions[i] = function() return get("w" .. i) end
    end
    local results, errors = boltz.gather(functions)
    assert.are.same({ "w1", "w2", "w3" }, { results[1], results[2], results[3] })
    assert.is_true(core.is_array(results))
    assert.is_nil(errors)
  end)

  it("calls as many at once as it may", function()
    local client, server = start(barrier(2))
    local get = id_from(client)
    local functions = {}
    for i = 1, 8 do
      functions[i] = function() return get("w" .. i) end
    end
    assert.are.equal(8, #boltz.gather(functions, { concurrency = 2 }))
    assert.are.equal(0, count_of(seen(server), "too many"))
  end)

  it("returns errors under their positions, and the other results", function()
    local client = stub.client { { status = 404, body = "{}" }, "null" }
    local results, errors = boltz.gather {
      function() return 1 end,
      function() return client.workspaces:retrieve("ws_1") end,
      function() return client:get("/x") end,
      function() return nil, false end,
    }
    assert.are.same({ 1, nil, boltz.null }, { results[1], results[2], results[3] })
    assert.is_nil(results[4])
    assert.is_nil(errors[1])
    assert.are.equal("not_found", errors[2].kind)
    assert.is_nil(errors[3])
    assert.is_false(errors[4])
  end)

  it("raises what a function raises, and calls no other", function()
    local mine, called = { "mine" }, 0
    local function count() called = called + 1 end
    local done, raised = pcall(boltz.gather, { count, function() error(mine) end, count, count },
      { concurrency = 1 })
    assert.is_false(done)
    assert.are.equal(mine, raised)
    assert.are.equal(1, called)
    done, raised = pcall(boltz.gather, { function() error("text", 0) end })
    assert.is_false(done)
    assert.matches("^text\nstack traceback:\n", raised)
  end)

  it("takes results that are nil or false, and functions that are tables", function()
    local callable = setmetatable({}, { __call = function() return "called" end })
    local results, errors = boltz.gather {
      function() return nil, nil, {} end,
      function() return false end,
      callable,
      function() end,
    }
    assert.are.same({ [2] = false, [3] = "called" },
      { results[1], results[2], results[3], results[4] })
    assert.is_nil(errors)
  end)

  it("of nothing is an empty array, without errors", function()
    local results, errors = boltz.gather {}
    assert.are.equal("[]", core.encode(results))
    assert.is_nil(errors)
  end)

  it("may be used inside another one, and inside map", function()
    local client = start(barrier(4))
    local get = id_from(client)
    local function two(name)
      return function()
        local results = boltz.gather { function() return get(name .. 1) end,
          function() return get(name .. 2) end }
        return results[1] .. results[2]
      end
    end
    local results = boltz.gather { two "a", two "b" }
    assert.are.same({ "a1a2", "b1b2" }, { results[1], results[2] })
  end)
end)

describe("a mistake in the arguments of", function()
  local function nothing() end
  local NOTHING = setmetatable({}, {})

  it("map is raised at the caller's line, and says what was expected", function()
    assert.are.equal("bad parameter 'source' to 'boltz.map' (expected an iterator or a list, "
      .. "got nothing)", mistake(function() boltz.map(nil, nothing) end))
    assert.matches("'source' to 'boltz.map' .expected an iterator or a list, got ",
      mistake(function() boltz.map("abc", nothing) end))
    assert.matches("'source' to 'boltz.map' .expected an iterator or a list, got ",
      mistake(function() boltz.map(5, nothing) end))
    for got, source in pairs {
      ["a boltz.client"] = stub.client(),
      ["a boltz.workspaces"] = stub.client().workspaces,
      ["a table without an item 1"] = { data = {}, has_more = false },
    } do
      assert.are.equal(("bad parameter 'source' to 'boltz.map' (expected an iterator or a list, "
        .. "got %s)"):format(got), mistake(function() boltz.map(source, nothing) end))
    end
    local shown = setmetatable({}, { __pairs = function() return next, { a = 1 } end })
    for _, source in ipairs { { [2] = "b" }, { [0] = "a" }, shown } do
      local text = mistake(function() boltz.map(source, nothing) end)
      assert.matches("got a table without an item 1", text, 1, true)
    end
    local pager = stub.client().workspaces:list()
    assert.matches("expected a function, got a boltz.pager, which comes before the function",
      mistake(function() boltz.map(print, pager) end), 1, true)
    assert.matches("'fn' to 'boltz.map' .expected a function, got nothing",
      mistake(function() boltz.map({}) end))
    assert.matches("'fn' to 'boltz.map' .expected a function, got ",
      mistake(function() boltz.map({}, NOTHING) end))
    assert.matches("'options' to 'boltz.map' .expected a table, got 5",
      mistake(function() boltz.map({}, nothing, 5) end))
    for _, wrong in ipairs { 0, -1, 1.5, "8", 1 / 0, 0 / 0, true } do
      assert.matches("bad option 'concurrency' to 'boltz.map' .expected ",
        mistake(function() boltz.map({}, nothing, { concurrency = wrong }) end))
    end
    assert.matches("bad option 'ordered' to 'boltz.map' .expected ",
      mistake(function() boltz.map({}, nothing, { ordered = 1 }) end))
    assert.matches("'concurency' to 'boltz.map'.*concurrency",
      mistake(function() boltz.map({}, nothing, { concurency = 2 }) end))
  end)

  it("gather is raised at the caller's line, before any function is called", function()
    local called = 0
    local function count() called = called + 1 end
    assert.matches("'functions' to 'boltz.gather' .expected a list of functions, got nothing",
      mistake(function() boltz.gather() end))
    assert.matches("'functions' to 'boltz.gather' .expected a list of functions, got ",
      mistake(function() boltz.gather(count) end))
    assert.matches("'ordered' to 'boltz.gather' .unknown; known are concurrency",
      mistake(function() boltz.gather({}, { ordered = true }) end))
    assert.matches("'functions%[2%]' to 'boltz.gather' .expected a function, got 3",
      mistake(function() boltz.gather { count, 3 } end))
    assert.matches("'functions%[1%]' to 'boltz.gather' .expected a function, got 1",
      mistake(function() boltz.gather { 1, count, 3, "x" } end))
    assert.matches("'functions%[2%]' to 'boltz.gather' .expected a function, got nothing",
      mistake(function() boltz.gather { count, nil, count } end))
    local holes = { count }
    holes[7] = count
    assert.matches("'functions%[2%]' to 'boltz.gather' .expected a function, got nothing",
      mistake(function() boltz.gather(holes) end))
    assert.matches("'functions' to 'boltz.gather' .expected a list of functions, got a table ",
      mistake(function() boltz.gather { one = count } end))
    assert.matches("bad option 'concurrency' to 'boltz.gather' .expected ",
      mistake(function() boltz.gather({ count }, { concurrency = 0 }) end))
    assert.matches("'options' to 'boltz.gather' .expected a table, got ",
      mistake(function() boltz.gather({ count }, count) end))
    assert.are.equal(0, called)
  end)
end)
