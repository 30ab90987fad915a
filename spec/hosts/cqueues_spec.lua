-- SPDX-License-Identifier: MIT
-- The page docs/embedding/cqueues.md and what it promises, in controllers of cqueues.

local boltz = require "boltz"
local core = require "boltz.core"
local host_cases = require "support.host_cases"
local live = require "support.live"
local servers = require "support.servers"
local wire = require "support.wire"

local installed, cqueues = pcall(require, "cqueues")

local PATIENCE = 20 -- seconds: for a spec that fails

-- Whether each of some numbers stands behind a word in one of the records.
local function has_each(records, word, count)
  local text = table.concat(records, "\n")
  for i = 1, count do
    if not text:find(("%s /%d%%f[%%D]"):format(word, i)) then return false end
  end
  return true
end

describe("cqueues", function()
  if not installed then
    pending("is not installed for this Lua")
    return
  end

  local controller

  before_each(function() controller = cqueues.new() end)

  local function run_in(this, ...)
    for _, fn in ipairs { ... } do this:wrap(fn) end
    local ends = core.now() + PATIENCE
    while not this:empty() do
      assert(this:step(1))
      assert(core.now() < ends, "a coroutine hangs")
    end
  end

  -- Runs functions side by side in the spec's controller, until all have ended.
  local function run(...) run_in(controller, ...) end

  local here = host_cases {
    loop = "cqueues",
    run = run,
    page = "docs/embedding/cqueues.md",
    ticks = true,
  }

  it("is found by a client without the option `loop`", function()
    local server = wire.start(servers.PAIR)
    local other = boltz.new { base_url = server.url, api_key = "k" }
    local got = {}
    run(function() got[1] = assert(other:get("/a")).path end,
      function() got[2] = assert(other:get("/b")).path end)
    assert.same({ "/a", "/b" }, got)
    other:close()
  end)

  it("is left by such a client outside a controller", function()
    local other = live.client(here.service)
    run_in(cqueues.new(), function() assert(other.auth:me()) end)
    assert.is_table((other.auth:me()))
    run_in(cqueues.new(), function() assert(other.auth:me()) end)
    other:close()
  end)

  it("waits outside a controller, too", function()
    assert.is_table((here.client.auth:me()))
    local got
    coroutine.wrap(function() got = here.client.auth:me() end)()
    assert.is_table(got)
  end)

  it("lets the others go on when a coroutine raises an error", function()
    local ended = 0
    for i = 1, 5 do
      controller:wrap(function()
        assert(here.client.auth:me())
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

  it("waits in controllers inside controllers", function()
    local outer, inner, got = cqueues.new(), cqueues.new(), 0
    local function call()
      for _ = 1, 3 do
        assert(here.client.auth:me())
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

  it("works inside a generator of cqueues.auxlib, also while another coroutine polls", function()
    local wrap = require "cqueues.auxlib".wrap
    local found, ticks, ended = { {}, {}, {} }, 0, 0
    local function list(i)
      return function()
        local ids = wrap(function()
          for workspace in here.client.workspaces:list { limit = 50 } do
            coroutine.yield(workspace.id)
          end
        end)
        for id in ids do table.insert(found[i], id) end
        ended = ended + 1
      end
    end
    run(list(1), list(2), list(3), function()
      while ended < 3 do
        cqueues.sleep(0.01)
        ticks = ticks + 1
      end
    end)
    assert.same({ here.ids, here.ids, here.ids }, found)
    assert.is_true(ticks > 5, ticks)
  end)

  it("tells of a call inside another generator while another coroutine polls, which goes on",
    function()
      local problem, got
      run(function() got = here.client.auth:me() end, function()
        local items = coroutine.wrap(function()
          coroutine.yield((here.client.workspaces:retrieve(here.ids[1])))
        end)
        items()
        problem = select(2, pcall(items))
      end)
      assert.is_table(got)
      assert.matches("or use cqueues.auxlib.wrap", problem, 1, true)
    end)

  it("goes on when the controller whose coroutine polls is run no more", function()
    here.service:fault { latency = 0.3, times = 3 }
    local left = cqueues.new()
    left:wrap(function() here.client.auth:me() end)
    left:step(0)
    local got = 0
    for _ = 1, 2 do
      controller:wrap(function()
        assert(here.client.auth:me())
        got = got + 1
      end)
    end
    assert(controller:loop(PATIENCE))
    assert.equal(2, got)
    assert.is_false(left:empty())
    assert(left:loop(PATIENCE)) -- and the program may run it again
    assert.is_true(left:empty())
  end)

  it("cancels the calls of coroutines that are abandoned and collected", function()
    local server = wire.start(servers.SILENCE)
    local other = boltz.new { base_url = server.url, api_key = "k", loop = "cqueues" }
    run(function()
      local left = cqueues.new()
      for i = 1, 3 do
        left:wrap(function() other:get("/" .. i) end)
      end
      repeat assert(left:step(0.01)) until has_each(server:records(), "GET", 3)
      left = nil -- luacheck: ignore 311
      local ends = core.now() + PATIENCE
      repeat
        collectgarbage()
        cqueues.sleep(0.01)
        assert(core.now() < ends, "the connection stays open")
      until has_each(server:records(), "gone", 3)
    end)
    other:close()
  end)
end)
