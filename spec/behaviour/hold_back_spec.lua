-- SPDX-License-Identifier: MIT
-- A 429 holds back what its client has not sent yet.

local boltz = require "boltz"
local book = require "support.book"
local clients = require "support.clients"
local core = require "boltz.core"
local servers = require "support.servers"
local stub = require "support.stub"
local wire = require "support.wire"

-- A client that tries again, as clients do by themselves.
local function client_of(server, options)
  local given = { max_retries = 2 }
  for name, value in pairs(options or {}) do given[name] = value end
  return clients.of(server, given)
end

-- Refuses "w1" when N requests have come, and answers the others of them. What comes before the
-- time that it asked for is over is "too early".
local function limiter(n)
  return ("local N = %d "):format(n) .. [[
    local WAIT = 0.3 -- seconds
    local now = require("socket").gettime
    local waiting, ends = {}
    local function refuse(c)
      c:send(answer("{}", ("Retry-After: %.1f\r\n"):format(WAIT), "429 Too Many Requests"))
    end
    local function grant(c, id) c:send(answer(('{"id":"%s"}'):format(id))) end
    serve(function(c)
      local request = c:request()
      while request do
        local id = request.target:match("[^/]*$")
        if not ends then
          waiting[id] = c
          N = N - 1
          if N == 0 then
            ends = now() + WAIT
            refuse(waiting.w1)
            waiting.w1 = nil
            require("socket").sleep(0.05) -- the client shall read that before the others' answers
            for each, connection in pairs(waiting) do grant(connection, each) end
          end
        elseif now() < ends then
          record "too early"
          refuse(c)
        else
          grant(c, id)
        end
        request = c:request()
      end
    end)
  ]]
end

-- How often each word was seen, with the last of the path for a request.
local function counts(server)
  local count = setmetatable({}, { __index = function() return 0 end })
  for _, text in ipairs(server:records()) do
    local word = text:match("^%u+ %S*/(%S*) HTTP") or text
    count[word] = count[word] + 1
  end
  return count
end

local function seconds_of(call)
  local started = core.now()
  local value, err = call()
  return core.now() - started, err, value
end

describe("a 429", function()
  after_each(clients.stop_all)

  for _, ordered in ipairs { false, true } do
    it("holds back all calls of a map, once" .. (ordered and ", in order, too" or ""), function()
      local server = wire.start(limiter(8))
      local statuses = {}
      local client = client_of(server, { on_attempt = function(event)
        statuses[event.status] = (statuses[event.status] or 0) + 1
      end })
      local list, taken = {}, 0
      for i = 1, 32 do list[i] = "w" .. i end
      for id, workspace, err in boltz.map(list, function(id)
        return client.workspaces:retrieve(id)
      end, { concurrency = 8, ordered = ordered }) do
        assert.is_nil(err)
        assert.are.equal(id, workspace.id)
        taken = taken + 1
      end
      assert.are.equal(32, taken)
      assert.are.same({ [200] = 32, [429] = 1 }, statuses)
      local count = counts(server)
      assert.are.equal(0, count["too early"])
      assert.are.equal(2, count.w1)
      for i = 2, 32 do assert.are.equal(1, count["w" .. i]) end
    end)
  end

  it("holds back the copies of its client, too", function()
    local server = wire.start(limiter(2))
    local client = client_of(server)
    local copy = clients.keep(client:with { timeout = 10 })
    local results, errors = boltz.gather {
      function() return client.workspaces:retrieve "w1" end,
      function()
        assert(copy.workspaces:retrieve "w2")
        return copy.workspaces:retrieve "w3"
      end,
    }
    assert.is_nil(errors)
    assert.are.same({ "w1", "w3" }, { results[1].id, results[2].id })
    assert.are.equal(0, counts(server)["too early"])
  end)
end)

-- A client in this process whose time goes on as it sleeps, and whose calls are answered 429 when
-- their id is a number of seconds.
local function timed(options)
  local given = { max_retries = 1 }
  for name, value in pairs(options or {}) do given[name] = value end
  local client, server = stub.client(function(request)
    local seconds = request.path:match("/([%d.]+)$")
    if not seconds then return '{"id":"x"}' end
    return { status = 429, headers = { ["Retry-After"] = seconds }, body = "{}" }
  end, given)
  local clock = { at = 1000, waits = {} }
  client._user.session.clock = {
    now = function() return clock.at end,
    wall = function() return clock.at end,
    random = function() return 0 end,
  }
  client._user.session.transport.sleep = function(_, seconds)
    clock.waits[#clock.waits + 1] = seconds
    if clock.during then clock.during(seconds) else clock.at = clock.at + seconds end
  end
  function clock.hold(seconds)
    local _, err = client.workspaces:retrieve(seconds, { max_retries = 0 })
    assert.are.equal("rate_limit", err.kind)
  end
  -- As a call does that is tried again.
  function clock.hold_on(seconds) client._user.session.cooldown:hold(clock.at, seconds) end
  return client, server, clock
end

describe("the time for which a 429 holds back", function()
  after_each(clients.stop_all)

  it("is waited out by every call, and then over", function()
    local client, server, clock = timed()
    clock.hold "30"
    assert.are.equal("x", client.workspaces:retrieve("ws").id)
    assert.are.equal("x", client.workspaces:retrieve("ws").id)
    assert.are.same({ 30 }, clock.waits)
    assert.are.equal(3, #server.requests)
  end)

  it("is what is left of it when a call begins", function()
    local client, _, clock = timed()
    clock.hold "30"
    clock.at = clock.at + 20
    assert(client.workspaces:retrieve "ws")
    assert.are.same({ 10 }, clock.waits)
  end)

  it("is waited out for a page that would be asked for ahead when that is wanted", function()
    local client, server, clock = timed()
    local answers = server._answers
    server._answers = function(request)
      if request.path:find "/workspaces/" then return answers(request) end
      return book.by_id(8, 4, request)
    end
    local pager = client.workspaces:list()
    assert(pager:next())
    clock.hold "30"
    for _ = 2, 4 do assert(pager:next()) end
    assert.are.same({ 2, 0 }, { #server.requests, #clock.waits })
    assert.are.equal("5", pager:next().id)
    assert.are.same({ 30 }, clock.waits)
    assert.are.equal(3, #server.requests)
  end)

  it("is longer when a later 429 asks for more, also for a call that waits already", function()
    local client, _, clock = timed()
    clock.hold "10"
    clock.during = function()
      clock.during = nil
      clock.at = clock.at + 4
      clock.hold_on(20)
      clock.at = clock.at + 6
    end
    assert(client.workspaces:retrieve "ws")
    assert.are.same({ 10, 14 }, clock.waits)
  end)

  it("is no longer when a call that is tried only once is refused", function()
    local client, _, clock = timed()
    clock.hold "10"
    clock.during = function()
      clock.during = nil
      clock.at = clock.at + 4
      clock.hold "20"
      clock.at = clock.at + 6
    end
    assert(client.workspaces:retrieve "ws")
    assert.are.same({ 10 }, clock.waits)
  end)

  it("is no shorter when a later 429 asks for less", function()
    local client, _, clock = timed()
    clock.hold "30"
    clock.hold "1"
    assert(client.workspaces:retrieve "ws")
    assert.are.same({ 30 }, clock.waits)
  end)

  it("holds no call that is tried only once", function()
    local client, server, clock = timed()
    clock.hold "30"
    assert(client.workspaces:retrieve("ws", { max_retries = 0 }))
    local once = client:with { max_retries = 0 }
    assert(once.workspaces:retrieve "ws")
    assert.are.same({}, clock.waits)
    assert.are.equal(3, #server.requests)
  end)

  it("is not waited for by another client", function()
    local _, _, clock = timed()
    clock.hold "30"
    local other, _, others_clock = timed()
    assert(other.workspaces:retrieve "ws")
    assert.are.same({}, others_clock.waits)
  end)

  it("beyond a minute has calls fail at once, while it lasts", function()
    local client, server, clock = timed()
    clock.hold "61"
    for _, left in ipairs { 61, 1 } do
      clock.at = 1061 - left
      local _, err = client.workspaces:retrieve "ws"
      assert.are.equal("rate_limit", err.kind)
      assert.matches("asked for a long wait, of which " .. left .. " s are left", err.message)
      assert.is_nil(err.status)
      assert.are.equal(0, err.attempts)
      assert.is_true(err.retryable)
      assert.is_false(err.maybe_applied)
    end
    assert.are.equal(1, #server.requests)
    clock.at = 1061
    assert(client.workspaces:retrieve "ws")
    assert.are.same({}, clock.waits)
  end)

  it("is none where the server says not to try again", function()
    local client, server, clock = timed()
    server._answers = function()
      return { status = 429, headers = { ["Retry-After"] = "5", ["x-should-retry"] = "false" } }
    end
    client.workspaces:retrieve("ws", { max_retries = 0 })
    server._answers = function() return '{"id":"x"}' end
    local _, err = client.workspaces:retrieve "ws"
    assert.is_nil(err)
    assert.are.same({}, clock.waits)
  end)

  it("beyond a call's deadline is a `timeout` at once, and nothing is sent", function()
    local client, server, clock = timed()
    clock.hold "30"
    for _, options in ipairs { { deadline = 10 }, { deadline = 30 } } do
      for _, call in ipairs {
        function() return client.workspaces:retrieve("ws", options) end,
        function() return client.workspaces:create({ name = "new" }, options) end,
        function() return client.workspaces:list({}, options):next() end,
      } do
        local value, err = call()
        assert.is_nil(value)
        assert.are.equal("timeout", err.kind)
        assert.matches("429.*30 s, beyond the deadline", err.message)
        assert.are.equal(0, err.attempts)
        assert.is_true(err.retryable)
        assert.is_false(err.maybe_applied)
      end
    end
    assert.are.same({}, clock.waits)
    assert.are.equal(1, #server.requests)
    assert(client.workspaces:retrieve("ws", { deadline = 31 }))
    assert.are.same({ 30 }, clock.waits)
  end)

  it("beyond a deadline ends a call that waits already, when it becomes so", function()
    local client, server, clock = timed()
    clock.hold "10"
    clock.during = function()
      clock.at = clock.at + 4
      clock.hold_on(20)
      clock.at = clock.at + 6
    end
    local _, err = client.workspaces:retrieve("ws", { deadline = 15 })
    assert.are.equal("timeout", err.kind)
    assert.are.equal(0, err.attempts)
    assert.are.same({ 10 }, clock.waits)
    assert.are.equal(1, #server.requests)
  end)

  it("beyond a deadline leaves the number of attempts that were made", function()
    local client, server, clock = timed { max_retries = 3 }
    server._answers = function(request)
      if request.path:find "/30$" then
        return { status = 429, headers = { ["Retry-After"] = "30" } }
      end
      return { status = 503, headers = { ["Retry-After"] = "1" } }
    end
    clock.during = function(seconds)
      if #clock.waits == 2 then clock.hold_on(30) end
      clock.at = clock.at + seconds
    end
    local _, err = client.workspaces:retrieve("ws", { deadline = 10 })
    assert.are.equal("timeout", err.kind)
    assert.are.equal(2, err.attempts)
    assert.are.same({ 1, 1 }, clock.waits)
  end)
end)

describe("closing a client while a 429 holds it back", function()
  after_each(clients.stop_all)

  local LONG = 30 -- seconds

  local REFUSE = servers.always("{}", ("Retry-After: %d\r\n"):format(LONG),
    "429 Too Many Requests")

  it("ends the wait at once with `cancelled`, for each call that waits", function()
    local server = wire.start(REFUSE)
    local refused, refused_of, third_waits = 0, {}, false
    local client = client_of(server, { on_attempt = function(event)
      refused = refused + 1
      refused_of[event.path .. event.method] = true
    end })
    local PATH = "/compute/v1/admin/workspaces"
    local seconds, _, errors = seconds_of(function()
      local _, errors = boltz.gather {
        function() return client.workspaces:retrieve "first" end,
        function() return client.workspaces:create { name = "second" } end,
        function()
          client:get("/later", { max_retries = 0 }) -- what makes it wait
          third_waits = true
          return client.workspaces:retrieve "third"
        end,
        function()
          repeat
            client:get("/later", { max_retries = 0 })
          until third_waits and refused_of[PATH .. "/{workspace_id}GET"]
            and refused_of[PATH .. "POST"]
          client:close()
        end,
      }
      return errors
    end)
    assert.is_true(seconds < LONG / 2, seconds)
    for i, attempts in ipairs { 1, 1, 0 } do
      local err = errors[i]
      assert.are.equal("cancelled", err.kind)
      assert.are.equal("the client is closed", err.message)
      assert.are.equal(attempts, err.attempts)
      assert.is_false(err.maybe_applied)
    end
    assert.are.equal(refused, #server:records()) -- nothing was sent once more
  end)

  it("ends a map whose calls are held back", function()
    local server = wire.start(REFUSE)
    local client = client_of(server)
    client:get("/first", { max_retries = 0 })
    local kinds = {}
    local seconds = seconds_of(function()
      for id, value, err in boltz.map({ 1, 2, 3 }, function(i)
        if i == 1 then return "first" end
        return client.workspaces:retrieve(tostring(i))
      end) do
        if id == 1 then
          assert.are.equal("first", value)
          client:close()
        else
          kinds[#kinds + 1] = err.kind .. " " .. err.attempts
        end
      end
    end)
    assert.is_true(seconds < LONG / 2, seconds)
    assert.are.same({ "cancelled 0", "cancelled 0" }, kinds)
    assert.are.equal(1, #server:records())
  end)

  it("leaves alone what another client of the same session waits for", function()
    local client, server, clock = timed()
    local copy = client:with { timeout = 5 }
    clock.hold "30"
    clock.during = function(seconds)
      copy:close()
      clock.at = clock.at + seconds
    end
    assert.are.equal("x", client.workspaces:retrieve("ws").id)
    assert.are.equal(2, #server.requests)
  end)
end)

describe("a call that is held back and is ended there", function()
  after_each(clients.stop_all)

  -- A map of which one call is held back, and its client.
  local function held()
    local answers = { { status = 429, headers = { ["Retry-After"] = "0.1" }, body = "{}" } }
    local client = stub.client(function() return table.remove(answers) or '{"id":"x"}' end,
      { max_retries = 2, deadline = 20 })
    local map = boltz.map({ "quick", "held" }, function(id)
      return id == "quick" or client.workspaces:retrieve(id)
    end)
    assert.are.equal("quick", (map()))
    return map, client
  end

  it("has no other wait for its turn when the map is closed", function()
    local map, client = held()
    map:close()
    assert.are.equal("x", client.workspaces:retrieve("ws").id)
  end)

  it("has no other wait for its turn when nothing holds the map any more", function()
    local client
    coroutine.wrap(function() -- a stack of its own, which goes with it
      local map
      map, client = held()
      return map ~= nil
    end)()
    collectgarbage()
    collectgarbage()
    assert.are.equal("x", client.workspaces:retrieve("ws").id)
  end)
end)

describe("a deadline", function()
  after_each(clients.stop_all)

  it("ends the wait for another call's answer, when a 429 lets only one go", function()
    local client = client_of(wire.start [[
      local is_refused, first = false, nil
      serve(function(c)
        local request = c:request()
        while request do
          local is_first = request.target:find "first"
          if is_first and not is_refused then
            is_refused = true
            c:send(answer("{}", "Retry-After: 0.1\r\n", "429 Too Many Requests"))
          elseif is_first then
            first = c
          elseif request.target:find "over" then
            first:send(answer '{"id":"first"}')
            c:send(answer "{}")
          end
          request = c:request()
        end
      end)
    ]])
    local results, errors = boltz.gather {
      function() return client.workspaces:retrieve("first") end,
      function()
        client:get("/x", { max_retries = 0, timeout = 0.2 }) -- not answered: "first" is refused
        local value, err = client.workspaces:retrieve("second", { deadline = 0.5 })
        client:get("/over", { max_retries = 0 })
        return value, err
      end,
    }
    assert.are.equal("first", results[1].id)
    assert.are.equal("timeout", errors[2].kind)
    assert.are.equal(0, errors[2].attempts)
  end)
end)
