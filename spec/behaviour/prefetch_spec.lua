-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local book = require "support.book"
local clients = require "support.clients"
local core = require "boltz.core"
local patience = require "support.patience"
local stub = require "support.stub"
local time = require "boltz.time"
local wire = require "support.wire"

local DAY = 86400
local START = 1735689600 -- 2025-01-01T00:00:00Z

local function open(count, size, options, params)
  local client, server = stub.client(function(request) return book.by_id(count, size, request) end)
  return client.workspaces:list(params or {}, options), server, client
end

-- Asserts that no two requests were the same.
local function assert_none_twice(server)
  local seen = {}
  for _, request in ipairs(server.requests) do
    assert.is_nil(seen[request.query], request.query)
    seen[request.query] = true
  end
end

-- Lets the server fail its request of that number.
local function fail(server, number, answer)
  local answers = server._answers
  function server._answers(request)
    if #server.requests == number then return answer end
    return answers(request)
  end
end

local FAILURE = { status = 500, body = '{"message":"no"}' }

describe("prefetch", function()
  it("asks for the second page at half of the first, then as soon as a page is there", function()
    for size = 1, 7 do
      local pager, server = open(3 * size, size)
      for taken = 1, 3 * size do
        assert(pager:next())
        local page = math.ceil(taken / size)
        local of_page = taken - (page - 1) * size
        local ahead = (page == 2 or page == 1 and 2 * of_page >= size) and 1 or 0
        assert.are.equal(page + ahead, #server.requests, ("%d of %d"):format(taken, size))
      end
      assert.is_nil(pager:next())
      assert.are.equal(3, #server.requests)
      assert_none_twice(server)
    end
  end)

  it("costs no request in a loop that ends in the first half of a page", function()
    for size = 3, 8 do
      for wanted = 1, math.ceil(size / 2) - 1 do
        local pager, server = open(100, size)
        local taken = 0
        for _ in pager do
          taken = taken + 1
          if taken == wanted then break end
        end
        assert.are.equal(1, #server.requests)
      end
    end
  end)

  it("asks for nothing before the first item is wanted, nor behind the last page", function()
    local pager, server = open(4, 4)
    assert.are.equal(0, #server.requests)
    assert.are.equal(4, #assert(pager:all()))
    assert.are.equal(1, #server.requests)
  end)

  it("asks for nothing that max_items puts out of reach", function()
    for most = 1, 12 do
      local expected = math.ceil(most / 4)
      local pager, server = open(100, 4, { max_items = most })
      local count = 0
      for _ in pager do count = count + 1 end
      assert.are.equal(most, count)
      assert.are.equal(expected, #server.requests)
      local by_pages, other = open(100, 4, { max_items = most })
      for _ in by_pages:pages() do end -- luacheck: ignore 542
      assert.are.equal(expected, #other.requests)
    end
  end)

  it("asks for nothing that all was told to stop before, and then goes on as ever", function()
    for most = 0, 12 do
      local pager, server = open(100, 4)
      assert.are.equal(most, #assert(pager:all(most)))
      assert.are.equal(math.ceil(most / 4), #server.requests)
      local all = assert(pager:all(7))
      assert.are.equal(book.span(most + 1, most + 7), book.ids(all))
      assert.are.equal(math.ceil((most + 7) / 4), #server.requests)
      assert.are.equal(tostring(most + 8), pager:next().id)
      assert_none_twice(server)
    end
  end)

  it("counts what a cursor passes over as taken", function()
    local pager, server = open(100, 4, nil, { _skip = 2 })
    assert.are.equal("3", pager:next().id)
    assert.are.equal(2, #server.requests)
    pager, server = open(100, 4, nil, { _skip = 0 })
    assert.are.equal("1", pager:next().id)
    assert.are.equal(1, #server.requests)
  end)

  it("is off where it is told so", function()
    local pager, server = open(12, 4, { prefetch = false })
    for taken = 1, 12 do
      assert(pager:next())
      assert.are.equal(math.ceil(taken / 4), #server.requests)
    end
    pager, server = open(12, 4, { prefetch = false })
    local pages = pager:pages()
    for page = 1, 3 do
      pages()
      assert.are.equal(page, #server.requests)
    end
  end)

  it("begins with the second page where pages are taken whole", function()
    local pager, server = open(16, 4)
    local pages = pager:pages()
    for page, requests in ipairs { 1, 3, 4, 4 } do
      assert.are.equal(4, #pages().data)
      assert.are.equal(requests, #server.requests, "after page " .. page)
    end
    assert.is_nil(pages())
    assert_none_twice(server)
  end)

  it("asks for nothing twice, however items and pages are mixed", function()
    for taken = 0, 12 do
      local pager, server = open(15, 4)
      local all = assert(pager:all(taken))
      for page in pager:pages() do
        for _, item in ipairs(page.data) do all[#all + 1] = item end
        local item = pager:next()
        all[#all + 1] = item
      end
      assert.are.equal(book.span(1, 15), book.ids(all))
      assert.are.equal(4, #server.requests)
      assert_none_twice(server)
    end
  end)

  it("does not show in the cursor", function()
    for _, size in ipairs { 1, 2, 3, 5 } do
      local ahead, server, client = open(11, size)
      local plain = open(11, size, { prefetch = false })
      repeat
        assert.are.same(plain:cursor(), ahead:cursor())
        local item = ahead:next()
        assert.are.same(plain:next(), item)
      until item == nil
      assert.are.same(plain:cursor(), ahead:cursor())
      assert_none_twice(server)
      local pager = client.workspaces:list()
      local all = assert(pager:all(size)) -- the next page has come already, or not
      for item in client.workspaces:list(pager:cursor()) do all[#all + 1] = item end
      assert.are.equal(book.span(1, 11), book.ids(all))
    end
  end)

  it("tells on_page of a page when that is wanted", function()
    local told = {}
    local pager, server = open(8, 4, { on_page = function(page, items)
      told[#told + 1] = { page.data[1].id, items }
    end })
    for _ = 1, 4 do pager:next() end
    assert.are.equal(2, #server.requests)
    assert.are.same({ { "1", 4 } }, told)
    pager:next()
    assert.are.same({ { "1", 4 }, { "5", 8 } }, told)
  end)

  it("shows an error when the page is wanted, and loses and doubles nothing", function()
    for failing = 2, 4 do
      for size = 1, 4 do
        local pager, server = open(4 * size, size)
        fail(server, failing, FAILURE)
        local all = {}
        for _ = 1, (failing - 1) * size do all[#all + 1] = assert(pager:next()) end
        assert.are.equal(failing, #server.requests) -- it has failed already
        local item, err = pager:next()
        assert.is_nil(item)
        assert.are.equal("internal_server", err.kind)
        assert.are.equal(1, err.attempts)
        assert.are.equal(failing, #server.requests)
        for more in pager do all[#all + 1] = more end
        assert.are.equal(book.span(1, 4 * size), book.ids(all))
        assert.are.equal(5, #server.requests)
        assert.are.equal(server.requests[failing].query, server.requests[failing + 1].query)
      end
    end
  end)

  it("shows an error of a page when that is wanted, taken item by item or whole", function()
    local pager, server = open(16, 4)
    fail(server, 3, FAILURE)
    local pages = pager:pages()
    assert.are.equal("1", pages().data[1].id)
    assert.are.equal("5", pages().data[1].id)
    assert.are.equal(3, #server.requests)
    local done, raised = pcall(pages)
    assert.is_false(done)
    assert.are.equal("internal_server", raised.kind)
    assert.are.equal("9", pages().data[1].id)
    assert.are.equal("13", pages().data[1].id)
    assert.is_nil(pages())
  end)

  it("shows no error that nobody comes to", function()
    local pager, server = open(8, 4)
    fail(server, 2, FAILURE)
    for _ = 1, 4 do assert(pager:next()) end
    assert.are.equal(2, #server.requests)
    pager:close()
    assert.is_nil(pager:next())
  end)

  it("tries again when the page is wanted, and not before", function()
    local attempts = {}
    local client, server = stub.client(function(request) return book.by_id(8, 4, request) end,
      { max_retries = 2, on_attempt = function(event) attempts[#attempts + 1] = event end })
    fail(server, 2, FAILURE)
    local waits = patience.skip(client)
    local pager = client.workspaces:list()
    for _ = 1, 4 do assert(pager:next()) end
    assert.are.same({ 2, 0, 1 }, { #server.requests, #waits, #attempts })
    assert.are.equal("5", pager:next().id)
    assert.are.same({ 3, 1, 3 }, { #server.requests, #waits, #attempts })
    assert.are.equal(500, attempts[2].status)
    assert.are.equal(server.requests[2].query, server.requests[3].query)
  end)

  it("refuses a page that makes no sense when that is wanted", function()
    local pager, server = open(8, 4)
    fail(server, 2, '{"data":5}')
    for _ = 1, 4 do assert(pager:next()) end
    local _, err = pager:next()
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("5", pager:next().id)
  end)

  it("goes on across the parts of a range that one query cannot cover", function()
    local days = 800
    local function metered(options)
      local client, server = stub.client(function(request)
        return book.by_page(DAY, 100, time.parse(request.params.starting_at),
          time.parse(request.params.ending_at), request)
      end)
      return client.usage:list({ starting_at = START, ending_at = START + days * DAY,
        window_size = "DAY" }, options), server
    end
    local plain, asked = metered { prefetch = false }
    assert(plain:all())
    local pager, server = metered()
    local all = {}
    for i = 1, days do
      all[i] = assert(pager:next())
      -- The last page of the first part has 65 items, and is the fourth.
      if i == 300 or i == 301 then assert.are.equal(i - 296, #server.requests) end
    end
    assert.is_nil(pager:next())
    assert.are.equal(book.span(START / DAY, START / DAY + days - 1), book.ids(all))
    assert.are.equal(#asked.requests, #server.requests)
    for i, request in ipairs(asked.requests) do
      assert.are.equal(request.query, server.requests[i].query)
    end
    assert_none_twice(server)
  end)

  it("works in client:paginate as in the lists", function()
    local client, server = stub.client(function(request) return book.by_id(9, 4, request) end)
    local pager = client:paginate "/compute/v1/things"
    assert(pager:next())
    assert.are.equal(1, #server.requests)
    assert(pager:next())
    assert.are.equal(2, #server.requests)
    assert.are.equal(7, #assert(pager:all()))
    assert.are.equal(3, #server.requests)
  end)
end)

-- A book of two-item pages. A page whose `after_id` is in HELD is answered when the spec asks for
-- /release, and /done only notes itself.
local BOOK = [[
  local held = {}
  local function page(c, n)
    c:send(answer(('{"data":[{"id":"%d"},{"id":"%d"}],"has_more":%s,"last_id":"%d"}')
      :format(n + 1, n + 2, n < 4 and "true" or "false", n + 2)))
  end
  serve(function(c)
    local request = c:request()
    while request do
      local n = tonumber(request.target:match("after_id=(%d+)"))
      if request.target == "/release" then
        for each, number in pairs(held) do page(each, number) end
        held = {}
      end
      if HELD[n] then
        held[c] = n
        HELD[n] = nil
      elseif request.target:find "workspaces" then
        page(c, n or 0)
      else
        c:send(answer "{}")
      end
      request = c:request()
    end
    record "gone"
  end)
]]

describe("a page that is under way while the script works", function()
  after_each(clients.stop_all)

  local function start(held, options)
    local server = wire.start(("local HELD = { %s } "):format(held) .. BOOK)
    return clients.of(server, options), server
  end

  -- What the server has seen, with the target for a request.
  local function seen(server)
    local list = {}
    for i, text in ipairs(server:records()) do list[i] = text:match("^%u+ (%S*) HTTP") or text end
    return list
  end

  local LIST = "/compute/v1/admin/workspaces"

  local function work(seconds)
    local ends = core.now() + seconds
    while core.now() < ends do end -- luacheck: ignore 542
  end

  it("has left before the script goes on to its work, in which nobody waits", function()
    local client, server = start ""
    local pager = client.workspaces:list()
    pager:next()
    assert.are.same({ LIST, LIST .. "?after_id=2" }, seen(server))
    assert.are.equal("2", pager:next().id)
    assert.are.equal("3", pager:next().id) -- has half of the second page, too
    assert.are.same({ LIST, LIST .. "?after_id=2", LIST .. "?after_id=4" }, seen(server))
    assert.are.equal(3, #assert(pager:all()))
    assert.are.equal(3, #seen(server))
  end)

  it("also leaves where every page needs a connection of its own", function()
    local server = wire.start [[
      serve(function(c)
        local request = c:request()
        local n = tonumber(request.target:match("after_id=(%d+)") or 0)
        c:send(answer(('{"data":[{"id":"%d"},{"id":"%d"}],"has_more":%s,"last_id":"%d"}')
          :format(n + 1, n + 2, n < 4 and "true" or "false", n + 2), "Connection: close\r\n"))
      end)
    ]]
    local pager = clients.of(server).workspaces:list()
    pager:next()
    pager:next() -- at the latest when the script comes for another item
    assert.are.same({ LIST, LIST .. "?after_id=2" }, seen(server))
    assert.are.equal(4, #assert(pager:all()))
    assert.are.equal(3, #seen(server))
  end)

  for _, limit in ipairs { "timeout", "deadline" } do
    it("has its " .. limit .. " from when it is wanted", function()
      local client, server = start("[2] = true", { [limit] = 0.5 })
      local patient = clients.keep(client:with { [limit] = 20 })
      local pager = client.workspaces:list()
      pager:next()
      work(0.7) -- longer than the limit
      patient:get "/done" -- turns the engine
      pager:next()
      patient:get "/release"
      work(0.7)
      local item, err = pager:next()
      assert.is_nil(err)
      assert.are.equal("3", item.id)
      assert.are.same({ LIST, LIST .. "?after_id=2", "/done", "/release", LIST .. "?after_id=4" },
        seen(server))
    end)

    it("has its " .. limit .. " also while the script waits for it", function()
      local client = start("[2] = true", { [limit] = 0.5 })
      local pager = client.workspaces:list()
      pager:next()
      pager:next()
      local item, err = pager:next()
      assert.is_nil(item)
      assert.are.equal("timeout", err.kind)
      assert.are.equal(1, err.attempts)
      local rest = assert(client:with({ [limit] = 20 }).workspaces:list(pager:cursor()):all())
      assert.are.equal("3 4 5 6", book.ids(rest))
    end)
  end

  it("can be asked for again after a time-out, with nothing lost", function()
    local client = start("[2] = true", { timeout = 0.5 })
    local pager = client.workspaces:list()
    local all = { pager:next(), (pager:next()) }
    local _, err = pager:next()
    assert.are.equal("timeout", err.kind)
    repeat -- the server is quick; the machine may not be
      local item = pager:next()
      all[#all + 1] = item
    until #all == 6
    assert.are.equal("1 2 3 4 5 6", book.ids(all))
  end)

  it("is ended by closing the pager", function()
    local client, server = start "[2] = true"
    local pager = client.workspaces:list()
    pager:next()
    client:get "/done" -- on a connection of its own: the page has that of the first
    pager:close()
    local list = seen(server)
    assert.are.same({ LIST, LIST .. "?after_id=2", "/done", "gone" }, list)
    assert.is_nil(pager:next())
    assert.are.equal("1", client.workspaces:list():next().id)
  end)

  it("is ended with a pager that nobody holds any more", function()
    local client, server = start "[2] = true"
    coroutine.wrap(function() -- a stack of its own, which goes with it
      local pager = client.workspaces:list()
      pager:next()
      client:get "/done"
    end)()
    collectgarbage()
    collectgarbage()
    assert.are.same({ LIST, LIST .. "?after_id=2", "/done", "gone" }, seen(server))
    assert.are.equal("1", client.workspaces:list():next().id)
  end)

  it("is `cancelled` for who comes for it when the client is closed", function()
    local client, server = start "[2] = true"
    local pager = client.workspaces:list()
    pager:next()
    pager:next()
    client:close()
    for _ = 1, 2 do
      local item, err = pager:next()
      assert.is_nil(item)
      assert.are.equal("cancelled", err.kind)
      assert.are.equal("the client is closed", err.message)
      assert.is_false(err.maybe_applied)
    end
    assert.are.same({ LIST, LIST .. "?after_id=2", "gone" }, seen(server))
  end)

  it("is `cancelled` also when its answer has come", function()
    local client = start ""
    local pager = client.workspaces:list()
    pager:next()
    client:get "/done" -- by then the answer is there
    pager:next()
    client:close()
    local _, err = pager:next()
    assert.are.equal("cancelled", err.kind)
  end)

  it("comes once for lists that are read side by side", function()
    local client, server = start ""
    local results = boltz.gather {
      function() return book.ids(assert(client.workspaces:list():all())) end,
      function() return book.ids(assert(client.workspaces:list():all())) end,
      function() return book.ids(assert(client.workspaces:list():all())) end,
    }
    for i = 1, 3 do assert.are.equal("1 2 3 4 5 6", results[i]) end
    assert.are.equal(9, #server:records())
  end)
end)

describe("a request ahead that fails", function()
  it("goes on after an error out of all(max)", function()
    local client, server = stub.client()
    server._answers = function(request)
      if #server.requests == 2 then return { status = 500, body = "{}" } end
      return book.by_id(100, 4, request)
    end
    local pager = client.workspaces:list()
    assert.is_nil((pager:all(6)))
    for _ = 1, 2 do assert(pager:next()) end
    assert.are.equal(4, #server.requests) -- page 2 again, and page 3 ahead
  end)

  it("raises what a transport raises when the page is wanted, and loses nothing", function()
    local client, server = stub.client()
    server._answers = function(request)
      if #server.requests == 2 then error("mine", 0) end
      return book.by_id(100, 4, request)
    end
    local pager = client.workspaces:list()
    for i = 1, 4 do assert.are.equal(tostring(i), pager:next().id) end
    pcall(pager.next, pager)
    local all = { (pager:next()) }
    assert.is_truthy(all[1].id == "5" or all[1].id == "6")
  end)
end)
