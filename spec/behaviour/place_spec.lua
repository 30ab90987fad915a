-- SPDX-License-Identifier: MIT
-- The place in the caller's program that a mistake and an error name.

local boltz = require "boltz"
local child = require "support.child"
local stub = require "support.stub"

-- A chunk named audit.lua, whose lines are those of `source`.
local function audit(source)
  return assert((loadstring or load)(source, "@audit.lua")) -- luacheck: ignore 113
end

local MISTAKE = ": bad parameter 'workspace_id' to 'workspaces:retrieve' "
  .. "(expected an id as a non-empty string, got nothing)"

-- What a function raises, without the traceback that map and gather put behind it.
local function raised_by(fn, ...)
  local done, raised = pcall(fn, ...)
  assert.is_false(done)
  return raised:match("^[^\n]*")
end

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
      return raised_by((boltz.map({ 1 }, functions[1])))
    end))
    assert.equal("audit.lua:2" .. MISTAKE, run(client, boltz, function(_, functions)
      return raised_by(boltz.gather, functions)
    end))
  end)

  it("names the line within the function of map and gather that is no tail call", function()
    local run = audit [[
      local client, boltz, raised_by = ...
      local function find()
        local workspace = client.workspaces:retrieve(nil)
        return workspace
      end
      return raised_by((boltz.map({ 1 }, find))), raised_by(boltz.gather, { find })
    ]]
    assert.same({ "audit.lua:3" .. MISTAKE, "audit.lua:3" .. MISTAKE },
      { run(client, boltz, raised_by) })
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
    assert.matches("^audit%.lua:2: the transport's 'handle' returns status, ", raised)
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

describe("the place of an error", function()
  local function failing()
    return stub.client(function() return { status = 404, body = "{}" } end)
  end

  -- A client of a list of three pages of two items, of which the third page fails.
  local function failing_late()
    local count = 0
    return stub.client(function()
      count = count + 1
      if count == 3 then return { status = 500, body = "{}" } end
      return ('{"data":[{"id":"%d"},{"id":"%d"}],"has_more":true,"last_id":"%d"}')
        :format(2 * count, 2 * count + 1, 2 * count + 1)
    end)
  end

  it("is the line of the call, and the text ends in it", function()
    local client = failing()
    local run = audit [[
      local client = ...
      local _, first = client.auth:me()
      local _, second = client:get "/x"
      return first, second
    ]]
    local first, second = run(client)
    assert.equal("audit.lua:2", first.where)
    assert.matches(", GET /compute/v1/auth/me%) at audit%.lua:2$", tostring(first))
    assert.matches(" at audit%.lua:2!$", first .. "!")
    assert.equal("audit.lua:3", second.where)
  end)

  it("is the line that is left below a tail call", function()
    local run = audit [[
      local client = ...
      local function me() return client.auth:me() end
      local _, err = me()
      return err
    ]]
    assert.equal("audit.lua:3", run((failing())).where)
  end)

  for _, prefetch in ipairs { true, false } do
    it("is the line that wants the page of a list, prefetch " .. tostring(prefetch), function()
      local run = audit [[
        local client, options = ...
        local function take(use)
          local _, err = pcall(use, (client().workspaces:list({}, options)))
          return err.where
        end
        return take(function(pager)
          for workspace in pager do
            assert(workspace)
          end
        end), take(function(pager)
          for _ = 1, 4 do pager:next() end
          local _, err = pager:next()
          error(err)
        end), take(function(pager)
          for page in pager:pages() do
            assert(page)
          end
        end), take(function(pager)
          local _, err = pager:all()
          error(err)
        end)
      ]]
      assert.same({ "audit.lua:7", "audit.lua:12", "audit.lua:15", "audit.lua:19" },
        { run(function() return (failing_late()) end, { prefetch = prefetch }) })
    end)
  end

  it("is the line within the function of map or gather, or where that begins", function()
    local run = audit [[
      local client, boltz = ...
      local function line()
        local value, err = client.auth:me()
        return value, err
      end
      local function tail() return client.auth:me() end
      local called = setmetatable({}, { __call = tail })
      local function of_map(fn) return select(3, (boltz.map({ 1 }, fn))()).where end
      local _, errors = boltz.gather { line, tail, called }
      return of_map(line), of_map(tail), of_map(called),
        errors[1].where, errors[2].where, errors[3].where
    ]]
    local line, tail = "audit.lua:3", "audit.lua:6"
    assert.same({ line, tail, tail, line, tail, tail }, { run(failing(), boltz) })
  end)

  it("is that of the function of the inner map where one runs in another", function()
    local run = audit [[
      local client, boltz = ...
      local function tail() return client.auth:me() end
      local map = boltz.map({ 1 }, function()
        local inner = select(3, (boltz.map({ 1 }, tail))())
        local _, outer = client.auth:me()
        return inner, outer
      end)
      local _, inner, outer = map()
      return inner.where, outer.where
    ]]
    assert.same({ "audit.lua:2", "audit.lua:5" }, { run(failing(), boltz) })
  end)

  it("is the line of the loop over map where the list fails that it takes from", function()
    local run = audit [[
      local client, boltz = ...
      for _, id in boltz.map(client.workspaces:list(), function(item) return item.id end) do
        assert(id)
      end
    ]]
    local _, err = pcall(run, failing_late(), boltz)
    assert.equal("audit.lua:2", err.where)
  end)

  it("is the line within a coroutine, and is nil if none is left there", function()
    local run = audit [[
      local client = ...
      local _, err = coroutine.wrap(function()
        local value, reason = client.auth:me()
        return value, reason
      end)()
      local _, lost = coroutine.wrap(function() return client.auth:me() end)()
      return err, lost
    ]]
    local err, lost = run((failing()))
    assert.equal("audit.lua:3", err.where)
    assert.is_nil(lost.where)
    assert.matches("%)$", tostring(lost))
  end)

  it("is the line of the next function that has lines, or nil, in a stripped chunk", function()
    local source = "local client = ...\nlocal _, err = client.auth:me()\nreturn err"
    local stripped = string.dump(audit(source), true)
    local run = assert((loadstring or load)(stripped, "stripped")) -- luacheck: ignore 113
    local outer = audit "local run = ...\nlocal err = run(select(2, ...))\nreturn err"
    assert.equal("audit.lua:2", outer(run, (failing())).where)
    assert.is_nil(coroutine.wrap(run)((failing())).where)
  end)

  it("hides a key in the name of a chunk that is its text", function()
    local run = assert((loadstring or load)( -- luacheck: ignore 113
      "local key, client = '" .. stub.KEY .. "', ... local _, err = client.auth:me() return err"))
    local err = run((failing()))
    assert.matches('^%[string "local key, client = \'sk_bc_admin_%.%.%.', err.where)
    assert.is_nil(tostring(err):find(stub.KEY:sub(1, 13), 1, true))
  end)

  it("is there in a host without debug, and ends what a program dies of", function()
    for _, failure in ipairs { "assert(client.auth:me())",
      "for workspace in client.workspaces:list() do print(workspace) end" } do
      local output = child.run([[
        local boltz = require "boltz"
        debug, package.loaded.debug = nil, nil
        local transport = { handle = function() return 404, {}, "{}" end }
        local client = boltz.new { api_key = "k", transport = transport }

        ]] .. failure)
      assert.matches("not_found: .* at %(command line%):6\n", output)
    end
  end)
end)
