-- SPDX-License-Identifier: MIT
-- The page docs/embedding/copas.md and what it promises, in copas's scheduler.

local core = require "boltz.core"
local host_cases = require "support.host_cases"

local installed, copas = pcall(require, "copas")

local PATIENCE = 20 -- seconds: for a spec that fails

describe("copas", function()
  if not installed then
    pending("is not installed for this Lua")
    return
  end

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

  local here = host_cases { loop = "copas", run = run, page = "docs/embedding/copas.md" }

  it("says outside a thread that nothing can wait there", function()
    local value, err = here.client.auth:me()
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
    assert.matches("copas.addthread", err.message, 1, true)
  end)

  it("tells of a call inside a generator where its wait is used as an item", function()
    local done, problem
    run(function()
      local item = coroutine.wrap(function() here.client.auth:me() end)()
      done, problem = pcall(function() return item.name end)
    end)
    assert.is_false(done)
    assert.matches("copas_spec.*no item, but the wait of a call", problem)
  end)

  it("lets the others go on when a thread raises an error", function()
    local handled, ended, count = {}, 0, 5
    for i = 1, count do
      copas.addthread(function()
        copas.setErrorHandler(function(message)
          handled[#handled + 1] = message
          ended = ended + 1
        end)
        assert(here.client.auth:me())
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

  it("leaves no thread to be woken when a client is closed whose calls wait", function()
    here.service:fault { latency = PATIENCE, times = 5, path = "/compute/v1/auth/me" }
    local kinds = {}
    local function call() table.insert(kinds, select(2, here.client.auth:me()).kind) end
    run(call, call, call, call, call, function()
      here.pause()
      here.client:close()
    end)
    assert.equal(5, #kinds)
    local began = os.clock()
    assert.is_false(copas.step(0.5))
    assert.is_true(os.clock() - began < 0.2)
  end)
end)
