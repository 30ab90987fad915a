-- SPDX-License-Identifier: MIT
local Journal = require "boltz.emulator.journal"
local core = require "boltz.core"

describe("boltz.emulator.journal", function()
  local function noted(request, status)
    local journal = Journal.new()
    request.method, request.path = request.method or "GET", request.path or "/"
    journal:note(request, status or 200)
    return journal:list()[1]
  end

  it("lists requests, oldest first", function()
    local journal = Journal.new()
    journal:note({ method = "GET", path = "/a" }, 200)
    journal:note({ method = "POST", path = "/b" }, 0)
    assert.same({
      { method = "GET", path = "/a", query = {}, headers = {}, status = 200 },
      { method = "POST", path = "/b", query = {}, headers = {}, status = 0 },
    }, journal:list())
  end)

  it("keeps the latest thousand and counts all", function()
    local journal = Journal.new()
    for i = 1, 2500 do journal:note({ method = "GET", path = "/" .. i }, 200) end
    local list = journal:list()
    assert.equal(1000, #list)
    assert.equal("/1501", list[1].path)
    assert.equal("/2500", list[1000].path)
    assert.equal(2500, journal.total)
  end)

  it("shows a body that is JSON as its value, with its nulls, and any other as text", function()
    assert.same({ name = core.null, tags = {} }, noted{ body = '{"name":null,"tags":[]}' }.body)
    assert.equal(5, noted{ body = "5" }.body)
    assert.equal(core.null, noted{ body = "null" }.body)
    assert.equal('{"name":', noted{ body = '{"name":' }.body)
    assert.is_nil(noted{ body = "" }.body)
  end)

  it("shows a parameter as text, and as a list where it may come several times", function()
    local query = { limit = { "5" }, name = { "a", "b" }, ["group_by[]"] = { "application" } }
    assert.same({ limit = "5", name = { "a", "b" }, ["group_by[]"] = { "application" } },
      noted{ query = query }.query)
  end)

  it("shows no more of a credential than its first twelve characters", function()
    local key = "sk_bc_admin_live_0123456789abcdef"
    local headers = noted{ headers = { ["x-api-key"] = key, authorization = "Bearer " .. key,
      cookie = "short", ["x-trace"] = key } }.headers
    assert.same({ ["x-api-key"] = "sk_bc_admin_...", authorization = "Bearer sk_bc_admin_...",
      cookie = "...", ["x-trace"] = key }, headers)
  end)

  it("keeps the beginning of what is large", function()
    local headers = {}
    for i = 1, 500 do headers["x-" .. i] = ("v"):rep(5000) end
    local request = noted{ body = ("x"):rep(1e6), headers = headers,
      query = { name = { ("q"):rep(5000) }, ["a[]"] = { ("q"):rep(5000) } } }
    assert.equal(16384, #request.body)
    assert.equal(1024, #request.query.name)
    assert.equal(1024, #request.query["a[]"][1])
    local count = 0
    for _, value in pairs(request.headers) do
      count = count + 1
      assert.equal(1024, #value)
    end
    assert.equal(100, count)
  end)
end)
