-- SPDX-License-Identifier: MIT
-- The page docs/embedding/copas.md and what it promises, in copas's scheduler.

local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"
local live = require "support.live"
local page = require "support.page"
local wire = require "support.wire"

local installed, copas = pcall(require, "copas")

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

describe("copas", function()
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
    client = live.client(service, { loop = "copas" })
  end)
  after_each(function()
    client:close()
    wire.stop_all()
  end)

  -- Runs functions side by side in threads of copas, until all have ended.
  local function run(...)
    local left, problem = select("#", ...), nil
    for _, fn in ipairs { ... } do
      copas.addthread(function()
        local done, raised = pcall(fn)
        if not done then problem = problem or raised end
        left = left - 1
      end)
    end
    local ends = core.now() + PATIENCE
    while left > 0 do
      copas.step(1)
      assert(core.now() < ends, "a thread hangs")
    end
    if problem then error(problem, 0) end
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

  it("runs a thread while another waits", function()
    local server = wire.start(PAIR)
    local other = boltz.new { base_url = server.url, api_key = "k", loop = "copas" }
    local got = {}
    run(function() got[1] = assert(other:get("/a")).path end,
      function() got[2] = assert(other:get("/b")).path end)
    assert.same({ "/a", "/b" }, got)
    other:close()
  end)

  it("lets others run while a call waits before it tries again", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = 1, path = ME }
    local order, attempts = {}, nil
    run(function()
      attempts = select(3, assert(patient.auth:me())).attempts
      order[#order + 1] = "again"
    end, function()
      assert(client.workspaces:retrieve(ids[1]))
      order[#order + 1] = "other"
    end)
    assert.same({ "other", "again" }, order)
    assert.equal(2, attempts)
  end)

  it("ends waits of several lengths, each in its time", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = 1 }
    service:fault { status = 503, retry_after = 0.3, after = 1 }
    local ended = 0
    local function call()
      assert(patient.auth:me())
      ended = ended + 1
    end
    run(call, call, call)
    assert.equal(3, ended)
  end)

  it("says outside a thread that nothing can wait there", function()
    local value, err = client.auth:me()
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
    assert.matches("copas.addthread", err.message, 1, true)
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

  it("lets the others go on when a thread raises an error", function()
    local handled, ended, count = {}, 0, 5
    for i = 1, count do
      copas.addthread(function()
        copas.setErrorHandler(function(message)
          handled[#handled + 1] = message
          ended = ended + 1
        end)
        assert(client.auth:me())
        if i % 2 == 0 then error("mine", 0) end
        ended = ended + 1
      end)
    end
    local ends = core.now() + PATIENCE
    while ended < count do
      copas.step(1)
      assert(core.now() < ends, "a thread hangs")
    end
    assert.same({ "mine", "mine" }, handled)
  end)

  it("runs map over a list in several threads", function()
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
      for workspace in client.workspaces:list { limit = 20 } do found[#found + 1] = workspace.id end
    end)
    assert.same(ids, found)
    assert.equal(5, service:state().counts.requests - before)
  end)

  it("returns `cancelled` where threads wait when another closes the client", function()
    service:fault { latency = PATIENCE, times = 5, path = ME }
    local other = live.client(service, { loop = "copas" })
    local kinds = {}
    local function call() table.insert(kinds, select(2, client.auth:me()).kind) end
    run(call, call, call, call, call, function()
      assert(other.workspaces:retrieve(ids[1]))
      client:close()
    end)
    assert.same({ "cancelled", "cancelled", "cancelled", "cancelled", "cancelled" }, kinds)
    local began = os.clock()
    assert.is_false(copas.step(0.5)) -- nobody is left to be woken
    assert.is_true(os.clock() - began < 0.2)
    other:close()
  end)

  it("returns `cancelled` where a thread waits before it tries again", function()
    local patient = client:with { max_retries = 1 }
    service:fault { status = 503, retry_after = PATIENCE, path = ME }
    local other = live.client(service, { loop = "copas" })
    local err
    run(function() err = select(2, patient.auth:me()) end, function()
      for i = 1, 3 do assert(other.workspaces:retrieve(ids[i])) end -- 0.1 s each
      patient:close()
    end)
    assert.equal("cancelled", err.kind)
    other:close()
  end)

  it("waits with many clients at once, and with one after another", function()
    for _ = 1, 3 do
      local functions, got = {}, 0
      for i = 1, 5 do
        functions[i] = function()
          local other = live.client(service, { loop = "copas" })
          assert(other.auth:me())
          got = got + 1
          other:close()
        end
      end
      run((table.unpack or unpack)(functions)) -- luacheck: ignore 143
      assert.equal(5, got)
    end
  end)

  it("runs the page's example", function()
    local output = child.run(page.files("docs/embedding/copas.md")["limits.lua"], {
      BOLTZ_API_KEY = service.api_key,
      BOLTZ_BASE_URL = service.base_url,
    })
    assert.equal(WORKSPACES, select(2, output:gsub("\n", "\n")))
    assert.matches("screening\t1000000", output)
  end)
end)
