-- SPDX-License-Identifier: MIT
-- What each host with an event loop promises: the cases that the specs of cqueues, luv and copas
-- share. A spec calls this within its `describe`, and adds the cases that only its host has.
--
--   local here = host_cases { loop = "luv", run = run, page = "docs/embedding/luv.md" }
--   it("...", function() here.client.auth:me() end)

local boltz = require "boltz"
local busted = require "busted"
local child = require "support.child"
local core = require "boltz.core"
local live = require "support.live"
local page = require "support.page"
local servers = require "support.servers"
local wire = require "support.wire"

-- A spec has these as globals, a module that it requires has not.
local assert, it, setup, teardown = busted.assert, busted.it, busted.setup, busted.teardown
local before_each, after_each = busted.before_each, busted.after_each

local ME = "/compute/v1/auth/me"
local WORKSPACES = 100
local PATIENCE = 20 -- seconds: for a spec that fails

-- Runs the same function several times, side by side.
local function run_each(host, count, fn)
  local functions = {}
  for i = 1, count do
    functions[i] = function() fn(i) end
  end
  host.run((table.unpack or unpack)(functions)) -- luacheck: ignore 143
end

local function define_setup(here, host)
  setup(function()
    here.service, here.client = live.start { latency = 100, workspaces = WORKSPACES }
    here.ids = {}
    for workspace in here.client.workspaces:list { limit = 100 } do
      table.insert(here.ids, workspace.id)
    end
    here.client:close()
  end)
  teardown(function() here.service:stop() end)
  before_each(function()
    here.service:reset_faults()
    here.client = live.client(here.service, { loop = host.loop })
    here.other = live.client(here.service, { loop = host.loop })
  end)
  after_each(function()
    here.client:close()
    here.other:close()
    wire.stop_all()
  end)

  --- Lets 0.1 s pass in a coroutine, by a call of another client: not every host has a sleep.
  function here.pause()
    assert(here.other.workspaces:retrieve(here.ids[1]))
  end
end

local function define_calls(here, host)
  it("has 100 calls in flight in one thread, and each gets its own answer", function()
    local got = {}
    local began = core.now()
    run_each(host, WORKSPACES, function(i)
      got[i] = assert(here.client.workspaces:retrieve(here.ids[i])).id
    end)
    assert.is_true(core.now() - began < 3) -- and not 100 times 100 ms
    assert.equal(WORKSPACES, #got)
    assert.same(here.ids, got)
  end)

  it("runs a coroutine while another waits", function()
    local server = wire.start(servers.PAIR)
    local client = boltz.new { base_url = server.url, api_key = "k", loop = host.loop }
    local got = {}
    host.run(function() got[1] = assert(client:get("/a")).path end,
      function() got[2] = assert(client:get("/b")).path end)
    assert.same({ "/a", "/b" }, got)
    client:close()
  end)

  it("lets the others go on when a coroutine catches its error", function()
    local ended, caught = 0, {}
    run_each(host, 5, function(i)
      local done, message = pcall(function()
        assert(here.client.auth:me())
        if i % 2 == 0 then error("mine", 0) end
      end)
      caught[#caught + 1] = not done and message or nil
      ended = ended + 1
    end)
    assert.same({ "mine", "mine" }, caught)
    assert.equal(5, ended)
  end)

  it("runs map over a list in several coroutines", function()
    local found = { {}, {}, {} }
    run_each(host, 3, function(i)
      local list = here.client.workspaces:list { limit = 30 }
      local retrieve = function(workspace) return here.client.workspaces:retrieve(workspace.id) end
      local options = { concurrency = 25, ordered = true }
      for _, workspace, err in boltz.map(list, retrieve, options) do
        table.insert(found[i], assert(workspace, err).id)
      end
    end)
    assert.same({ here.ids, here.ids, here.ids }, found)
  end)

  it("tells where in the program calls have failed", function()
    local run = assert((loadstring or load)([[
      local client, boltz, places = ...
      local _, err = client:get "/nowhere"
      places[1] = err.where
      places[2] = select(2, pcall(function()
        for item in client:paginate "/nowhere" do assert(item) end
      end)).where
      local function tail() return client:get "/nowhere" end
      for _, _, each in boltz.map({ 1 }, tail) do places[3] = each.where end
      places[4] = select(2, pcall(function() client:get(5) end)):match "^[^ ]+"
    ]], "@audit.lua"))
    local places = {}
    host.run(function() run(here.client, boltz, places) end)
    assert.same({ "audit.lua:2", "audit.lua:5", "audit.lua:7", "audit.lua:9:" }, places)
  end)

  it("raises what a function of gather raises, when what changes has been logged", function()
    local lines, raised = {}, {}
    local client = live.client(here.service, { loop = host.loop,
      logger = function(level, _, fields) lines[#lines + 1] = { level, fields } end })
    local mine = { "mine" }
    host.run(function()
      raised = { pcall(boltz.gather, {
        function() return client.workspaces:update(here.ids[2], {}) end,
        function() return client.workspaces:retrieve(here.ids[1]) end,
        function() error(mine) end,
      }) }
    end)
    client:close()
    assert.is_false(raised[1])
    assert.equal(mine, raised[2])
    assert.equal(1, #lines)
    assert.equal("warn", lines[1][1])
    assert.equal(200, lines[1][2].status)
    assert.equal(here.ids[2], lines[1][2].ids)
  end)

  it("requests each page once, ahead of a loop that works in between", function()
    local before, found, pauses = here.service:state().counts.requests, {}, 0
    host.run(function()
      for workspace in here.client.workspaces:list { limit = 20 } do
        found[#found + 1] = workspace.id
        if #found % 10 == 0 then
          here.pause()
          pauses = pauses + 1
        end
      end
    end)
    assert.same(here.ids, found)
    assert.equal(5, here.service:state().counts.requests - before - pauses)
  end)
end

local function define_waits(here, host)
  it("lets others run while a call waits before it tries again", function()
    local patient = here.client:with { max_retries = 1 }
    here.service:fault { status = 503, retry_after = 1, path = ME }
    local order, attempts = {}, nil
    host.run(function()
      attempts = select(3, assert(patient.auth:me())).attempts
      order[#order + 1] = "again"
    end, function()
      here.pause() -- until the first attempt has failed
      for _ = 1, 2 do assert(here.client.workspaces:retrieve(here.ids[1])) end
      order[#order + 1] = "other"
    end)
    assert.same({ "other", "again" }, order)
    assert.equal(2, attempts)
  end)

  it("ends waits of several lengths, each in its time", function()
    local patient = here.client:with { max_retries = 1 }
    here.service:fault { status = 503, retry_after = 1 }
    here.service:fault { status = 503, retry_after = 0.3, after = 1 }
    local ended = 0
    run_each(host, 3, function()
      assert(patient.auth:me())
      ended = ended + 1
    end)
    assert.equal(3, ended)
  end)

  it("gives up at the timeout and at the deadline, and the others get their answers", function()
    here.service:fault { latency = PATIENCE, path = ME, times = 2 }
    local late, too_late, got
    host.run(function() late = select(2, here.client:get(ME, { timeout = 0.2 })) end,
      function() too_late = select(2, here.client:get(ME, { deadline = 0.3 })) end,
      function() got = here.client.workspaces:retrieve(here.ids[7]) end)
    assert.equal("timeout", late.kind)
    assert.matches("^timed out after ", late.message)
    assert.equal("timeout", too_late.kind)
    assert.equal("the deadline of 0.3 s has passed", too_late.message)
    assert.equal(here.ids[7], got.id)
  end)
end

local function define_closing(here, host)
  it("returns `cancelled` where coroutines wait when another closes the client", function()
    here.service:fault { latency = PATIENCE, times = 5, path = ME }
    local kinds, burnt = {}, nil
    local function call() table.insert(kinds, select(2, here.client.auth:me()).kind) end
    host.run(call, call, call, call, call, function()
      here.pause()
      here.client:close()
      local began = os.clock()
      for _ = 1, 5 do here.pause() end
      burnt = os.clock() - began
    end)
    assert.same({ "cancelled", "cancelled", "cancelled", "cancelled", "cancelled" }, kinds)
    assert.is_true(burnt < 0.2)
  end)

  it("returns `cancelled` where a coroutine waits before it tries again", function()
    local tried, err = false, nil
    local patient = here.client:with {
      log_level = "error",
      max_retries = 1,
      on_attempt = function() tried = true end,
    }
    here.service:fault { status = 503, retry_after = PATIENCE, path = ME }
    host.run(function() err = select(2, patient.auth:me()) end, function()
      repeat here.pause() until tried
      here.pause()
      patient:close()
    end)
    assert.equal("cancelled", err.kind)
  end)
end

local function define_clients(here, host)
  it("waits with one client after another, whose descriptors have the same number", function()
    local got, began = 0, core.now()
    for _ = 1, 10 do
      local client = live.client(here.service, { loop = host.loop })
      host.run(function()
        assert(client.auth:me())
        got = got + 1
      end)
      client:close()
    end
    assert.equal(10, got)
    assert.is_true(core.now() - began < 8) -- a missed event costs a second
  end)

  it("waits with many clients at once, and with others after them", function()
    for _ = 1, 3 do
      local got = 0
      run_each(host, 5, function()
        local client = live.client(here.service, { loop = host.loop })
        assert(client.auth:me())
        got = got + 1
        client:close()
      end)
      assert.equal(5, got)
    end
  end)
end

local function define_generators(here, host)
  local function generator(client)
    return coroutine.wrap(function()
      for workspace in client.workspaces:list { limit = 50 } do coroutine.yield(workspace.id) end
    end)
  end

  it("tells of a call inside a generator, which yields to the loop over it", function()
    local function consume(items)
      for _ in items do end
    end
    local done, problem
    host.run(function()
      assert(here.client.auth:me()) -- a connection that is kept makes answers quick
      done, problem = pcall(consume, generator(here.client))
    end)
    assert.is_false(done)
    assert.matches("inside a generator", problem, 1, true)
    host.run(function() assert(here.client.auth:me()) end)
  end)

  it("tells of it inside a function of map, and beside calls that wait", function()
    local failed = 0
    local function take(client)
      return function()
        for _ in generator(client) do end
      end
    end
    run_each(host, 3, function()
      assert(here.client.auth:me())
      local map = boltz.map({ 1, 2, 3 }, take(here.client), { concurrency = 3 })
      local done, problem = pcall(map)
      assert(not done)
      assert.matches("inside a generator", problem, 1, true)
      failed = failed + 1
      assert(here.client.auth:me())
    end)
    assert.equal(3, failed)
  end)

  it("goes through the generator that is a function", function()
    local found = {}
    host.run(function()
      local workspaces = here.client.workspaces:list { limit = 50 }
      local function ids()
        local workspace = workspaces()
        return workspace and workspace.id
      end
      for id in ids do found[#found + 1] = id end
    end)
    assert.same(here.ids, found)
  end)
end

local function define_page(here, host)
  it("runs the page's example, also over a workspace without a name", function()
    live.make_odd(here.service, here.ids[3], here.ids[4])
    local output = child.run(page.files(host.page)["limits.lua"], {
      BOLTZ_API_KEY = here.service.api_key,
      BOLTZ_BASE_URL = here.service.base_url,
    })
    local lines = {}
    for line in output:gmatch("[^\n]+") do lines[#lines + 1] = line end
    if host.ticks then
      assert.is_true(tonumber(table.remove(lines):match("^ticks\t(%d+)$")) > 5, output)
    end
    assert.equal(WORKSPACES, #lines)
    assert.matches("screening\t1000000", output)
    assert.matches(here.ids[3] .. "\tno limit\n", output, 1, true)
  end)
end

--- Defines the cases.
-- @tparam table host
-- - loop: its name for the option of a client
-- - run: function(...) runs functions side by side, each in a coroutine of the host, until all have
--   ended, and raises what one of them raised
-- - page: the page of docs/ that has an example limits.lua
-- - ticks: whether that example ends with how often a timer ticked
-- @treturn table service, ids (of its workspaces), client, and pause(), for the host's own cases
return function(host)
  local here = {}
  define_setup(here, host)
  define_calls(here, host)
  define_waits(here, host)
  define_closing(here, host)
  define_clients(here, host)
  define_generators(here, host)
  define_page(here, host)
  return here
end
