-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local time = require "boltz.time"
local book = require "support.book"
local mistake = require "support.mistake"
local stub = require "support.stub"

local HOUR, DAY = 3600, 86400
local START = 1735689600 -- 2025-01-01T00:00:00Z

-- The three ways to list. Each has `client(count, size)`, a client of a list of items "1" to COUNT
-- in pages of SIZE; `list(client, params, options)`; `first(count)`, the parameters to begin with;
-- and `whole(count, size)`, the ids in the order in which they come.
local STYLES = {
  forward = {
    client = function(count, size)
      return stub.client(function(request) return book.by_id(count, size, request) end)
    end,
    list = function(client, params, options) return client.workspaces:list(params, options) end,
    first = function() return {} end,
    whole = function(count) return book.span(1, count) end,
  },
  backward = {
    client = function(count, size)
      return stub.client(function(request) return book.by_id(count, size, request) end)
    end,
    list = function(client, params, options) return client.api_keys:list(params, options) end,
    first = function(count) return { before_id = tostring(count + 1) } end,
    whole = function(count, size)
      local pages = {}
      for last = count, 1, -size do
        pages[#pages + 1] = book.span(math.max(last - size + 1, 1), last)
      end
      return table.concat(pages, " ")
    end,
  },
  opaque = {
    client = function(_, size)
      return stub.client(function(request)
        local from = time.parse(request.params.starting_at) - START
        local to = time.parse(request.params.ending_at) - START
        return book.by_page(DAY, size, from + DAY, to + DAY, request)
      end)
    end,
    list = function(client, params, options) return client.usage:list(params, options) end,
    first = function(count)
      return { starting_at = START, ending_at = START + count * DAY, window_size = "DAY" }
    end,
    whole = function(count) return book.span(1, count) end,
  },
}

-- A pager of a style over `count` items in pages of `size`, with its client and server.
local function open(style, count, size, options)
  local client, server = style.client(count, size)
  return style.list(client, style.first(count), options), client, server
end

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

for name, style in pairs(STYLES) do
  describe("a list read " .. name, function()
    it("comes item by item in a for loop", function()
      for _, count in ipairs { 0, 1, 2, 3, 4, 7 } do
        local _, client = open(style, count, 3)
        local taken = {}
        for item in style.list(client, style.first(count)) do taken[#taken + 1] = item end
        assert.are.equal(style.whole(count, 3), book.ids(taken))
      end
    end)

    it("comes item by item from next, and then stays at its end", function()
      local pager, _, server = open(style, 5, 2)
      local taken = {}
      for i = 1, 5 do taken[i] = assert(pager:next()) end
      assert.are.equal(style.whole(5, 2), book.ids(taken))
      local requests = #server.requests
      for _ = 1, 3 do
        local item, err = pager:next()
        assert.is_nil(item)
        assert.is_nil(err)
      end
      assert.are.equal(requests, #server.requests)
    end)

    it("comes page by page, with has_more, the cursors and the response", function()
      local pager = open(style, 7, 3)
      local pages = {}
      for page in pager:pages() do
        pages[#pages + 1] = book.ids(page.data)
        assert.are.equal(#pages < 3, page.has_more)
        assert.are.equal(200, page.response.status)
        assert.is_true(core.is_array(page.data))
        if name == "opaque" then
          assert.are.equal(#pages < 3, page.next_page ~= nil)
        else
          assert.are.equal(page.data[1].id, page.first_id)
          assert.are.equal(page.data[#page.data].id, page.last_id)
        end
      end
      assert.are.equal(3, #pages)
      assert.are.equal(style.whole(7, 3), table.concat(pages, " "))
    end)

    it("comes whole from all, or up to a number, which can go on", function()
      local pager = open(style, 7, 3)
      local whole = words(style.whole(7, 3))
      local head = assert(pager:all(4))
      assert.is_true(core.is_array(head))
      assert.are.equal(table.concat(whole, " ", 1, 4), book.ids(head))
      assert.are.equal("", book.ids(assert(pager:all(0))))
      assert.are.equal(table.concat(whole, " ", 5), book.ids(assert(pager:all())))
      assert.are.equal("", book.ids(assert(pager:all())))
      assert.are.equal(style.whole(7, 3), book.ids(assert((open(style, 7, 3)):all(100))))
    end)

    it("is asked for one page at a time, when an item of it is wanted, without prefetch", function()
      local pager, _, server = open(style, 7, 3, { prefetch = false })
      assert.are.equal(0, #server.requests)
      for i = 1, 7 do
        assert(pager:next())
        assert.are.equal(math.ceil(i / 3), #server.requests)
      end
    end)

    it("keeps every other parameter from page to page", function()
      local client, server = style.client(7, 3)
      local params = style.first(7)
      params.limit = 2
      assert(style.list(client, params, { query = { x = "y" } }):all())
      assert.are.equal(4, #server.requests)
      local first = server.requests[1].params
      for _, request in ipairs(server.requests) do
        assert.are.equal("2", request.params.limit)
        assert.are.equal("y", request.params.x)
        assert.are.equal(first.starting_at, request.params.starting_at)
        assert.is_nil(request.params._skip)
      end
    end)

    it("resumes from its cursor after any number of items", function()
      for _, size in ipairs { 1, 2, 3, 5 } do
        for count = 0, 7 do
          local whole = style.whole(count, size)
          for taken = 0, count do
            local pager, client = open(style, count, size)
            local head = assert(pager:all(taken))
            local rest = assert(style.list(client, pager:cursor()):all())
            for _, item in ipairs(rest) do head[#head + 1] = item end
            assert.are.equal(whole, book.ids(head))
          end
        end
      end
    end)

    it("resumes at the end of a page with the next one, and asks for none twice", function()
      local pager, client, server = open(style, 7, 3)
      assert(pager:all(3))
      assert.is_nil(pager:cursor()._skip)
      assert(style.list(client, pager:cursor()):all())
      assert.are.equal(3, #server.requests)
    end)

    it("resumes from cursors of resumed lists, however often", function()
      for step = 1, 4 do
        local client = style.client(7, 3)
        local params, all = style.first(7), {}
        repeat
          local pager = style.list(client, params)
          local part = assert(pager:all(step))
          for _, item in ipairs(part) do all[#all + 1] = item end
          params = pager:cursor()
        until #part == 0
        assert.are.equal(style.whole(7, 3), book.ids(all))
      end
    end)

    if name ~= "backward" then -- there, a page's first item depends on the page's size
      it("resumes in pages of another size", function()
        for taken = 0, 7 do
          for _, limit in ipairs { 1, 2, 5 } do
            local pager, client = open(style, 7, 3)
            local all = assert(pager:all(taken))
            local cursor = pager:cursor()
            cursor.limit = limit
            for item in style.list(client, cursor) do all[#all + 1] = item end
            assert.are.equal(style.whole(7, 3), book.ids(all))
          end
        end
      end)
    end

    it("has a cursor that is a table of its own, made of what can be written to a file", function()
      local pager = open(style, 7, 3)
      assert(pager:all(4))
      local cursor = pager:cursor()
      for key, value in pairs(cursor) do
        assert.are.equal("string", type(key))
        assert.is_truthy(type(value) == "string" or type(value) == "number")
      end
      cursor.limit = 1
      cursor.after_id = "changed"
      assert.is_nil(pager:cursor().limit)
      assert.are_not.equal("changed", pager:cursor().after_id)
    end)

    it("ends with max_items, in the middle of a page as well", function()
      for most = 0, 8 do
        local expected = table.concat(words(style.whole(7, 3)), " ", 1, math.min(most, 7))
        local pager, client, server = open(style, 7, 3, { max_items = most })
        assert.are.equal(expected, book.ids(assert(pager:all())))
        assert.are.equal(math.min(math.ceil(most / 3), 3), #server.requests)
        local taken = {}
        for page in style.list(client, style.first(7), { max_items = most }):pages() do
          for _, item in ipairs(page.data) do taken[#taken + 1] = item end
          assert.is_true(core.is_array(page.data))
          assert.are.equal(200, page.response.status)
        end
        assert.are.equal(expected, book.ids(taken))
      end
    end)

    it("resumes behind max_items", function()
      local pager, client = open(style, 7, 3, { max_items = 4 })
      local head = assert(pager:all())
      for item in style.list(client, pager:cursor()) do head[#head + 1] = item end
      assert.are.equal(style.whole(7, 3), book.ids(head))
    end)

    it("gives the rest of a page to whoever goes on by pages, and nothing twice", function()
      for taken = 0, 7 do
        local pager = open(style, 7, 3)
        local all = assert(pager:all(taken))
        for page in pager:pages() do
          for _, item in ipairs(page.data) do all[#all + 1] = item end
        end
        assert.are.equal(style.whole(7, 3), book.ids(all))
      end
    end)

    it("counts the rest of a page towards max_items", function()
      local pager, client = open(style, 7, 3, { max_items = 5 })
      local all = assert(pager:all(1))
      for page in pager:pages() do
        for _, item in ipairs(page.data) do all[#all + 1] = item end
      end
      assert.are.equal(5, #all)
      for item in style.list(client, pager:cursor()) do all[#all + 1] = item end
      assert.are.equal(style.whole(7, 3), book.ids(all))
    end)

    it("passes over as many items as it is told to, and then resumes as ever", function()
      for skipped = 0, 7 do
        local client = style.client(7, 3)
        local params = style.first(7)
        params._skip = skipped
        local pager = style.list(client, params)
        local items = assert(pager:all(1))
        for item in style.list(client, pager:cursor()) do items[#items + 1] = item end
        assert.are.equal(table.concat(words(style.whole(7, 3)), " ", skipped + 1), book.ids(items))
      end
    end)

    it("tells on_page of every page and of how many items there are so far", function()
      local told = {}
      local pager = open(style, 7, 3, { on_page = function(page, items)
        told[#told + 1] = { #page.data, items, page.response.status }
      end })
      assert(pager:next())
      assert.are.same({ { 3, 3, 200 } }, told)
      assert(pager:all())
      assert.are.same({ { 3, 3, 200 }, { 3, 6, 200 }, { 1, 7, 200 } }, told)
    end)

    it("tells on_page how many pages have come, and whether the list goes on", function()
      for _, most in ipairs { math.huge, 6, 5 } do
        local told = {}
        local pager = open(style, 7, 3, { max_items = most ~= math.huge and most or nil,
          on_page = function(_, _, progress)
            told[#told + 1] = { progress.pages, progress.has_more }
          end })
        assert(pager:all())
        local expected = { { 1, true }, { 2, most > 6 }, most > 6 and { 3, false } or nil }
        assert.are.same(expected, told)
      end
    end)

    it("loses nothing where on_page raises: that reaches the caller, and next goes on", function()
      local fail = true
      local pager = open(style, 5, 2, { on_page = function()
        if fail then error("mine", 0) end
      end })
      local done, raised = pcall(pager.next, pager)
      assert.is_false(done)
      assert.are.equal("mine", raised)
      fail = false
      assert.are.equal(style.whole(5, 2), book.ids(assert(pager:all())))
    end)

    it("returns an error from next, and loses and doubles nothing when asked again", function()
      for failing = 1, 3 do
        local client, server = style.client(7, 3)
        local answer, count = server._answers, 0
        function server._answers(request)
          count = count + 1
          if count == failing then return { status = 500, body = '{"message":"no"}' } end
          return answer(request)
        end
        local pager, all = style.list(client, style.first(7)), {}
        local item, err = pager:next()
        while item do
          all[#all + 1] = item
          item, err = pager:next()
        end
        assert.are.equal((failing - 1) * 3, #all)
        assert.are.equal("internal_server", err.kind)
        assert.is_true(err.retryable)
        for more in pager do all[#all + 1] = more end
        assert.are.equal(style.whole(7, 3), book.ids(all))
      end
    end)

    it("raises an error in for, after the pages before it", function()
      local client, server = style.client(7, 3)
      local answer = server._answers
      function server._answers(request)
        if #server.requests == 3 then return { status = 500, body = '{"message":"no"}' } end
        return answer(request)
      end
      local pager, all = style.list(client, style.first(7)), {}
      local done, raised = pcall(function()
        for item in pager do all[#all + 1] = item end
      end)
      assert.is_false(done)
      assert.is_true(boltz.is_error(raised))
      assert.are.equal("internal_server", raised.kind)
      assert.are.equal(6, #all)
      local rest = {}
      for page in pager:pages() do
        for _, item in ipairs(page.data) do rest[#rest + 1] = item end
      end
      assert.are.equal(style.whole(7, 3), book.ids(all) .. " " .. book.ids(rest))
    end)

    it("returns from all the error, and the items that came before it", function()
      local client, server = style.client(7, 3)
      local answer = server._answers
      function server._answers(request)
        if #server.requests == 2 then return { wire = { drop = true } } end
        return answer(request)
      end
      local pager = style.list(client, style.first(7))
      local items, err, before = pager:all()
      assert.is_nil(items)
      assert.are.equal("connection", err.kind)
      assert.are.equal(3, #before)
      local rest = assert(pager:all())
      for _, item in ipairs(rest) do before[#before + 1] = item end
      assert.are.equal(style.whole(7, 3), book.ids(before))
    end)

    it("can be resumed from its cursor after an error", function()
      local client, server = style.client(7, 3)
      local answer = server._answers
      function server._answers(request)
        if #server.requests == 2 then return { status = 503, body = "" } end
        return answer(request)
      end
      local pager = style.list(client, style.first(7))
      local _, _, all = pager:all()
      for item in style.list(client, pager:cursor()) do all[#all + 1] = item end
      assert.are.equal(style.whole(7, 3), book.ids(all))
    end)

    it("ends when it is closed, and still has its cursor", function()
      local pager, client, server = open(style, 7, 3)
      local head = assert(pager:all(2))
      pager:close()
      pager:close()
      assert.is_nil(pager:next())
      assert.are.same({}, assert(pager:all()))
      assert.is_nil((pager:pages())())
      assert.are.equal(1, #server.requests)
      for item in style.list(client, pager:cursor()) do head[#head + 1] = item end
      assert.are.equal(style.whole(7, 3), book.ids(head))
    end)
  end)
end

describe("a list that is left early", function()
  it("ends when it is closed while its page comes in", function()
    local pager
    local client, server
    client, server = stub.client(function()
      if #server.requests == 2 then pager:close() end
      return ('{"data":[{},{},{}],"last_id":"%d","has_more":true}'):format(#server.requests)
    end)
    pager = client.workspaces:list({}, { prefetch = false })
    local count = 0
    for _ in pager do count = count + 1 end
    assert.are.equal(3, count)
    for _ = 1, 3 do assert.is_nil((pager())) end
  end)

  -- `<close>` of a for loop's fourth value: only where the language has it.
  local CLOSES = (loadstring or load)("local x <close> = nil") ~= nil

  it("is closed by Lua 5.4, and only there", function()
    local client = STYLES.forward.client(7, 3)
    local iterate, state, control, closing = client.workspaces:list()
    assert.are.equal(iterate, closing)
    for _ in iterate, state, control, closing do break end
    assert.are.equal(CLOSES and "nil" or "2", tostring((iterate:next() or {}).id))
  end)

  it("is closed by an error in the loop, but not by leaving a loop over its pages", function()
    local client = STYLES.forward.client(7, 3)
    local pager = client.workspaces:list()
    pcall(function()
      for _ in pager, nil, nil, pager do error("mine") end
    end)
    assert.are.equal(not CLOSES, pager:next() ~= nil)
    pager = client.workspaces:list()
    for _ in pager:pages() do break end
    assert.are.equal("4", pager:next().id)
  end)

  it("costs no request that it did not need", function()
    local client, server = STYLES.forward.client(7, 3)
    for _ in client.workspaces:list() do break end
    assert.are.equal(1, #server.requests)
  end)
end)

describe("a page", function()
  -- A pager over these answers, one a request.
  local function pager_of(answers, params)
    local client, server = stub.client(answers)
    return client.workspaces:list(params or {}), server
  end
  local ONE = '"data":[{"id":"a"}],"first_id":"a","last_id":"a"'

  local LAST = {
    ["an empty list of items"] = '{"data":[],"has_more":true,"last_id":"x","first_id":"x"}',
    ["has_more false"] = "{" .. ONE .. ',"has_more":false}',
    ["no has_more"] = "{" .. ONE .. "}",
    ["has_more null"] = "{" .. ONE .. ',"has_more":null}',
    ["has_more that is no boolean"] = "{" .. ONE .. ',"has_more":"true"}',
    ["no cursor"] = '{"data":[{"id":"a"}],"has_more":true}',
    ["a cursor that is null"] = '{"data":[{"id":"a"}],"has_more":true,"last_id":null}',
    ["a cursor that is empty"] = '{"data":[{"id":"a"}],"has_more":true,"last_id":""}',
  }
  for name, body in pairs(LAST) do
    it("is the last one with " .. name, function()
      local pager, server = pager_of { body }
      local items = assert(pager:all())
      assert.is_true(#items <= 1)
      assert.are.equal(1, #server.requests)
    end)
  end

  local NONSENSE = {
    ["has no data"] = '{"has_more":false}',
    ["has data that is null"] = '{"data":null,"has_more":false}',
    ["has data that is an object"] = '{"data":{},"has_more":false}',
    ["has data that is text"] = '{"data":"x","has_more":false}',
    ["is a list"] = "[]",
    ["is a number"] = "1",
    ["is null"] = "null",
    ["has a cursor that is a number"] = '{"data":[{"id":"a"}],"has_more":true,"last_id":5}',
    ["has a cursor that is an object"] = '{"data":[{"id":"a"}],"has_more":true,"last_id":{}}',
    ["holds null as an item"] = '{"data":[{"id":"a"},null,{"id":"c"}],"has_more":false}',
  }
  for name, body in pairs(NONSENSE) do
    it("that " .. name .. " is an invalid_response, and is asked for again by next", function()
      local pager, server = pager_of { body, "{" .. ONE .. "}" }
      local item, err = pager:next()
      assert.is_nil(item)
      assert.are.equal("invalid_response", err.kind)
      assert.are.equal(200, err.status)
      assert.are.equal("/compute/v1/admin/workspaces", err.path)
      assert.is_false(err.maybe_applied)
      assert.are.equal("a", assert(pager:next()).id)
      assert.are.equal(server.requests[1].query, server.requests[2].query)
    end)
  end

  it("without content ends in an invalid_response", function()
    local _, err = (pager_of { { status = 204 } }):next()
    assert.are.equal("invalid_response", err.kind)
  end)

  local function page(first, last)
    return ('{"data":[{"id":"i"}],"first_id":"%s","last_id":"%s","has_more":true}')
      :format(first, last)
  end

  it("that repeats the cursor it was asked for is refused", function()
    local pager = pager_of({ page("a", "b"), page("b", "b") }, { after_id = "a" })
    assert(pager:next())
    local item, err = pager:next()
    assert.is_nil(item)
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("the server repeats a cursor: the list would not end", err.message)
    assert.is_false(err.retryable)
  end)

  it("that names the cursor that the list began with is refused", function()
    local pager = pager_of({ page("x", "a") }, { after_id = "a" })
    assert.are.equal("invalid_response", select(2, pager:next()).kind)
    pager = pager_of({ page("z", "x") }, { before_id = "z" })
    assert.are.equal("invalid_response", select(2, pager:next()).kind)
  end)

  it("that closes a longer cycle of cursors is refused", function()
    local count = 0
    local pager = pager_of(function()
      count = count + 1
      return page("f", "c" .. count % 5)
    end)
    local items, err, before = pager:all()
    assert.is_nil(items)
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal(5, #before)
    assert.are.equal(6, count)
  end)

  it("that repeats a cursor once is asked for again, and the list goes on", function()
    local pager, server = pager_of { page("a", "b"), page("b", "b"), page("b", "c"),
      '{"data":[{"id":"last"}],"has_more":false}' }
    local items, _, before = pager:all()
    assert.is_nil(items)
    assert.are.equal(1, #before)
    assert.are.equal("i last", book.ids(assert(pager:all())))
    assert.are.equal("after_id=b", server.requests[2].query)
    assert.are.equal("after_id=b", server.requests[3].query)
    assert.are.equal("after_id=c", server.requests[4].query)
  end)

  it("that has an opaque cursor repeated is refused", function()
    local client = stub.client(function()
      return '{"data":[{"quantity":1}],"has_more":true,"next_page":"p"}'
    end)
    local items, err, before = client.usage:list({ starting_at = 0, ending_at = DAY,
      window_size = "DAY" }):all()
    assert.is_nil(items)
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal(1, #before)
  end)

  it("of another kind of cursor than the resource's does not confuse it", function()
    local pager, server = pager_of { '{"data":[{"id":"a"}],"last_id":"a","next_page":"p",'
      .. '"has_more":true}', '{"data":[],"has_more":false}' }
    assert(pager:all())
    assert.are.equal("after_id=a", server:last().query)
  end)

  for _, body in ipairs { '{"data":[{"x":1},{"x":2},{"x":3}]}', '{"data":["a","b","c"]}',
    '{"data":[{"id":1},{"id":2},{"id":3}]}' } do
    it("whose items have no id that is text is resumed all the same: " .. body, function()
      local client = stub.client(function() return body end)
      local pager = client.workspaces:list()
      local items = assert(pager:all(2))
      for item in client.workspaces:list(pager:cursor()) do items[#items + 1] = item end
      assert.are.same(core.decode(body).data, items)
    end)
  end

  it("keeps its unknown fields, and its items theirs", function()
    local pager = pager_of { '{"data":[{"id":"a","later":{"x":1}}],"total":5,"has_more":false}' }
    local whole = (pager:pages())()
    assert.are.equal(5, whole.total)
    assert.are.equal(1, whole.data[1].later.x)
  end)
end)

describe("a pager that is taken for something else", function()
  local pager = stub.client(function(request) return book.by_id(3, 3, request) end)
    .workspaces:list()
  local NO_LIST = "a pager has no positions and no length: a list is read by "
    .. "'for item in pager do ... end', pager:next() or pager:all()"

  it("says how a list is read where it is indexed by a number", function()
    assert.are.equal(NO_LIST, mistake(function() local _ = pager[1] end))
  end)

  local has_len = #setmetatable({}, { __len = function() return 1 end }) == 1
  if has_len then -- not in LuaJIT, which asks tables for neither
    it("says how a list is read where its length is asked for, and in ipairs", function()
      assert.are.equal(NO_LIST, mistake(function() local _ = #pager end))
      assert.are.equal(NO_LIST, mistake(function() for _ in ipairs(pager) do end end))
    end)
  end

  it("raises for a name that it does not have, with the one that is meant", function()
    assert.are.equal("pager has no 'data'; did you mean 'pages'?",
      mistake(function() local _ = pager.data end))
    assert.are.equal("pager has no 'nxet'; did you mean 'next'?",
      mistake(function() pager:nxet() end))
    assert.are.equal("pager has no 'map_over'; known are all, close, cursor, next, pages",
      mistake(function() pager:map_over() end))
    assert.is_nil(pager._anything)
  end)

  it("says how its methods are called where one is called with a dot", function()
    for _, name in ipairs { "next", "pages", "all", "cursor", "close" } do
      local text = "'pager:" .. name .. "' is a method: call it with a colon"
      assert.are.equal(text, mistake(function() pager[name]() end))
      assert.are.equal(text, mistake(function() pager[name] { max = 3 } end))
    end
    local client = stub.client()
    assert.are.equal("'pager:next' is a method: call it with a colon",
      mistake(function() client.workspaces:list().next() end))
  end)

  it("is shown with its list and how far it is, on every Lua", function()
    local client = stub.client(function(request) return book.by_id(3, 2, request) end)
    local list = client.workspaces:list { _skip = 1 }
    assert.are.equal("boltz.pager (workspaces:list, 0 items taken)", tostring(list))
    list:next()
    assert.are.equal("boltz.pager (workspaces:list, 1 item taken)", tostring(list))
    list:all()
    assert.are.equal("boltz.pager (workspaces:list, 2 items taken)", tostring(list))
    assert.are.equal("boltz.pager (client:paginate, 0 items taken)",
      tostring((client:paginate("/x"))))
  end)

  it("is still compared by a test, gone through by pairs, and read", function()
    local other = pager
    assert.are.same(other, pager)
    local fields = 0
    for _ in pairs(pager) do fields = fields + 1 end
    assert.is_true(fields > 0)
    assert.are.equal("1 2 3", book.ids(assert(pager:all())))
  end)
end)

describe("pager:all", function()
  it("takes a whole number, and raises at the caller's line for anything else", function()
    local client = STYLES.forward.client(3, 3)
    local pager = client.workspaces:list()
    local text = mistake(function() pager:all("5") end)
    assert.is_truthy(text:find("bad argument", 1, true) or text:find("bad parameter", 1, true))
    assert.is_truthy(text:find("pager:all", 1, true))
  end)
end)

describe("a range of usage that takes several queries", function()
  -- A client of a service that answers one item a window, named by its number since the epoch.
  local function metered(window, longest, size)
    return stub.client(function(request)
      local from = time.parse(request.params.starting_at)
      local to = time.parse(request.params.ending_at)
      assert(to - from <= longest, "the service refuses a range that is too long")
      return book.by_page(window, size, from, to, request)
    end)
  end

  local CASES = {
    { "HOUR", HOUR, 31 * DAY, "of just one query", START, 31 * DAY, 1 },
    { "HOUR", HOUR, 31 * DAY, "a second longer", START, 31 * DAY + 1, 2 },
    { "HOUR", HOUR, 31 * DAY, "over three", START + 5, 70 * DAY, 3 },
    { "DAY", DAY, 365 * DAY, "of just one query", START, 365 * DAY, 1 },
    { "DAY", DAY, 365 * DAY, "a second longer", START, 365 * DAY + 1, 2 },
    { "DAY", DAY, 365 * DAY, "over four, from noon", START + 12 * HOUR, 1200 * DAY, 4 },
  }
  for _, case in ipairs(CASES) do
    local name, window, longest, title, from, length, parts =
      case[1], case[2], case[3], case[4], case[5], case[6], case[7]
    local params = { starting_at = from, ending_at = from + length, window_size = name,
      group_by = "application" }
    local expected = book.span(math.floor(from / window), math.ceil((from + length) / window) - 1)

    it(("is one list by %s, %s: no window twice, none missing"):format(name, title), function()
      local client, server = metered(window, longest, 10000)
      assert.are.equal(expected, book.ids(assert(client.usage:list(params):all())))
      assert.are.equal(parts, #server.requests)
      for _, request in ipairs(server.requests) do
        assert.are.equal("application", request.params["group_by[]"])
      end
    end)

    it(("is one list by %s, %s, of many pages a part"):format(name, title), function()
      local client = metered(window, longest, 100)
      local taken = {}
      for page in client.usage:list(params):pages() do
        for _, item in ipairs(page.data) do taken[#taken + 1] = item end
      end
      assert.are.equal(expected, book.ids(taken))
    end)
  end

  it("resumes inside any part, and at the seams", function()
    local from, days = START + 12 * HOUR, 800
    local params = { starting_at = from, ending_at = from + days * DAY, window_size = "DAY" }
    local expected = book.span(math.floor(from / DAY), math.ceil((from + days * DAY) / DAY) - 1)
    for _, taken in ipairs { 0, 1, 99, 100, 101, 300, 364, 365, 366, 367, 729, 730, 731, 800,
      801 } do
      local client = metered(DAY, 365 * DAY, 100)
      local pager = client.usage:list(params)
      local all = assert(pager:all(taken))
      for item in client.usage:list(pager:cursor()) do all[#all + 1] = item end
      assert.are.equal(expected, book.ids(all))
    end
  end)

  it("goes on after an error in a later part, with nothing lost or doubled", function()
    local client, server = metered(DAY, 365 * DAY, 200)
    local answer = server._answers
    function server._answers(request)
      if #server.requests == 4 then return { status = 502, body = "" } end
      return answer(request)
    end
    local pager = client.usage:list { starting_at = START, ending_at = START + 800 * DAY,
      window_size = "DAY" }
    local _, err, all = pager:all()
    assert.are.equal("internal_server", err.kind)
    assert.are.equal(365 + 200, #all)
    for item in pager do all[#all + 1] = item end
    assert.are.equal(book.span(START / DAY, START / DAY + 799), book.ids(all))
  end)

  it("may use the same cursor in several parts, which are different queries", function()
    local client, server = metered(DAY, 365 * DAY, 200)
    assert(client.usage:list({ starting_at = START, ending_at = START + 730 * DAY,
      window_size = "DAY" }):all())
    assert.are.equal("200", server.requests[2].params.page)
    assert.are.equal("200", server.requests[4].params.page)
  end)

  it("goes on past a part that is empty, in items and in pages", function()
    local function client()
      return (stub.client(function(request)
        local empty = time.parse(request.params.starting_at) == START
        return empty and '{"data":[],"has_more":false}' or '{"data":[{"id":"x"}],"has_more":false}'
      end))
    end
    local params = { starting_at = START, ending_at = START + 400 * DAY, window_size = "DAY" }
    assert.are.equal("x", book.ids(assert(client().usage:list(params):all())))
    local pages = 0
    for page in client().usage:list(params):pages() do
      pages = pages + 1
      assert.are.equal("x", book.ids(page.data))
    end
    assert.are.equal(1, pages)
  end)

  it("is one list under max_items", function()
    local client, server = metered(DAY, 365 * DAY, 365)
    local items = assert(client.usage:list({ starting_at = START, ending_at = START + 800 * DAY,
      window_size = "DAY" }, { max_items = 366 }):all())
    assert.are.equal(366, #items)
    assert.are.equal(2, #server.requests)
  end)

  it("is not split by a window that only the service may know (validate = false)", function()
    local client, server = stub.client(function() return '{"data":[]}' end)
    client.usage:list({ starting_at = START, ending_at = START + 4000 * DAY,
      window_size = "MONTH" }, { validate = false }):next()
    assert.are.equal("2035-12-15T00:00:00Z", server:last().params.ending_at)
  end)
end)

describe("a cursor of the server's that is too long to be sent", function()
  it("ends the list with an error, after the items that came with it", function()
    local cursor, count = ("c"):rep(8193), 0
    local client = stub.client(function()
      return '{"data":[{"id":"1"},{"id":"2"}],"has_more":true,"last_id":"' .. cursor .. '"}'
    end)
    local pager = client.workspaces:list()
    for _ = 1, 2 do count = count + (pager:next() and 1 or 0) end
    assert.are.equal(2, count)
    local item, err = pager:next()
    assert.is_nil(item)
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("the server's cursor has 8193 bytes, more than 8192", err.message)
  end)
end)
