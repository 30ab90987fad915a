-- SPDX-License-Identifier: MIT
-- What becomes of those who wait when a pager or a map is closed under them.

local boltz = require "boltz"
local core = require "boltz.core"
local stub = require "support.stub"
local wire = require "support.wire"

local HANG = [[
  serve(function(c)
    local request = c:request()
    while request and request.target == "/x" do
      c:send(answer "{}")
      request = c:request()
    end
    if request then c:hang() record "gone" end
  end)
]]

local function start(script)
  local server = wire.start(script)
  local client = boltz.new { api_key = stub.KEY, base_url = server.url, timeout = 3,
    max_retries = 0 }
  return client, server
end

-- For a wait that never ends.
local function bounded(call)
  local ends = core.now() + 6
  debug.sethook(function()
    if core.now() > ends then debug.sethook() error("it waits for ever", 0) end
  end, "", 100)
  local results = { pcall(call) }
  debug.sethook()
  assert(results[1], results[2])
  return (table.unpack or unpack)(results, 2)
end

-- What has come besides /x.
local function seen(server)
  local list = {}
  for _, text in ipairs(server:records()) do
    if not text:find "^GET /x" then list[#list + 1] = text end
  end
  return list
end

local function until_there(client, server, count)
  while #seen(server) < count do client:get "/x" end
end

describe("closing", function()
  after_each(wire.stop_all)

  it("ends the page of a pager that another task waits for, with `cancelled`", function()
    local client, server = start(HANG)
    local pager = client.workspaces:list()
    local started = core.now()
    local _, errors = boltz.gather {
      function() return pager:next() end,
      function() until_there(client, server, 1) pager:close() end,
    }
    assert.is_true(core.now() - started < 2)
    assert.are.equal("cancelled", errors[1].kind)
    assert.is_false(errors[1].maybe_applied)
    assert.are.equal("gone", seen(server)[2])
    assert.is_nil(pager:next())
  end)

  it("ends the loop that waits for a map that another task closes", function()
    local client, server = start(HANG)
    local map = boltz.map({ 1, 2 }, function(i) return client.workspaces:retrieve("w" .. i) end)
    local results = bounded(function()
      return boltz.gather {
        function()
          for _ in map do error("a result") end
          return "ended"
        end,
        function() until_there(client, server, 2) map:close() end,
      }
    end)
    assert.are.equal("ended", results[1])
  end)

  it("ends a map whose own function closes it, whatever that does then", function()
    local client = start(HANG)
    local map
    map = boltz.map({ 1, 2 }, function(i)
      if i == 2 then map:close() end
      return client.workspaces:retrieve("w" .. i)
    end)
    assert.is_nil(bounded(map))
    assert.is_nil(map())
  end)

  it("comes of itself to a map out of whose wait an error came", function()
    local server = wire.start(HANG)
    local stop = true
    local client = boltz.new { api_key = stub.KEY, base_url = server.url, timeout = 3,
      loop = function() if stop then error("stopped", 0) end end }
    local map = boltz.map({ 1, 2 }, function(i) return client.workspaces:retrieve("w" .. i) end)
    assert.is_false(pcall(map))
    stop = false
    assert.is_nil(map())
  end)
end)
