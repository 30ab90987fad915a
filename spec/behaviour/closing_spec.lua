-- SPDX-License-Identifier: MIT
-- What becomes of those who wait when a pager or a map is closed under them, and of calls while the
-- state closes.

local boltz = require "boltz"
local core = require "boltz.core"
local servers = require "support.servers"
local stub = require "support.stub"
local system = require "support.system"
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

-- What is older than the module goes after it, and on LuaJIT after the libraries that it loaded.
describe("a finalizer that runs when the state closes", function()
  after_each(wire.stop_all)

  it("may make a client, which calls, reads a list and maps", function()
    local server = wire.start(servers.always '{"id":"x","data":[{"id":"y"}],"has_more":false}')
    local script = os.tmpname()
    finally(function() os.remove(script) end)
    -- A hundred rounds before, so that LuaJIT has compiled what the finalizer runs.
    system.write(script, ([[
      local function work(rounds)
        local boltz = require "boltz"
        local client = boltz.new { api_key = "k", base_url = %q, max_retries = 0,
          headers = { ["x-a"] = "1" }, query = { a = "1" } }
        local said
        for _ = 1, rounds do
          said = { assert(client:get("/x", { headers = { ["x-b"] = "2" } })).id }
          assert(client.workspaces:update("x", { name = "x" }))
          for item in client.workspaces:list() do said[#said + 1] = item.id end
          for _, value, err in boltz.map({ 1, 2 }, function(i) return client:get("/" .. i) end) do
            said[#said + 1] = assert(value, err).id
          end
        end
        return table.concat(said, " ")
      end
      local function with_finalizer(name)
        local kept = newproxy and newproxy(true) or setmetatable({}, { __gc = true })
        getmetatable(kept).__gc = function() io.stdout:write(name, " ", work(1), "\n") end
        return kept
      end
      older = with_finalizer "older"
      work(100)
      kept = require "boltz".new { api_key = "k", base_url = %q }
      assert(kept:get "/x")
      younger = with_finalizer "younger"
    ]]):format(server.url, server.url))
    -- What a finalizer makes while the state closes, Lua 5.4 does not finalize: it leaks.
    local output, status = system.run(("ASAN_OPTIONS=detect_leaks=0 timeout 100 %s %s %s")
      :format(os.getenv("BOLTZ_UNDER") or "", wire.interpreter(), script))
    assert.equal("younger x y x x\nolder x y x x\n", output)
    assert.equal(0, status)
  end)

  it("may be the first to load the module", function()
    local script = os.tmpname()
    finally(function() os.remove(script) end)
    system.write(script, [[
      kept = newproxy and newproxy(true) or setmetatable({}, { __gc = true })
      getmetatable(kept).__gc = function()
        io.stdout:write(type(require "boltz".new { api_key = "k" }), "\n")
      end
    ]])
    local output = system.run(("ASAN_OPTIONS=detect_leaks=0 %s %s %s")
      :format(os.getenv("BOLTZ_UNDER") or "", wire.interpreter(), script))
    assert.equal("table\n", output)
  end)
end)
