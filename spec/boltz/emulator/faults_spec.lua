-- SPDX-License-Identifier: MIT
local service = require "support.service"

describe("boltz.emulator.faults", function()
  local WORKSPACES = "/compute/v1/admin/workspaces"
  local subject

  before_each(function() subject = service.new() end)

  local function fault(wanted) subject.emulator:fault(wanted) end

  local function statuses(n, method, path, given)
    local list = {}
    for i = 1, n do list[i] = (subject:send(method or "GET", path or "/auth/me", given)) end
    return list
  end

  it("befalls one request unless asked otherwise", function()
    fault{ status = 503 }
    assert.same({ 503, 200, 200 }, statuses(3))
  end)

  it("lets the first pass, then befalls so many", function()
    fault{ status = 500, after = 2, times = 3 }
    assert.same({ 200, 200, 500, 500, 500, 200 }, statuses(6))
  end)

  it("befalls every n-th of those that are its own", function()
    fault{ status = 500, after = 1, every = 3, times = 2 }
    assert.same({ 200, 500, 200, 200, 500, 200, 200, 200, 200 }, statuses(9))
  end)

  it("befalls every request for ever", function()
    fault{ status = 500, times = math.huge }
    assert.same({ 500, 500, 500, 500 }, statuses(4))
    subject.emulator:reset_faults()
    assert.same({ 200 }, statuses(1))
  end)

  it("waits for its method and its route", function()
    fault{ status = 500, method = "POST", path = WORKSPACES, times = math.huge }
    assert.same({ 200 }, statuses(1))
    assert.same({ 200 }, statuses(1, "GET", "/admin/workspaces"))
    assert.same({ 500 }, statuses(1, "POST", "/admin/workspaces", { body = "{}" }))
  end)

  it("knows a route by its template, and one path by itself", function()
    local one, other = subject:workspace(), subject:workspace()
    fault{ status = 500, path = WORKSPACES .. "/" .. one.id }
    assert.same({ 200 }, statuses(1, "GET", "/admin/workspaces/" .. other.id))
    assert.same({ 500 }, statuses(1, "GET", "/admin/workspaces/" .. one.id))
    fault{ status = 500, path = WORKSPACES .. "/{workspace_id}" }
    assert.same({ 500 }, statuses(1, "GET", "/admin/workspaces/" .. other.id))
  end)

  it("lets the fault that was added first have its way, while both count", function()
    fault{ status = 500, times = 1 }
    fault{ status = 429, times = 3 }
    assert.same({ 500, 429, 429, 200 }, statuses(4))
  end)

  it("answers a status in place of the request, which is not carried out", function()
    fault{ status = 503, retry_after = 2, headers = { ["X-Should-Retry"] = "true" } }
    local before = subject.store.workspaces:count()
    local status, value, headers, wire = subject:post("/admin/workspaces", { body = "{}" })
    assert.equal(503, status)
    assert.equal("internal_error", value.code)
    assert.equal("2", headers["retry-after"])
    assert.equal("true", headers["x-should-retry"])
    assert.is_string(headers["x-request-id"])
    assert.is_nil(wire)
    assert.equal(before, subject.store.workspaces:count())
  end)

  it("carries a request out and hides it, on request", function()
    local before = subject.store.workspaces:count()
    fault{ status = 502, acted = true }
    assert.same({ 502 }, statuses(1, "POST", "/admin/workspaces", { body = "{}" }))
    assert.equal(before + 1, subject.store.workspaces:count())
    fault{ drop = true, acted = true }
    subject:post("/admin/workspaces", { body = "{}" })
    assert.equal(before + 2, subject.store.workspaces:count())
  end)

  it("answers the body it was given, as a value or as it stands", function()
    fault{ status = 418, body = { code = "teapot", message = "short and stout" } }
    local _, value = subject:get("/auth/me")
    assert.equal("teapot", value.code)
    fault{ status = 502, body = "<html>bad gateway</html>",
      headers = { ["Content-Type"] = "text/html" } }
    local _, _, headers, _, text = subject:get("/auth/me")
    assert.equal("<html>bad gateway</html>", text)
    assert.equal("text/html", headers["content-type"])
    fault{ status = 204, body = "" }
    local status, _, _, _, empty = subject:get("/auth/me")
    assert.same({ 204, "" }, { status, empty })
  end)

  it("answers what is not JSON", function()
    fault{ malformed = true }
    local status, value, _, _, text = subject:get("/auth/me")
    assert.equal(200, status)
    assert.is_nil(value)
    assert.is_true(#text > 0)
  end)

  it("leaves to the carrier what only the carrier can do", function()
    fault{ latency = 0.5 }
    local status, _, _, wire = subject:get("/auth/me")
    assert.equal(200, status)
    assert.same({ latency = 0.5 }, wire)
    fault{ truncate = 10 }
    local _, value
    status, value, _, wire = subject:get("/auth/me")
    assert.equal(200, status)
    assert.equal("api_key", value.principal_type)
    assert.same({ truncate = 10 }, wire)
    fault{ drop = true }
    status, _, _, wire = subject:get("/auth/me")
    assert.equal(0, status)
    assert.same({ drop = true }, wire)
  end)

  it("repeats the cursor that a page was asked for", function()
    fault{ repeat_cursor = true }
    local first = subject:expect("GET", "/admin/workspaces", { query = "limit=2" })
    local second = subject:expect("GET", "/admin/workspaces", {
      query = "limit=2&after_id=" .. first.last_id })
    assert.equal(first.last_id, second.last_id)
    assert.is_true(second.has_more)
    assert.are_not.equal(first.data[1].id, second.data[1].id)
  end)

  it("repeats the cursors of the other ways to read", function()
    fault{ repeat_cursor = true, times = 2 }
    local last = subject:expect("GET", "/admin/workspaces").last_id
    local back = subject:expect("GET", "/admin/workspaces", { query = "before_id=" .. last })
    assert.equal(last, back.first_id)
    assert.is_true(back.has_more)
    local query = { starting_at = "2026-03-01T00:00:00Z", ending_at = "2026-03-05T00:00:00Z",
      window_size = "DAY", limit = 2 }
    query.page = subject:expect("GET", "/admin/usage", { query = query }).next_page
    assert.equal(query.page, subject:expect("GET", "/admin/usage", { query = query }).next_page)
  end)

  it("says which field of a fault is wrong", function()
    assert.has_error(function() subject.emulator:fault{ statsu = 500 } end)
    assert.has_error(function() subject.emulator:fault{ status = "500" } end)
    local _, message = pcall(function() subject.emulator:fault{ statsu = 500 } end)
    assert.matches("faults_spec.lua:%d+: unknown field in a fault: statsu %(known: acted, after, ",
      message)
  end)

  it("says which number of a fault is out of bounds", function()
    local expected = {
      [{ every = 0 }] = "bad 'every' in a fault (expected a whole number of at least 1, got 0)",
      [{ times = 0 }] = "bad 'times' in a fault (expected a whole number of at least 1, got 0)",
      [{ after = 1.5 }] = "bad 'after' in a fault (expected a whole number of at least 0, got 1.5)",
      [{ status = 99 }] =
        "bad 'status' in a fault (expected a whole number from 100 to 999, got 99)",
      [{ latency = -1 }] = "bad 'latency' in a fault (expected a number of at least 0, got -1)",
      [{ status = "x" }] = [[bad 'status' in a fault (expected number, got "x")]],
    }
    for wanted, message in pairs(expected) do
      local _, raised = pcall(fault, wanted)
      assert.equal(message, (raised:gsub("^[^ ]*faults_spec.lua:%d+: ", "")))
    end
    assert.has_error(function() subject.emulator:fault{ latency = 0 / 0 } end)
    assert.has_no_error(function() subject.emulator:fault{ times = math.huge, latency = 0.5 } end)
  end)
end)
