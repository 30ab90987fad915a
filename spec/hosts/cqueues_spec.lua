-- SPDX-License-Identifier: MIT
-- The page docs/embedding/cqueues.md and what it promises, in controllers of cqueues.

local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"
local live = require "support.live"
local page = require "support.page"
local wire = require "support.wire"

local installed, cqueues = pcall(require, "cqueues")

local ME = "/compute/v1/auth/me"
local WORKSPACES = 100
local PATIENCE = 20 -- seconds: for a spec that fails

-- Answers the first two requests when both are there, each with its path.
local PAIR = [[
  local one, other = accept(), accept()
  local first, second = one:request(), other:request()
  one:send(answer(('{"path":"%s"}'):format(first.target)))
  other:send(answer(('{"path":"%s"}'):format(second.target)))
]]

-- Never answers, and notes who comes and who goes.
local SILENCE = [[
  serve(function(c)
    local target = c:request().target
    record("asked " .. target)
    c:hang()
    record("gone " .. target)
  end)
]]

local function is_in(records, text)
  for _, record in ipairs(records) do
    if record == text then return true end
  end
  return false
end

describe("cqueues", function()
  if not installed then
    pending("is not installed for this Lua")
    return
  end

  local service, client, ids

  setup(function()
    service, client = live.start { latency = 100, workspaces = WORKSPACES }
    ids = {}
    for workspace in client.workspaces:list { limit = 100 } do ids[#ids + 1] = workspace.id end
    client:close()
  end)
  teardown(function() service:stop() end)
  before_each(function()
    service:reset_faults()
    client = live.client(service, { loop = "cqueues" })
  end)
  after_each(function()
    client:close()
    wire.stop_all()
  end)

  -- Runs functions side by side in a controller, until all have ended.
  local function run(...)
    local controller = cqueues.new()
    for _, fn in ipairs { ... } do controller:wrap(fn) end
    local ends = core.now() + PATIENCE
    while not controller:empty() do
      assert(controller:step(1))
      assert(core.now() < ends, "a coroutine hangs")
    end
  end

  it("has 100 calls in flight in one thread, and each gets its own answer", function()
    local functions, got = {}, {}
    for i, id in ipairs(ids) do
      functions[i] = function() got[i] = assert(client.workspaces:retrieve(id)).id end
    end
    local began = core.now()
    run((table.unpack or unpack)(functions)) -- luacheck: ignore 143
    assert.is_true(core.now() - began < 3) -- and not 100 times 100 ms
    assert.equal(WORKSPACES, #got)
    assert.same(ids, got)
  end)

  it("is found by a client that says nothing of a loop", function()
    local server = wire.start(PAIR)
    local other = boltz.new { base_url = server.url, api_key = "k" }
    local got = {}
    run(function() got[1] = assert(other:get("/a")).path end,
      function() got[2] = assert(other:get("/b")).path end)
    assert.same({ "/a", "/b" }, got)
    other:close()
  end)

  it("is left by such a client outside a controller", function()
    local other = live.client(service)
    run(function() assert(other.auth:me()) end)
    assert.is_table((other.auth:me()))
    run(function() assert(other.auth:me()) end)
    other:close()
  end)

  it("waits outside a controller, too", function()
    assert.is_table((client.auth:me()))
    local got
    coroutine.wrap(function() got = client.auth:me() end)()
    assert.is_table(got)
  end)

  it("lets others run while a call waits before it tries again", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = 1 }
    local order, attempts = {}, nil
    run(function()
      attempts = select(3, assert(patient.auth:me())).attempts
      order[#order + 1] = "again"
    end, function()
      cqueues.sleep(0.3) -- the fault is for the first
      assert(client.auth:me())
      order[#order + 1] = "other"
    end)
    assert.same({ "other", "again" }, order)
    assert.equal(2, attempts)
  end)

  it("ends waits of several lengths, each in its time", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = 1 }
    service:fault { status = 503, retry_after = 0.3, after = 1 }
    local functions, ended = {}, 0
    for i = 1, 3 do
      functions[i] = function()
        assert(patient.auth:me())
        ended = ended + 1
      end
    end
    run(functions[1], functions[2], functions[3])
    assert.equal(3, ended)
  end)

  it("gives up at the timeout and at the deadline, and the others get their answers", function()
    service:fault { latency = PATIENCE, path = ME, times = 2 }
    local late, too_late, got
    run(function() late = select(2, client:get(ME, { timeout = 0.2 })) end,
      function() too_late = select(2, client:get(ME, { deadline = 0.3 })) end,
      function() got = client.workspaces:retrieve(ids[7]) end)
    assert.equal("timeout", late.kind)
    assert.matches("^timed out after ", late.message)
    assert.equal("timeout", too_late.kind)
    assert.equal("the deadline of 0.3 s has passed", too_late.message)
    assert.equal(ids[7], got.id)
  end)

  it("lets the others go on when a coroutine raises an error", function()
    local controller, ended = cqueues.new(), 0
    for i = 1, 5 do
      controller:wrap(function()
        assert(client.auth:me())
        if i % 2 == 0 then error("mine") end
        ended = ended + 1
      end)
    end
    for _ = 1, 2 do
      local done, problem = controller:loop(PATIENCE)
      assert.is_falsy(done)
      assert.matches("mine", problem)
    end
    assert(controller:loop(PATIENCE))
    assert.is_true(controller:empty())
    assert.equal(3, ended)
  end)

  it("runs map over a list in several coroutines", function()
    local functions, found = {}, {}
    for i = 1, 3 do
      found[i] = {}
      functions[i] = function()
        local list = client.workspaces:list { limit = 30 }
        local retrieve = function(workspace) return client.workspaces:retrieve(workspace.id) end
        local options = { concurrency = 25, ordered = true }
        for _, workspace, err in boltz.map(list, retrieve, options) do
          table.insert(found[i], assert(workspace, err).id)
        end
      end
    end
    run(functions[1], functions[2], functions[3])
    assert.same({ ids, ids, ids }, found)
  end)

  it("requests each page once, ahead of a loop that works in between", function()
    local before, found = service:state().counts.requests, {}
    run(function()
      for workspace in client.workspaces:list { limit = 20 } do
        found[#found + 1] = workspace.id
        if #found % 10 == 0 then cqueues.sleep(0.01) end
      end
    end)
    assert.same(ids, found)
    assert.equal(5, service:state().counts.requests - before)
  end)

  it("returns `cancelled` where coroutines wait when another closes the client", function()
    service:fault { latency = PATIENCE, times = 5 }
    local kinds, burnt = {}, nil
    local function call() table.insert(kinds, select(2, client.auth:me()).kind) end
    run(call, call, call, call, call, function()
      cqueues.sleep(0.1)
      client:close()
      local began = os.clock()
      cqueues.sleep(0.5)
      burnt = os.clock() - began
    end)
    assert.same({ "cancelled", "cancelled", "cancelled", "cancelled", "cancelled" }, kinds)
    assert.is_true(burnt < 0.2)
  end)

  it("returns `cancelled` where a coroutine waits before it tries again", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = PATIENCE }
    local before, err = service:state().counts.requests, nil
    run(function() err = select(2, patient.auth:me()) end, function()
      repeat cqueues.sleep(0.05) until service:state().counts.requests > before
      cqueues.sleep(0.2)
      patient:close()
    end)
    assert.equal("cancelled", err.kind)
  end)

  it("polls one descriptor after another that have the same number", function()
    local controller, began = cqueues.new(), core.now()
    for _ = 1, 10 do
      local other = live.client(service, { loop = "cqueues" })
      controller:wrap(function() assert(other.auth:me()) end)
      assert(controller:loop(PATIENCE))
      other:close()
    end
    assert.is_true(core.now() - began < 8) -- a missed event costs a second
  end)

  it("waits in controllers inside controllers", function()
    local outer, inner, got = cqueues.new(), cqueues.new(), 0
    local function call()
      for _ = 1, 3 do
        assert(client.auth:me())
        got = got + 1
      end
    end
    for _ = 1, 3 do
      outer:wrap(call)
      inner:wrap(call)
    end
    outer:wrap(function() assert(inner:loop()) end)
    assert(outer:loop(PATIENCE))
    assert.equal(18, got)
  end)

  it("goes on when the controller whose coroutine polls is run no more", function()
    service:fault { latency = 0.3, times = 3 }
    local left, controller = cqueues.new(), cqueues.new()
    left:wrap(function() client.auth:me() end)
    left:step(0)
    local got = 0
    for _ = 1, 2 do
      controller:wrap(function()
        assert(client.auth:me())
        got = got + 1
      end)
    end
    assert(controller:loop(PATIENCE))
    assert.equal(2, got)
    assert.is_false(left:empty())
    assert(left:loop(PATIENCE)) -- and somebody may run it again
    assert.is_true(left:empty())
  end)

  it("cancels the calls of coroutines that are abandoned and collected", function()
    local server = wire.start(SILENCE)
    local other = boltz.new { base_url = server.url, api_key = "k", loop = "cqueues" }
    run(function()
      local left = cqueues.new()
      for i = 1, 3 do
        left:wrap(function() other:get("/" .. i) end)
      end
      repeat
        assert(left:step(0.01))
        local records = server:records()
      until is_in(records, "asked /1") and is_in(records, "asked /2")
        and is_in(records, "asked /3")
      left = nil -- luacheck: ignore 311
      local ends = core.now() + PATIENCE
      repeat
        collectgarbage()
        cqueues.sleep(0.01)
        assert(core.now() < ends, "the connection stays open")
        local records = server:records()
      until is_in(records, "gone /1") and is_in(records, "gone /2") and is_in(records, "gone /3")
    end)
    other:close()
  end)

  it("runs the page's example", function()
    local output = child.run(page.files("docs/embedding/cqueues.md")["limits.lua"], {
      BOLTZ_API_KEY = service.api_key,
      BOLTZ_BASE_URL = service.base_url,
    })
    local lines = {}
    for line in output:gmatch("[^\n]+") do lines[#lines + 1] = line end
    assert.equal(WORKSPACES + 1, #lines)
    assert.matches("screening\t1000000", output)
    assert.is_true(tonumber(lines[#lines]:match("^ticks\t(%d+)$")) > 5, output)
  end)
end)
