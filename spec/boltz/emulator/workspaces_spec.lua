-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local service = require "support.service"

describe("boltz.emulator.workspaces", function()
  local UNLIMITED = 9007199254740991
  local MALFORMED = { 400, "bad_request" }
  local INVALID = { 400, "VALIDATION_ERROR" }
  local NOT_FOUND = { 404, "not_found" }
  local CONFLICT = { 409, "conflict" }
  local subject

  before_each(function() subject = service.new() end)

  local function path(workspace, rest)
    return "/admin/workspaces/" .. workspace.id .. (rest or "")
  end

  --- Status and code of a refused call.
  local function refused(method, to, given)
    local status, value = subject:send(method, to, given)
    return { status, value and value.code }
  end

  local function limit(amount)
    return { type = "lifetime", limit = { amount = amount, currency = "MILLI_USD" } }
  end

  it("creates one from nothing, with the service's defaults", function()
    local _, workspace, _, _, text = subject:post("/admin/workspaces", { body = "{}" })
    assert.matches("^ws_", workspace.id)
    assert.same({ unit = "days", value = 7 }, workspace.data_retention)
    assert.is_false(workspace.is_default)
    assert.equal("2026-04-01T12:00:00Z", workspace.created_at)
    assert.equal(workspace.created_at, workspace.updated_at)
    assert.matches('"name":null', text, 1, true)
    assert.matches('"archived_at":null', text, 1, true)
  end)

  it("creates one with everything, and remembers it", function()
    local workspace = subject:workspace{ name = "Größe 🧬",
      data_retention = { unit = "hours", value = 336 }, spending_limit = limit(UNLIMITED) }
    assert.equal("Größe 🧬", workspace.name)
    assert.same({ unit = "hours", value = 336 }, workspace.data_retention)
    assert.same(workspace, subject:expect("GET", path(workspace)))
    local answer = subject:expect("GET", path(workspace, "/spending-limit"))
    assert.equal(UNLIMITED, answer.limit.amount)
  end)

  it("refuses bodies that break a rule, and makes nothing", function()
    local before = subject.store.workspaces:count()
    for _, text in ipairs{
      '[]', '"x"', "null",
      '{"name":""}', '{"name":null}', '{"name":5}', '{"name":"' .. ("x"):rep(256) .. '"}',
      '{"data_retention":{}}', '{"data_retention":[]}', '{"data_retention":7}',
      '{"data_retention":{"unit":"days"}}',
      '{"data_retention":{"unit":"weeks","value":1}}',
      '{"data_retention":{"unit":"days","value":0}}',
      '{"data_retention":{"unit":"days","value":1.5}}',
      '{"data_retention":{"unit":"days","value":"7"}}',
      '{"data_retention":{"unit":"days","value":15}}',
      '{"data_retention":{"unit":"hours","value":337}}',
      '{"spending_limit":{}}', '{"spending_limit":null}',
      '{"spending_limit":{"type":"lifetime","limit":{"amount":1,"currency":"USD"}}}',
      '{"spending_limit":{"type":"monthly","limit":{"amount":1,"currency":"MILLI_USD"}}}',
      '{"spending_limit":{"type":"lifetime","limit":{"amount":-1,"currency":"MILLI_USD"}}}',
      '{"spending_limit":{"type":"lifetime",'
        .. '"limit":{"amount":9007199254740992,"currency":"MILLI_USD"}}}',
    } do
      assert.same(INVALID, refused("POST", "/admin/workspaces", { body = text }), text)
    end
    for _, text in ipairs{ "", "{", "nope" } do
      assert.same(MALFORMED, refused("POST", "/admin/workspaces", { body = text }), text)
    end
    assert.equal(before, subject.store.workspaces:count())
  end)

  it("names the field that was wrong", function()
    local _, value = subject:post("/admin/workspaces", {
      json = { data_retention = { unit = "weeks", value = 1 } } })
    assert.same({ { path = "data_retention.unit", message = "must be one of: hours, days" } },
      value.details)
    assert.equal("data_retention.unit must be one of: hours, days", value.message)
  end)

  it("lists in the order of creation, by prefix of the name in any case", function()
    subject:workspace{ name = "Team Alpha" }
    subject:workspace{ name = "team beta" }
    subject:workspace{ name = "other team" }
    local page = subject:expect("GET", "/admin/workspaces", { query = "name=TEAM" })
    assert.equal(2, #page.data)
    assert.equal("Team Alpha", page.data[1].name)
    assert.equal("team beta", page.data[2].name)
  end)

  it("knows capitals beyond ASCII in a prefix, too", function()
    for _, name in ipairs{ "Éclair", "ΣΊΣΥΦΟΣ", "Ёлка" } do subject:workspace{ name = name } end
    for prefix, name in pairs{ ["écl"] = "Éclair", ["σίς"] = "ΣΊΣΥΦΟΣ", ["ЁЛ"] = "Ёлка" } do
      local page = subject:expect("GET", "/admin/workspaces", { query = { name = prefix } })
      assert.equal(name, page.data[1] and page.data[1].name)
    end
  end)

  it("takes a prefix literally", function()
    subject:workspace{ name = "100% a.b" }
    local function found(name)
      return #subject:expect("GET", "/admin/workspaces", { query = { name = name } }).data
    end
    assert.equal(1, found("100% A."))
    assert.equal(0, found("100.*"))
  end)

  it("updates what is given, clears a name with null, and leaves the rest", function()
    local workspace = subject:workspace{ name = "a", data_retention = { unit = "days", value = 3 } }
    subject.time = subject.time + 60
    local renamed = subject:expect("POST", path(workspace), { json = { name = "b" } })
    assert.equal("b", renamed.name)
    assert.same({ unit = "days", value = 3 }, renamed.data_retention)
    assert.equal("2026-04-01T12:01:00Z", renamed.updated_at)
    assert.equal(workspace.created_at, renamed.created_at)
    local cleared = subject:expect("POST", path(workspace), { json = { name = core.null } })
    assert.is_nil(cleared.name)
    local retention = { unit = "hours", value = 5 }
    subject:expect("POST", path(workspace), { json = { data_retention = retention } })
    assert.same(retention, subject:expect("GET", path(workspace)).data_retention)
  end)

  it("answers 404 to every call about a workspace that is not there", function()
    local missing = { id = "a%2Fb%20c" }
    assert.same(NOT_FOUND, refused("GET", path(missing)))
    assert.same(NOT_FOUND, refused("POST", path(missing), { json = { name = "x" } }))
    assert.same(NOT_FOUND, refused("POST", path(missing, "/archive")))
    assert.same(NOT_FOUND, refused("GET", path(missing, "/spending-limit")))
    assert.same(NOT_FOUND, refused("PUT", path(missing, "/spending-limit"), { json = limit(1) }))
  end)

  it("archives for good: a second time changes nothing", function()
    local workspace = subject:workspace()
    local archived = subject:expect("POST", path(workspace, "/archive"))
    assert.equal("2026-04-01T12:00:00Z", archived.archived_at)
    subject.time = subject.time + 60
    assert.same(archived, subject:expect("POST", path(workspace, "/archive")))
    assert.same(archived, subject:expect("GET", path(workspace)))
  end)

  it("refuses to change an archived workspace", function()
    local workspace = subject:workspace()
    subject:expect("POST", path(workspace, "/archive"))
    assert.same(CONFLICT, refused("POST", path(workspace), { json = { name = "x" } }))
    assert.same(CONFLICT, refused("PUT", path(workspace, "/spending-limit"), { json = limit(1) }))
    assert.same(CONFLICT,
      refused("POST", "/admin/api-keys", { json = { name = "k", workspace_id = workspace.id } }))
  end)

  it("refuses to archive the default workspace", function()
    local default = subject.store.default_workspace
    assert.same(CONFLICT, refused("POST", path(default, "/archive")))
    assert.is_nil(default.archived_at)
  end)

  it("refuses a body where none belongs", function()
    local workspace = subject:workspace()
    assert.same(MALFORMED, refused("POST", path(workspace, "/archive"), { body = "{}" }))
    assert.is_nil(subject:expect("GET", path(workspace)).archived_at)
  end)

  describe("spending limit", function()
    local workspace

    before_each(function() workspace = subject:workspace() end)

    local function set(amount)
      return subject:put(path(workspace, "/spending-limit"), { json = limit(amount) })
    end

    it("is null until one is set", function()
      local status, _, _, _, text = subject:get(path(workspace, "/spending-limit"))
      assert.equal(200, status)
      assert.equal("null", text)
    end)

    it("comes back with the usage accrued so far", function()
      local _, answer = set(250000)
      assert.same({ type = "lifetime", limit = { amount = 250000, currency = "MILLI_USD" },
        accrued_usage = { amount = 0, currency = "MILLI_USD" } }, answer)
      assert.same(answer, subject:expect("GET", path(workspace, "/spending-limit")))
    end)

    it("carries amounts up to 2^53 - 1 exactly", function()
      local _, _, _, _, text = set(UNLIMITED)
      assert.matches('"amount":9007199254740991[,}]', text)
      for _, amount in ipairs { UNLIMITED, UNLIMITED - 1, 4503599627370496 } do
        local _, answer = set(amount)
        assert.equal(amount, answer.limit.amount)
      end
    end)

    it("may be zero, and may go down to what was spent but not below", function()
      assert.equal(200, (set(0)))
      subject.time = subject.time + 30 * 86400
      local spent = subject:expect("GET", path(workspace, "/spending-limit")).accrued_usage.amount
      assert.is_true(spent > 0)
      local status, value = set(spent - 1)
      assert.equal(400, status)
      assert.equal("bad_request", value.code)
      assert.matches("below the accrued usage %(" .. spent .. " MILLI_USD%)", value.message)
      assert.equal(200, (set(spent)))
    end)

    it("does not count what was spent before the first limit", function()
      local default = subject.store.default_workspace
      local answer = subject:expect("PUT", path(default, "/spending-limit"), { json = limit(1) })
      assert.equal(0, answer.accrued_usage.amount)
    end)

    it("needs every field", function()
      for _, text in ipairs{
        "{}", '{"type":"lifetime"}', '{"limit":{"amount":1,"currency":"MILLI_USD"}}',
        '{"type":"lifetime","limit":{"amount":1}}', '{"type":"lifetime","limit":null}',
        '{"type":"lifetime","limit":{"amount":"1","currency":"MILLI_USD"}}', "null",
      } do
        assert.same(INVALID,
          refused("PUT", path(workspace, "/spending-limit"), { body = text }), text)
      end
    end)
  end)
end)
