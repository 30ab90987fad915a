-- SPDX-License-Identifier: MIT
-- The place in the caller's program that a mistake names.

local boltz = require "boltz"
local child = require "support.child"
local stub = require "support.stub"

-- A chunk named audit.lua, whose lines are those of `source`.
local function audit(source)
  return assert((loadstring or load)(source, "@audit.lua")) -- luacheck: ignore 113
end

local MISTAKE = ": bad parameter 'workspace_id' to 'workspaces:retrieve' "
  .. "(expected an id as a non-empty string, got nothing)"

describe("a mistake below a tail call", function()
  local client

  before_each(function() client = stub.client() end)

  it("names the line that is left", function()
    local run = audit [[
      local client = ...
      local function find(id) return client.workspaces:retrieve(id) end
      return select(2, pcall(function()
        local workspace = find(nil)
        return workspace
      end))
    ]]
    assert.equal("audit.lua:4" .. MISTAKE, run(client))
  end)

  it("names where the function of map or gather begins", function()
    local run = audit [[
      local client, boltz, each = ...
      return each(boltz, { function()
        return client.workspaces:retrieve(nil)
      end })
    ]]
    assert.equal("audit.lua:2" .. MISTAKE, run(client, boltz, function(_, functions)
      return select(3, (boltz.map({ 1 }, functions[1]))())
    end))
    assert.equal("audit.lua:2" .. MISTAKE, run(client, boltz, function(_, functions)
      return select(2, boltz.gather(functions))[1]
    end))
  end)

  it("names the line within the function of map and gather that is no tail call", function()
    local run = audit [[
      local client, boltz = ...
      local function find()
        local workspace = client.workspaces:retrieve(nil)
        return workspace
      end
      return select(3, (boltz.map({ 1 }, find))()), select(2, boltz.gather { find })[1]
    ]]
    assert.same({ "audit.lua:3" .. MISTAKE, "audit.lua:3" .. MISTAKE }, { run(client, boltz) })
  end)

  it("names no place in a coroutine that has no line left", function()
    local done, raised = pcall(coroutine.wrap(function()
      return client.workspaces:retrieve(nil)
    end))
    assert.is_false(done)
    assert.equal(MISTAKE:sub(3), raised)
  end)
end)

describe("a mistake", function()
  it("names the caller's line in each function of the module", function()
    local client = stub.client()
    local calls = {
      [[boltz.new { nothing = 1 }]], [[client:with(nil)]], [[client.close()]], [[client:get(5)]],
      [[client:paginate(5)]], [[client.workspaces:list(5)]], [[client.workspaces:list():all("x")]],
      [[boltz.map(nil)]], [[boltz.gather(5)]],
    }
    for _, call in ipairs(calls) do
      local run = audit("local boltz, client = ...\nlocal function run()\n" .. call
        .. "\nend\nrun()\n")
      local done, raised = pcall(run, boltz, client)
      assert.is_false(done)
      assert.matches("^audit%.lua:3: ", raised, call)
      run = audit("local boltz, client = ...\nlocal function run()\nreturn " .. call
        .. "\nend\nrun()\n")
      done, raised = pcall(run, boltz, client)
      assert.is_false(done)
      assert.matches("^audit%.lua:5: ", raised, call)
    end
  end)

  it("of the object that is the transport names the line of the call", function()
    local run = audit("local client = ...\nlocal value = client.auth:me()")
    local done, raised = pcall(run, (stub.client { { status = "200" } }))
    assert.is_false(done)
    assert.matches("^audit%.lua:2: the transport's 'handle' returned no status", raised)
  end)

  it("has its place also where the host has no debug", function()
    local output = child.run [[
      local boltz = require "boltz"
      debug = nil
      package.loaded.debug = nil
      print(select(2, pcall(function() boltz.new { nothing = 1 } end)))
    ]]
    assert.matches("^%(command line%):4: bad option 'nothing'", output)
  end)
end)
