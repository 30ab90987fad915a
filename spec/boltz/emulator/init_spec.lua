-- SPDX-License-Identifier: MIT
local emulator = require "boltz.emulator"
local service = require "support.service"

describe("boltz.emulator", function()
  local subject

  before_each(function() subject = service.new() end)

  it("answers JSON with a request id of its own", function()
    local seen = {}
    for _, path in ipairs{ "/auth/me", "/auth/me", "/nowhere", "/admin/workspaces/none" } do
      local _, _, headers = subject:get(path)
      assert.equal("application/json", headers["content-type"])
      assert.is_nil(seen[headers["x-request-id"]])
      seen[headers["x-request-id"]] = true
    end
  end)

  it("takes header names in any case", function()
    for _, name in ipairs{ "X-API-KEY", "x-api-key", "X-Api-Key" } do
      local status = subject.emulator:handle("GET", "/compute/v1/auth/me", nil,
        { [name] = subject.emulator.admin_key })
      assert.equal(200, status)
    end
  end)

  it("answers 404 to a path that it does not know", function()
    for _, path in ipairs{ "/", "/admin", "/admin/workspaces/", "/admin/workspaces//archive",
      "/admin/workspaces/a/b", "/auth/me/", "/auth%2Fme" } do
      local status, value = subject:get(path)
      assert.same({ 404, "not_found" }, { status, value.code }, path)
    end
    assert.equal(404, (subject.emulator:handle("GET", "/auth/me", nil, {})))
  end)

  it("answers 405 to a method that the path does not know, and says which it knows", function()
    local status, value, headers = subject:send("DELETE", "/admin/workspaces/a")
    assert.same({ 405, "method_not_allowed" }, { status, value.code })
    assert.equal("GET, POST", headers.allow)
  end)

  it("looks at the key before the parameters", function()
    assert.equal(401, (subject:post("/admin/workspaces", { key = false, body = "nope" })))
    assert.equal(401, (subject:get("/admin/workspaces", { key = false, query = "limit=0" })))
  end)

  it("needs a content type for a body", function()
    local status = subject:post("/admin/workspaces", {
      body = "{}", headers = { ["Content-Type"] = false } })
    assert.equal(400, status)
  end)

  it("ignores parameters that it does not know", function()
    assert.equal(200, (subject:get("/admin/workspaces", { query = "colour=red&limit=1" })))
    assert.equal(200, (subject:post("/admin/workspaces", { json = { colour = "red" } })))
  end)

  it("keeps the requests it saw", function()
    subject:get("/auth/me", { query = "a=1" })
    local list, total = subject.emulator:requests()
    assert.equal(1, total)
    assert.same({ { method = "GET", path = "/compute/v1/auth/me", query = { a = "1" },
      headers = { ["x-api-key"] = "sk_bc_admin_..." }, status = 200 } }, list)
  end)

  it("shows of a request what was sent, and not what was made of it", function()
    subject:post("/admin/workspaces", { query = "a=%C3%A9&b[]=1", json = { name = "x" } })
    subject:get("/admin/workspaces", { query = "limit=2" })
    local list = subject.emulator:requests()
    assert.same({ name = "x" }, list[1].body)
    assert.same({ a = "é", ["b[]"] = { "1" } }, list[1].query)
    assert.equal("application/json", list[1].headers["content-type"])
    assert.same({ limit = "2" }, list[2].query)
    assert.is_nil(list[2].body)
  end)

  it("keeps two emulators apart", function()
    local other = service.new()
    subject:workspace()
    assert.equal(subject.store.workspaces:count(), other.store.workspaces:count() + 1)
  end)

  it("does not hide its own mistakes behind an answer", function()
    subject.emulator.store = nil
    assert.has_error(function() subject:get("/auth/me") end)
  end)

  it("refuses options that it does not know", function()
    assert.has_error(function() emulator.new{ workspace = 5 } end)
    assert.has_error(function() emulator.new{ workspaces = "5" } end)
    assert.has_no_error(function() emulator.new() end)
  end)
end)
