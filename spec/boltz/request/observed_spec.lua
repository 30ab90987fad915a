-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local scripted = require "reliability.scripted"
local stub = require "support.stub"
local wire = require "support.wire"

describe("on_attempt", function()
  it("is told of every attempt: method, template of the path, status, duration", function()
    local events = {}
    local client = stub.client({ "{}", { status = 503, body = "{}" }, { wire = { drop = true } } },
      { on_attempt = function(event) events[#events + 1] = event end })
    local started = core.now()
    client.workspaces:retrieve("ws_1")
    client.workspaces:archive("ws_1")
    client.auth:me()
    local elapsed = core.now() - started
    for _, event in ipairs(events) do
      assert.is_true(event.duration >= 0 and event.duration <= elapsed)
      event.duration = nil
    end
    assert.are.same({
      { method = "GET", path = "/compute/v1/admin/workspaces/{workspace_id}", attempt = 1,
        status = 200, call = 1 },
      { method = "POST", path = "/compute/v1/admin/workspaces/{workspace_id}/archive", attempt = 1,
        status = 503, call = 2 },
      { method = "GET", path = "/compute/v1/auth/me", attempt = 1, error = "connection",
        call = 3 },
    }, events)
  end)

  it("does not cost the call its answer when it raises", function()
    local lines = {}
    local client = stub.client({ '{"id":"w"}' }, {
      on_attempt = function() error("mine", 0) end,
      logger = function(level, message, fields)
        lines[#lines + 1] = { level, message, fields.problem }
      end,
    })
    assert.are.equal("w", assert(client.workspaces:retrieve("w")).id)
    assert.are.same({ { "error", "on_attempt raised", "mine" } }, lines)
  end)

  it("counts the calls of a client and of its copies, and not their attempts", function()
    local events = {}
    local client = stub.client({ { status = 429, headers = { ["retry-after-ms"] = "0" } }, "{}",
      "{}", "{}" }, { max_retries = 1, on_attempt = function(event)
        events[#events + 1] = ("%d.%d"):format(event.call, event.attempt)
      end })
    client.auth:me()
    client:with { timeout = 5 }.auth:me()
    client.auth:me()
    assert.are.same({ "1.1", "1.2", "2.1", "3.1" }, events)
  end)

  it("is told the request id as errors have it", function()
    local events = {}
    local key = "key-0123456789-abcdefghijkl"
    local headers = { ["X-Request-Id"] = "r\27" .. key }
    local client = stub.client({ { headers = headers, body = "{}" },
      { status = 404, headers = headers, body = "{}" } },
      { api_key = key, on_attempt = function(event) events[#events + 1] = event.request_id end })
    local _, _, response = client.auth:me()
    local _, err = client.auth:me()
    assert.are.same({ "r?key-01234567...", err.request_id }, events)
    assert.are.equal(err.request_id, response.request_id)
    assert.are.equal(err.request_id, events[1])
  end)
end)

describe("a client that is told of its attempts", function()
  it("shows no key that a server puts into a header's name", function()
    local server = wire.start [[
      serve(function(c)
        local key = c:request().headers["x-api-key"]
        c:send(answer("{}", "X-" .. key .. ": 1\r\n"))
      end)
    ]]
    local client = boltz.new { api_key = stub.KEY, base_url = server.url, proxy = "",
      on_attempt = function() end }
    local _, _, response = assert(client:get("/x"))
    local names = {}
    for name in pairs(response.headers) do names[#names + 1] = name end
    client:close()
    server:stop()
    names = table.concat(names, " ")
    assert.is_truthy(names:find("x-sk_bc_admin_...", 1, true), names)
    assert.is_nil(names:find(stub.KEY:sub(13), 1, true), names)
  end)
end)

describe("a wait before a retry", function()
  local answer = scripted.answer

  -- What a log at level warn, which is the default, is told of a call.
  local function told(results)
    local lines = {}
    local client = scripted.client(results, { logger = function(level, message, fields)
      lines[#lines + 1] = { level = level, message = message, fields = fields }
    end })
    client.workspaces:retrieve("ws_1", { context = "c" })
    return lines
  end

  it("is told at warn, with why it is so long", function()
    local lines = told { answer(429, { ["retry-after"] = "60", ["x-request-id"] = "r" }),
      answer(500), answer(200) }
    assert.are.equal(2, #lines)
    local first, second = lines[1], lines[2]
    assert.are.same({ "warn", "retry" }, { first.level, first.message })
    assert.are.equal("waits 60 s: the server asked for it (Retry-After)", first.fields.reason)
    assert.are.equal(60, first.fields.wait)
    assert.are.equal("waits 1 s: backoff after a failure", second.fields.reason)
    assert.are.equal(2, second.fields.attempt)
    assert.are.equal("number", type(first.fields.duration))
    first.fields.duration, first.fields.wait, first.fields.reason = nil, nil, nil
    assert.are.same({ method = "GET", path = "/compute/v1/admin/workspaces/{workspace_id}",
      attempt = 1, status = 429, request_id = "r", call = 1, context = "c" }, first.fields)
  end)

  it("is not told where there is no retry", function()
    assert.are.same({}, told { answer(404) })
    assert.are.same({}, told { answer(200) })
  end)
end)

describe("a call that others' 429 holds back", function()
  -- A client that is held back, whose transport sleeps for nothing, and what its log is told.
  local function held(seconds)
    local lines = {}
    local client = scripted.client({ scripted.answer(200) }, {
      logger = function(level, message, fields)
        lines[#lines + 1] = ("%s %s: %s"):format(level, message, fields.reason)
      end,
    })
    local session = client._user.session
    session.cooldown:hold(session.clock.now(), seconds)
    return client, lines
  end

  it("tells so once, at warn, when that is long", function()
    local client, lines = held(20)
    assert.is_truthy(client.auth:me())
    assert.are.same({ "warn held back: waits 20 s: all calls do after too many requests (429)" },
      lines)
    client, lines = held(4)
    assert.is_truthy(client.auth:me())
    assert.are.same({}, lines)
  end)

  it("tells so when it has waited long for its turn", function()
    local client, lines = held(1)
    local session, slept = client._user.session, 0
    session.cooldown:sent("another call, which goes on for long")
    local sleep = session.transport.sleep
    session.transport.sleep = function(...)
      slept = slept + 1
      if slept == 20 then session.cooldown:ended("another call, which goes on for long",
        session.clock.now()) end
      return sleep(...)
    end
    assert.is_truthy(client.auth:me())
    assert.are.same({ "warn held back: waits for its turn: calls start slowly after too many "
      .. "requests (429)" }, lines)
  end)
end)

describe("the context of a request", function()
  local function collect()
    local seen = {}
    return seen, {
      max_retries = 1,
      log_level = "debug",
      logger = function(_, message, fields) seen[#seen + 1] = { message, fields.context } end,
      on_attempt = function(event) seen[#seen + 1] = { "on_attempt", event.context } end,
    }
  end

  it("is in its error, in events and in the log, the same object, and is not sent", function()
    local context, seen, options = { job = 7 }, collect()
    local client, server = stub.client(function()
      return { status = 503, headers = { ["retry-after-ms"] = "0" } }
    end, options)
    local _, err = client.workspaces:create({}, { context = context })
    assert.are.equal(context, err.context)
    local messages = {}
    for i, each in ipairs(seen) do
      messages[i] = each[1]
      assert.are.equal(context, each[2], each[1])
    end
    assert.are.same({ "request", "attempt", "on_attempt", "retry", "request", "attempt",
      "on_attempt" }, messages)
    for _, request in ipairs(server.requests) do
      assert.are.equal("", request.query)
      assert.are.equal("{}", request.body)
    end
  end)

  it("may be any value", function()
    for _, context in ipairs { "text", 7, false, boltz.null, print } do
      local client = stub.client { { status = 404 } }
      assert.are.equal(context, select(2, client:get("/x", { context = context })).context)
    end
  end)

  it("is that of a list in the events of each page, and in what the loop raises", function()
    local seen, options = collect()
    options.log_level = "off"
    local pages = { '{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}', { status = 404 } }
    local client = stub.client(pages, options)
    local _, err = pcall(function()
      for _ in client.workspaces:list({}, { context = "audit" }) do end
    end)
    assert.are.equal("audit", err.context)
    assert.are.same({ { "on_attempt", "audit" }, { "on_attempt", "audit" } }, seen)
    client = stub.client { '{"data":5}' }
    _, err = client.workspaces:list({}, { context = "audit" }):next()
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("audit", err.context)
  end)

  it("is that of each call in a map", function()
    local client = stub.client(function() return { status = 404 } end)
    local told = {}
    for item, _, err in boltz.map({ "a", "b", "c" }, function(id)
      return client.workspaces:retrieve(id, { context = "of " .. id })
    end) do
      told[item] = err.context
    end
    assert.are.same({ a = "of a", b = "of b", c = "of c" }, told)
  end)
end)
