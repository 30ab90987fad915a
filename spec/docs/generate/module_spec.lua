-- SPDX-License-Identifier: MIT
-- What docs/reference.md says of loggers and events is what they are given.

local boltz = require "boltz"
local emulator = require "boltz.emulator"
local system = require "support.system"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/docs/generate/module_spec%.lua$")
local TEXT = system.read((ROOT == "" and "./" or ROOT) .. "docs/reference.md")
local EVENT = { method = true, path = true, call = true, context = true, attempt = true,
  status = true, error = true, duration = true, request_id = true }

describe("The logger's section of docs/reference.md", function()
  it("has each message with its level and its fields", function()
    local section, service = TEXT:match("\n## Logger\n(.*)"), emulator.new()
    local seen = {}
    local client = boltz.new { api_key = service.admin_key, transport = service,
      log_level = "debug", on_attempt = function() error("a mistake of the program") end,
      logger = function(level, message, fields)
        local row = section:match("\n(| `" .. message .. "` | " .. level .. " | [^\n]*)")
          or message:find("^the body is a text")
          and section:match("\n(| begins with `the body is a text` | " .. level .. " | [^\n]*)")
        seen[#seen + 1] = message
        if not row then error(message) end
        for name in pairs(fields) do
          if not (EVENT[name] or row:find("`" .. name .. "`", 1, true)) then error(name) end
        end
        seen[message] = true
      end }
    service:fault { status = 429, retry_after = 30 }
    assert(boltz.gather {
      function() return client.auth:me() end,
      function() return client.auth:me { context = "c" } end,
    })
    client:post("/compute/v1/admin/workspaces", { body = "{}" })
    for _, message in ipairs(seen) do assert.is_true(seen[message], message) end
    for _, message in ipairs { "request", "attempt", "retry", "held back", "on_attempt raised" } do
      assert.is_true(seen[message], message)
    end
  end)
end)

describe("The events of docs/reference.md", function()
  it("are not of calls that are not sent", function()
    local service, count = emulator.new(), 0
    local client = boltz.new { api_key = service.admin_key, transport = service, log_level = "off",
      on_attempt = function() count = count + 1 end }
    local _, err = client:with { read_only = true }.workspaces:create {}
    assert.are.equal("read_only", err.kind)
    assert.are.equal(0, count)
    service:fault { status = 429, retry_after = 600 }
    for _ = 1, 2 do
      _, err = client.auth:me()
      assert.are.equal("rate_limit", err.kind)
    end
    assert.are.equal(1, count)
  end)

  it("have the path of a raw call without its query", function()
    local service, path = emulator.new(), nil
    local client = boltz.new { api_key = service.admin_key, transport = service,
      on_attempt = function(event) path = event.path end }
    assert(client:get("/compute/v1/admin/workspaces?limit=1"))
    assert.are.equal("/compute/v1/admin/workspaces", path)
  end)

  it("have both a status and an error where the answer breaks off", function()
    local service, events = emulator.new(), {}
    local client = boltz.new { api_key = service.admin_key, transport = service, max_retries = 0,
      on_attempt = function(event) events[#events + 1] = event end }
    service:fault { truncate = 5 }
    client.auth:me()
    service:fault { malformed = true }
    client.auth:me()
    assert.are.same({ 200, "invalid_response" }, { events[1].status, events[1].error })
    assert.are.same({ 200, nil }, { events[2].status, events[2].error })
  end)
end)
