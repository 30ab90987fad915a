-- SPDX-License-Identifier: MIT
-- What docs/embedding.md and examples/tour.lua make of what the service may send beside the usual.

local child = require "support.child"
local emulator = require "support.emulator"
local live = require "support.live"
local page = require "support.page"
local system = require "support.system"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/docs/embedding_spec%.lua$")

describe("With a workspace without a name, and an archived one,", function()
  local service, nameless

  setup(function()
    service = emulator.start()
    local workspaces = service:state().workspaces
    nameless = workspaces[1].id
    live.make_odd(service, nameless, workspaces[2].id)
  end)
  teardown(function() service:stop() end)
  before_each(function() service:reset_faults() end)

  local function run(script)
    return child.run(script,
      { BOLTZ_API_KEY = service.api_key, BOLTZ_BASE_URL = service.base_url })
  end

  it("the generator of docs/embedding.md has an item for each", function()
    local output = run(page.files("docs/embedding.md")["names.lua"])
    assert.are.equal(nameless, output:match("^[^\n]*"))
    assert.are.equal(#service:state().workspaces, select(2, output:gsub("\n", "\n")))
  end)

  it("the tour comes to its end, also where usage is none, or of no application",
    function()
      service:fault { status = 200, path = "/compute/v1/admin/usage", body = { has_more = false,
        data = { { start_time = "2026-01-01T00:00:00Z", end_time = "2026-01-02T00:00:00Z",
          quantity = 0 } } } }
      local output = run("arg = {} " .. system.read(ROOT .. "examples/tour.lua"))
      assert.matches("(no name) ", output, 1, true)
      assert.matches("(other) ", output, 1, true)
      assert.matches("That was every call of the admin API.", output, 1, true)
    end)
end)
