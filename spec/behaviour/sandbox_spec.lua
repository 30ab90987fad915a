-- SPDX-License-Identifier: MIT
-- Hosts that take something away from Lua, or guard it.

local child = require "support.child"

local CALLS = [[
  local boltz = require "boltz"
  local emulator = require("boltz.emulator").new { now = function() return 1775674606 end }
  local client = boltz.new { api_key = emulator.admin_key, transport = emulator }
  for workspace in client.workspaces:list() do assert(workspace.id) end
  for _ in boltz.map({ 1, 2 }, function() return client.auth:me() end) do end
  boltz.gather { function() return client:get "/compute/v1/auth/me" end }
  client:close()
  print "works"
]]

describe("a host", function()
  it("may raise where a global is read that is not there", function()
    assert.equal("works\n", child.run([[
      setmetatable(_G, {
        __index = function(_, name) error("global " .. tostring(name), 2) end,
        __newindex = function(_, name) error("global " .. tostring(name), 2) end,
      })
    ]] .. CALLS, { BOLTZ_BASE_URL = "https://x.example" }))
  end)

  for _, lacking in ipairs { "os", "io", "debug", "os, io, debug" } do
    it("may lack " .. lacking, function()
      assert.equal("works\n", child.run([[
        require "boltz.emulator" -- which has times of its own to write
      ]] .. lacking .. " = nil\n" .. CALLS:gsub("emulator%.admin_key, transport = emulator",
        "'sk_bc_admin_test_0123456789abcdef', base_url = 'https://x.example', "
        .. "transport = { handle = function() return 200, {}, '{\"data\":[]}' end }")))
    end)
  end
end)
