-- SPDX-License-Identifier: MIT
-- What docs/reference.md says that a list costs in requests.

local boltz = require "boltz"
local emulator = require "boltz.emulator"
local system = require "support.system"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/behaviour/list_costs_spec%.lua$")
local DAY = 86400
local KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"

describe("docs/reference.md", function()
  it("says of lists what the specs below measure", function()
    local text = system.read(ROOT .. "docs/reference.md"):gsub("%s+", " ")
    for _, words in ipairs {
      "1,000 workspaces are 10 requests, and 50 with `limit = 20`",
      "1,000 keys are 10 requests, and 50 with `limit = 20`",
      "ends in the first half of the first page has cost one request",
      "90 days by HOUR are three queries",
      "400 days by DAY are two",
      "2,160 buckets, one an hour: 23 requests with `limit = 100`, and three with `limit = 1000`",
      "of ids of 30 characters it holds some 150",
    } do assert.is_truthy(text:find(words, 1, true), words) end
  end)
end)

describe("a list", function()
  local client, service, queries

  local function start(options)
    options.admin_key = KEY
    service, queries = emulator.new(options), {}
    client = boltz.new { api_key = KEY, transport = { handle = function(_, method, path, query, ...)
      queries[#queries + 1] = query
      return service:handle(method, path, query, ...)
    end } }
  end

  after_each(function() client:close() end)

  local function usage(days, window, limit)
    local ends = math.floor(os.time() / DAY) * DAY
    return client.usage:list { starting_at = ends - days * DAY, ending_at = ends,
      window_size = window, limit = limit }
  end

  it("of 1,000 workspaces is 10 requests, and 50 with limit = 20", function()
    start { workspaces = 1000 }
    assert.are.equal(1000, #assert(client.workspaces:list():all()))
    assert.are.equal(10, #queries)
    assert(client.workspaces:list({ limit = 20 }):all())
    assert.are.equal(60, #queries)
  end)

  it("sends no limit unless there is one", function()
    start { workspaces = 120 }
    assert(client.workspaces:list():all())
    assert(client.api_keys:list():all())
    assert(usage(32, "HOUR"):all())
    for _, query in ipairs(queries) do assert.is_nil(query:find("limit", 1, true)) end
  end)

  it("that is left in the first half of its first page is one request", function()
    start { workspaces = 1000 }
    local pager = client.workspaces:list()
    for _ = 1, 49 do assert(pager:next()) end
    pager:close()
    assert.are.equal(1, #queries)
  end)

  it("of usage over 90 days by the hour is three queries, each in its pages", function()
    start { workspaces = 1 }
    for limit, requests in pairs { [100] = 23, [1000] = 3 } do
      queries = {}
      assert.are.equal(2160, #assert(usage(90, "HOUR", limit):all()))
      local starts, distinct = {}, 0
      for _, query in ipairs(queries) do
        local from = query:match("starting_at=([^&]+)")
        distinct = distinct + (starts[from] and 0 or 1)
        starts[from] = true
      end
      assert.are.same({ 3, requests }, { distinct, #queries })
    end
    queries = {}
    assert(usage(400, "DAY", 1000):all())
    assert.are.equal(2, #queries)
  end)

  it("of usage in 150 workspaces, with ids of 30 characters, fits into a URL", function()
    start { workspaces = 1 }
    local ids = {}
    for i = 1, 150 do ids[i] = ("ws_%027d"):format(i) end
    local list = client.usage:list { starting_at = 0, ending_at = DAY, window_size = "DAY",
      workspace_ids = ids, group_by = "workspace_id" }
    assert(list:all())
    assert.are.equal(1, #queries)
  end)
end)
