-- SPDX-License-Identifier: MIT
-- What docs/reference.md says of the calls is true of them: its examples run, and its errors come.

local boltz = require "boltz"
local emulator = require "boltz.emulator"
local facts = require "generate.facts"

local unpack = table.unpack or unpack -- luacheck: ignore 143
local compile = loadstring or load

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/docs/generate/endpoints_spec%.lua$")
local DAY = 86400
local GIVEN = "local boltz, client, workspace_id, api_key_id, print = ... "

local function read(path)
  local file = assert(io.open(ROOT .. path))
  local text = file:read("*a")
  file:close()
  return text
end

-- Each block of Lua in the reference, with the heading above it.
local function examples()
  local list, name, code = {}, nil, nil
  for line in read("docs/reference.md"):gmatch("([^\n]*)\n") do
    if line == "```lua" then
      code = {}
    elseif line == "```" then
      list[#list + 1] = { name = name, code = table.concat(code, "\n") }
      code = nil
    elseif code then
      code[#code + 1] = line
    else
      name = line:match("^#+ (.*)$") or name
    end
  end
  return list
end

-- A service with a workspace that is in use and a key of it.
local function service()
  local now = os.time()
  local stand_in = emulator.new { now = function() return now end }
  local client = boltz.new { api_key = stand_in.admin_key, transport = stand_in }
  local workspace = assert(client.workspaces:create { name = "team-a" })
  local key = assert(client.api_keys:create { name = "k", workspace_id = workspace.id })
  return {
    client = client,
    workspace_id = workspace.id,
    api_key_id = key.key_details.id,
    of_workspace = client:with { api_key = key.key },
    requests = function() return stand_in:requests() end,
    pass = function(seconds) now = now + seconds end,
  }
end

local function matches(request, endpoint)
  local pattern = "^" .. endpoint.path:gsub("%-", "%%-"):gsub("{[%w_]+}", "[^/]+") .. "$"
  return request.method == endpoint.method and request.path:find(pattern) ~= nil
end

local calls = {}
for _, resource in ipairs(facts.read().resources) do
  for _, call in ipairs(resource.calls) do calls[call.name] = call end
end

describe("The examples of docs/reference.md", function()
  for _, example in ipairs(examples()) do
    it("run: " .. example.name, function()
      local at, printed = service(), 0
      local before = #at.requests()
      local function print_nothing(...)
        for i = 1, select("#", ...) do assert.is_not_nil((select(i, ...))) end
        printed = printed + 1
      end
      assert(compile(GIVEN .. example.code))(boltz, at.client, at.workspace_id, at.api_key_id,
        print_nothing)
      local requests, found = at.requests(), false
      for i = before + 1, #requests do
        assert.are.equal(200, requests[i].status)
        found = found or matches(requests[i], calls[example.name].endpoint)
      end
      assert.is_true(found, "it does not make the call")
      assert.are.equal(example.code:find("print(", 1, true) ~= nil, printed > 0)
    end)
  end

  it("are one for each call", function()
    local names, known = {}, facts.sorted_names(calls)
    for i, example in ipairs(examples()) do names[i] = example.name end
    table.sort(names)
    assert.are.same(known, names)
  end)
end)

describe("The errors of a call in docs/reference.md", function()
  -- Arguments that are right but for the ids.
  local function call_with(client, call, at, ids)
    local params = {
      ["api_keys:create"] = { name = "n", workspace_id = ids and at.workspace_id or "nothing" },
      ["usage:list"] = { starting_at = os.time() - DAY, ending_at = os.time(),
        window_size = "DAY" },
      ["workspaces:set_spending_limit"] = { limit = { amount = 1 } },
    }
    local arguments = {}
    for i, id in ipairs(call.ids) do arguments[i] = ids and ids[id.name] or "nothing" end
    if call.fields then arguments[#arguments + 1] = params[call.name] or {} end
    local resource, method = call.name:match("^(.*):(.*)$")
    local value, err = client[resource][method](client[resource], unpack(arguments))
    if call.endpoint.paged then value, err = value:next() end
    return value, err
  end

  it("are not_found where nothing has the id", function()
    local at, count = service(), 0
    for _, call in pairs(calls) do
      local _, err = call_with(at.client, call, at)
      assert.are.equal(call.errors.not_found and "not_found", err and err.kind, call.name)
      count = count + (err and 1 or 0)
    end
    assert.are.equal(7, count)
  end)

  it("are permission_denied where the key may not", function()
    local at, count = service(), 0
    local other = assert(at.client.workspaces:create {})
    for _, call in pairs(calls) do
      local _, err = call_with(at.of_workspace, call, at,
        { workspace_id = other.id, api_key_id = at.api_key_id })
      assert.are.equal(call.errors.permission_denied and "permission_denied", err and err.kind,
        call.name)
      count = count + (err and 1 or 0)
    end
    assert.are.equal(11, count)
    local _, err = at.of_workspace.workspaces:retrieve_spending_limit(at.workspace_id)
    assert.is_nil(err) -- its own
  end)

  it("are bad_request where a limit is below what was spent", function()
    local at = service()
    local id = assert(at.client.workspaces:list():next()).id
    local name = "workspaces:set_spending_limit"
    assert(at.client.workspaces:set_spending_limit(id, { limit = { amount = boltz.UNLIMITED } }))
    at.pass(60 * DAY)
    local spent = assert(at.client.workspaces:retrieve_spending_limit(id)).accrued_usage.amount
    assert.is_true(spent > 0)
    local _, err = at.client.workspaces:set_spending_limit(id, { limit = { amount = spent - 1 } })
    assert.is_truthy(calls[name].errors[err.kind], err.kind)
    assert.are.equal("bad_request", err.kind)
    assert(at.client.workspaces:set_spending_limit(id, { limit = { amount = spent } }))
  end)

  it("are conflict for an archived workspace, and where the default one is archived", function()
    local at, count = service(), 0
    local archived = assert(at.client.workspaces:create {}).id
    assert(at.client.workspaces:archive(archived))
    local default, once = nil, at.client:with { max_retries = 0 }
    for workspace in at.client.workspaces:list() do
      if workspace.is_default then default = workspace.id end
    end
    for name, call in pairs(calls) do
      local id = name == "workspaces:archive" and default or archived
      local _, err = call_with(once, call, { workspace_id = archived },
        { workspace_id = id, api_key_id = at.api_key_id })
      assert.are.equal(call.errors.conflict and "conflict", err and err.kind, name)
      count = count + (err and 1 or 0)
    end
    assert.are.equal(4, count)
  end)

  it("do not name what may be done again", function()
    local at = service()
    for _ = 1, 2 do
      assert(at.client.workspaces:archive(at.workspace_id))
      assert(at.client.api_keys:revoke(at.api_key_id))
    end
  end)

  it("are those four", function()
    local seen = {}
    for _, call in pairs(calls) do
      for kind in pairs(call.errors) do seen[kind] = true end
    end
    assert.are.same({ "bad_request", "conflict", "not_found", "permission_denied" },
      facts.sorted_names(seen))
  end)
end)
