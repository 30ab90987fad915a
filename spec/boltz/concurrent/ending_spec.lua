-- SPDX-License-Identifier: MIT
-- What becomes of the calls under way when a function of a map raises, or its loop is left.
local boltz = require "boltz"
local clients = require "support.clients"
local core = require "boltz.core"
local stub = require "support.stub"
local wire = require "support.wire"

local MINE = { "mine" }

-- Answers "go" when a request that changes something is there, and a "slow" one; never "slow"; and
-- the change when the client has left "slow", with HELD, a text, in place of its answer.
local function server_with(held)
  return wire.start(("local HELD = %q "):format(held) .. [[
    local change, slow, go
    local function look()
      if not (change and slow and go) then return end
      go:send(answer '{"id":"go"}')
      go = nil
    end
    serve(function(c)
      local request = c:request()
      while request do
        local id = request.target:match("[^/]*$")
        if request.method ~= "GET" then
          change = c
        elseif id == "go" then
          go = c
        elseif id == "slow" then
          slow = c
        else
          c:send(answer(('{"id":"%s"}'):format(id)))
        end
        look()
        request = c:request()
        if not request and slow == c then
          record "gone"
          if HELD ~= "" then change:send(HELD) end
        end
      end
    end)
  ]])
end

local function answer(body, status)
  return ("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s"):format(status or "200 OK", #body, body)
end

-- A logger that notes what is told of such calls, and no retries.
local function noting(lines)
  return function(level, message, fields)
    if not message:find("^no result tells") then return end
    lines[#lines + 1] = { level = level, fields = fields }
  end
end

-- A client of such a server, and the list of what it logs.
local function start(held, options)
  local server, lines = server_with(held), {}
  local given = { logger = noting(lines) }
  for name, value in pairs(options or {}) do given[name] = value end
  return clients.of(server, given), lines, server
end

-- Functions by the items of a map: one that changes something, one that reads, and one that raises
-- when both are under way.
local function functions_of(client, change)
  return {
    change = change,
    slow = function() return client.workspaces:retrieve("slow") end,
    raise = function()
      assert(client.workspaces:retrieve("go"))
      error(MINE)
    end,
    never = function() return client.workspaces:retrieve("never") end,
  }
end

local ITEMS = { "change", "slow", "raise", "never" }

local function run(functions)
  for _ in boltz.map(ITEMS, function(item) return functions[item]() end, { concurrency = 3 }) do
    assert.is_nil("a result")
  end
end

local function assert_raises(fn, ...)
  local done, raised = pcall(fn, ...)
  assert.is_false(done)
  assert.are.equal(MINE, raised)
end

-- The only line that was logged.
local function only(lines)
  assert.are.equal(1, #lines)
  assert.are.equal("warn", lines[1].level)
  for _, field in pairs(lines[1].fields) do
    assert.is_nil(tostring(field):find(stub.KEY:sub(1, 13), 1, true))
  end
  return lines[1].fields
end

local function count(server, wanted)
  local found = 0
  for _, record in ipairs(server:records()) do
    if record:find(wanted, 1, true) then found = found + 1 end
  end
  return found
end

describe("when a function of a map raises", function()
  after_each(clients.stop_all)

  it("a create under way is waited for and logged, a read is ended, no call begins", function()
    local client, lines, server = start(answer('{"id":"ws_made"}', "201 Created"))
    local context = { job = 7 }
    assert_raises(run, functions_of(client, function()
      return client.workspaces:create({}, { context = context })
    end))
    local fields = only(lines)
    assert.are.equal(context, fields.context)
    assert.are.equal("number", type(fields.call))
    assert.are.equal("POST", fields.method)
    assert.are.equal("/compute/v1/admin/workspaces", fields.path)
    assert.are.equal("/compute/v1/admin/workspaces", fields.url_path)
    assert.are.equal("ws_made", fields.ids)
    assert.are.equal(201, fields.status)
    assert.is_nil(fields.error)
    assert.is_false(fields.maybe_applied)
    assert.are.equal(1, count(server, "gone"))
    assert.are.equal(0, count(server, "/never "))
  end)

  it("the line has no key that a create has made", function()
    local client, lines = start(answer('{"key":"sk_bc_ws_live_0123456789abcdefghijklmnopqrstuv",'
      .. '"key_details":{"id":"key_made"}}'))
    assert_raises(run, functions_of(client, function()
      return client.api_keys:create { name = "n" }
    end))
    local fields = only(lines)
    assert.are.equal("key_made", fields.ids)
    for _, field in pairs(fields) do assert.is_nil(tostring(field):find("0123", 1, true)) end
  end)

  it("a change that is not answered is waited for as long as its timeout, and no longer", function()
    local client, lines = start("", { timeout = 0.3, max_retries = 5 })
    local functions = functions_of(client, function()
      return client.workspaces:update("ws_1", { name = "n" })
    end)
    functions.slow = function()
      return client.workspaces:retrieve("slow", { timeout = 20 })
    end
    local began = core.now()
    assert_raises(run, functions)
    assert.is_true(core.now() - began < 10) -- and not six times, with the waits between
    local fields = only(lines)
    assert.are.equal("timeout", fields.error)
    assert.is_true(fields.maybe_applied)
    assert.are.equal(1, fields.attempts)
    assert.are.equal("/compute/v1/admin/workspaces/ws_1", fields.url_path)
    assert.are.equal("/compute/v1/admin/workspaces/{workspace_id}", fields.path)
  end)

  it("a change that fails is not tried again, and what became of it is logged", function()
    local client, lines, server = start(answer('{"message":"no"}', "500 No"), { max_retries = 5 })
    assert_raises(run, functions_of(client, function()
      return client.workspaces:update("ws_1", { name = "n" })
    end))
    local fields = only(lines)
    assert.are.equal("internal_server", fields.error)
    assert.are.equal(500, fields.status)
    assert.are.equal(1, count(server, "/ws_1 "))
  end)

  it("a change that waits before another attempt is not made again", function()
    local lines = {}
    local client = stub.client(function(request)
      return request.method == "GET" and "{}" or { status = 500, body = "{}" }
    end, { max_retries = 5, logger = noting(lines) })
    assert_raises(boltz.gather, {
      function() return client.workspaces:update("ws_1", { name = "n" }) end,
      function() error(MINE) end,
    })
    local fields = only(lines)
    assert.are.equal("cancelled", fields.error)
    assert.are.equal(1, fields.attempts)
    assert.is_true(fields.maybe_applied)
  end)

  it("changes of which the results have not been taken are logged, and none that was", function()
    local lines, made = {}, 0
    local client = stub.client(function()
      made = made + 1
      return ('{"id":"ws_%d"}'):format(made)
    end, { logger = noting(lines) })
    local taken = {}
    local map = boltz.map({ 1, 2, 3, 4 }, function(i)
      if i == 4 then error(MINE) end
      return assert(client.workspaces:create()).id
    end, { concurrency = 2 })
    assert_raises(function()
      for _, id in map do taken[#taken + 1] = id end
    end)
    assert.is_true(#taken > 0)
    for _, line in ipairs(lines) do taken[#taken + 1] = line.fields.ids end
    table.sort(taken)
    assert.are.same({ "ws_1", "ws_2", "ws_3" }, taken)
  end)

  it("an error that it raises is not logged as well, and no failure that it was told of", function()
    local lines = {}
    local client = stub.client(function() return { status = 409, body = "{}" } end,
      { logger = noting(lines) })
    local done, raised = pcall(boltz.gather, { function()
      assert.is_nil((client.workspaces:create()))
      error(select(2, client.workspaces:create()))
    end })
    assert.is_false(done)
    assert.are.equal("conflict", raised.kind)
    assert.are.same({}, lines)
  end)

  it("changes inside a map of another function are waited for, too", function()
    for _, between in ipairs { false, true } do
      local client, lines = start(answer '{"id":"ws_made"}')
      local functions = functions_of(client, function()
        for _, result in boltz.map({ "quick", "change" }, function(item)
          if item == "quick" then return item end
          return client.workspaces:create()
        end, { concurrency = 2 }) do
          -- The loop's body waits, while the map's call is under way.
          if between and result == "quick" then client.workspaces:retrieve("slow") end
        end
      end)
      assert_raises(run, functions)
      assert.are.equal("ws_made", only(lines).ids)
      clients.stop_all()
    end
  end)

  it("changes that a map inside of a function has told of are that function's", function()
    local lines = {}
    local client = stub.client(function() return '{"id":"ws_made"}' end,
      { logger = noting(lines) })
    assert_raises(boltz.gather, { function()
      boltz.gather { function() return client.workspaces:create() end }
      error(MINE)
    end })
    assert.are.equal("ws_made", only(lines).ids)
  end)

  it("what is under way is ended when the loop is left before it raises, and logged", function()
    local client, lines, server = start("")
    local functions = functions_of(client, function() return client.workspaces:create() end)
    local map = boltz.map({ "quick", "change", "slow", "raise" }, function(item)
      return item == "quick" and item or functions[item]()
    end, { concurrency = 4 })
    assert.are.equal("quick", (map()))
    map:close()
    assert.is_nil(map())
    assert(client.workspaces:retrieve("after"))
    assert.are.equal("cancelled", only(lines).error)
    assert.is_true(lines[1].fields.maybe_applied)
    assert.is_true(count(server, "gone") <= 1)
  end)
end)

describe("when a loop over a map is left", function()
  after_each(clients.stop_all)

  it("what was made and not told of yet is logged, and what was read is not", function()
    local lines = {}
    local made = 0
    local client = stub.client(function(request)
      if request.method == "GET" then return '{"id":"ws_read"}' end
      made = made + 1
      return ('{"id":"ws_%d"}'):format(made)
    end, { logger = noting(lines) })
    local map = boltz.map({ 1, 2, 3, 4 }, function(item)
      if item == 4 then return client.workspaces:retrieve("x") end
      return client.workspaces:create()
    end, { concurrency = 4 })
    local _, first = map()
    map:close()
    local ids = {}
    for _, line in ipairs(lines) do ids[#ids + 1] = line.fields.ids end
    table.sort(ids)
    assert.are.equal("ws_1", first.id)
    assert.are.same({ "ws_2", "ws_3" }, ids)
  end)
end)
