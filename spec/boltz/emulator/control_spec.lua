-- SPDX-License-Identifier: MIT
local control = require "boltz.emulator.control"
local core = require "boltz.core"
local service = require "support.service"

describe("boltz.emulator.control", function()
  local subject

  before_each(function() subject = service.new{ workspaces = 2 } end)

  local function send(method, path, body)
    local status, _, text = control.handle(subject.emulator, method, path, body)
    return status, core.decode(text)
  end

  it("adds faults and takes them away", function()
    assert.equal(200, (send("POST", "/_emulator/faults", '{"status":503,"times":2}')))
    assert.equal(503, (subject:get("/auth/me")))
    assert.equal(200, (send("DELETE", "/_emulator/faults")))
    assert.equal(200, (subject:get("/auth/me")))
  end)

  it("adds uses", function()
    local body = '{"application":"adme","quantity":3}'
    assert.equal(200, (send("POST", "/_emulator/uses", body)))
    assert.equal(1, subject.emulator.ledger:count())
    local status, value = send("POST", "/_emulator/uses", '{"quantity":3}')
    assert.equal(400, status)
    assert.matches("^bad 'application' in a use", value.message)
  end)

  it("says what is wrong with a fault", function()
    for _, text in ipairs{ "", "nope", "5", '{"statsu":503}', '{"status":"503"}' } do
      local status, value = send("POST", "/_emulator/faults", text)
      assert.equal(400, status, text)
      assert.is_string(value.message)
    end
    local _, value = send("POST", "/_emulator/faults", '{"statsu":503}')
    assert.matches("^unknown field in a fault: statsu %(known: ", value.message)
  end)

  it("shows what is stored and what came, without secrets", function()
    local secret = subject:key{ name = "k" }
    subject:get("/nowhere")
    local status, _, text = control.handle(subject.emulator, "GET", "/_emulator/state")
    local state = core.decode(text)
    assert.equal(200, status)
    local keys = subject.store.keys:count()
    assert.same({ workspaces = 2, api_keys = keys, requests = 2 }, state.counts)
    assert.equal("Default", state.workspaces[1].name)
    assert.equal("k", state.api_keys[#state.api_keys].name)
    assert.same({ method = "GET", path = "/compute/v1/nowhere", status = 404, query = {},
      headers = { ["x-api-key"] = "sk_bc_admin_..." } }, state.requests[2])
    assert.is_nil(text:find(secret, 1, true))
  end)

  it("shows arrays and nulls of a body as such", function()
    subject:send("POST", "/x", { body = '{"a":[],"b":{},"c":[null,1]}' })
    local _, _, text = control.handle(subject.emulator, "GET", "/_emulator/state")
    assert.is_truthy(text:find('"a":[]', 1, true), text)
    assert.is_truthy(text:find('"b":{}', 1, true), text)
    assert.is_truthy(text:find('"c":[null,1]', 1, true), text)
  end)

  it("shows requests that are not UTF-8", function()
    subject:send("POST", "/x\255", { body = "\255", query = "a=%FF&%FE=1&b[]=%FF" })
    local status, _, text = control.handle(subject.emulator, "GET", "/_emulator/state")
    assert.equal(200, status)
    local request = core.decode(text).requests[1]
    assert.equal("/compute/v1/x?", request.path)
    assert.equal("?", request.body)
    assert.same({ a = "?", ["?"] = "1", ["b[]"] = { "?" } }, request.query)
  end)

  it("answers 404 to anything else", function()
    assert.equal(404, (send("GET", "/_emulator/faults")))
    assert.equal(404, (send("GET", "/_emulator/")))
  end)
end)
