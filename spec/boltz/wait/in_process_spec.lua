-- SPDX-License-Identifier: MIT
local InProcess = require "boltz.wait.in_process"
local boltz = require "boltz"
local core = require "boltz.core"
local lfs = require "lfs"
local mistake = require "support.mistake"
local stub = require "support.stub"
local tables = require "boltz.tables"
local wire = require "support.wire"

local function request(changes)
  local result = { method = "GET", url = "https://api.example/a%2Fb?x=1&y=%20", headers = {},
    max_response_bytes = 100 }
  for name, value in pairs(changes or {}) do result[name] = value end
  return result
end

-- The result of one attempt at an object that answers like this within a second, and what the
-- object got.
local function attempt(answer, changes)
  local got
  local transport = InProcess.new { handle = function(_, ...)
    got = { ... }
    return answer.status or 200, answer.headers, answer.body, answer.wire
  end }
  return transport:finish(transport:start(request(changes), 1), 1), got
end

describe("the transport to an object in this process", function()
  it("hands over method, path and query as they are sent, lower-case headers, body", function()
    local _, got = attempt({}, { method = "POST", body = "{}",
      headers = { "X-Trace", "1", "x-api-key", core.secret("sk_bc_admin_live_0123456789") } })
    assert.are.same({ "POST", "/a%2Fb", "x=1&y=%20", { ["x-trace"] = "1",
      ["x-api-key"] = "sk_bc_admin_live_0123456789" }, "{}" }, got)
  end)

  local TARGETS = {
    ["https://api.example/a"] = { "/a", "" },
    ["http://127.0.0.1:8080/a?b"] = { "/a", "b" },
    ["https://[::1]:1/a?b=/?c"] = { "/a", "b=/?c" },
    ["https://api.example/base/a?"] = { "/base/a", "" },
  }
  for url, target in pairs(TARGETS) do
    it("takes " .. url .. " apart", function()
      local _, got = attempt({}, { url = url })
      assert.are.same(target, { got[2], got[3] })
    end)
  end

  it("returns status, body and headers by lower-case name, as text", function()
    local result = attempt { status = 201, headers = { ["X-A"] = 1 }, body = "{}" }
    assert.are.equal(201, result.status)
    assert.are.same({ ["x-a"] = "1" }, result.headers)
    assert.are.equal("{}", result.body)
    assert.is_true(result.sent)
    assert.is_nil(result.failure)
  end)

  it("needs neither headers nor a body", function()
    local result = attempt { status = 204 }
    assert.are.same({}, result.headers)
    assert.are.equal("", result.body)
  end)

  it("can lose the connection after the request was sent", function()
    local result = attempt { status = 200, body = "{}", wire = { drop = true } }
    assert.are.equal("connection", result.failure)
    assert.are.equal(0, result.status)
    assert.are.equal("", result.body)
    assert.is_true(result.sent)
  end)

  it("can cut an answer short", function()
    local result = attempt { body = '{"id":1}', wire = { truncate = 3 } }
    assert.are.equal("invalid_response", result.failure)
    assert.are.equal('{"i', result.body)
    assert.are.equal(200, result.status)
  end)

  it("trims the values of headers, and joins those of one name", function()
    local result = attempt { headers = { Vary = { "a", "b" }, ["X-A"] = " 1\t" } }
    assert.are.same({ vary = "a, b", ["x-a"] = "1" }, result.headers)
  end)

  it("takes no status that is none", function()
    for _, status in ipairs { 2000, 20, -200, 200.5, 0 / 0 } do
      local result = attempt { status = status, body = "{}" }
      assert.are.equal("invalid_response", result.failure)
      assert.are.equal("the answer's status line is malformed", result.message)
      assert.are.equal(0, result.status)
    end
  end)

  it("takes no header that would be two, or the beginning of one", function()
    local fields = { { "X", "a\r\nY: b" }, { "X\n", "a" }, { "X:", "a" }, { "X", "a\0" } }
    for _, field in ipairs(fields) do
      local result = attempt { headers = { [field[1]] = field[2] }, body = "{}" }
      assert.are.equal("invalid_response", result.failure)
      assert.are.equal("a header of the answer is malformed", result.message)
    end
  end)

  local SHAPES = {
    { { n = 0 }, "a number as status, got nothing" },
    { { n = 2, nil, "no such path" }, "a number as status, got nothing" },
    { { n = 1, { status = 200, body = "{}" } }, "a number as status, got a table" },
    { { n = 1, "200" }, 'a number as status, got "200"' },
    { { n = 2, 200, "{}" }, 'a table as headers, got "{}"' },
    { { n = 3, 200, {}, { id = "w" } }, "text as body, got a table" },
    { { n = 3, 200, {}, false }, "text as body, got false" },
    { { n = 4, 200, {}, "{}", true }, "a table as what the wire does, got true" },
    { { n = 3, 200, { ["X-A"] = print }, "{}" },
      "text, or a list of texts, as the header 'X-A', got a function" },
    { { n = 3, 200, { ["X-A"] = { {} } }, "{}" },
      "text, or a list of texts, as the header 'X-A', got a table" },
  }
  for _, case in ipairs(SHAPES) do
    it("raises at the caller's line where the object does not answer with " .. case[2], function()
      local shape = case[1]
      local client = boltz.new { api_key = stub.KEY, max_retries = 0, transport = {
        handle = function() return tables.unpack(shape, 1, shape.n) end } }
      local text = "the transport's 'handle' returns status, headers, body: expected " .. case[2]
      assert.are.equal(text, mistake(function() client.auth:me() end))
      assert.are.equal(text, mistake(function() client.workspaces:list():next() end))
      shape = { n = 3, 200, { ["X-A"] = true, ["X-B"] = { 1, "2" } }, "{}" }
      assert(client.auth:me()) -- goes on
    end)
  end

  it("times out where the answer is said to take longer than the call allows", function()
    local result = attempt({ body = "{}", wire = { latency = 5 } })
    assert.are.equal("timeout", result.failure)
    assert.are.equal(0, result.status)
    assert.are.equal("", result.body)
    assert.is_nil(attempt({ body = "{}", wire = { latency = 0.5 } }).failure)
  end)

  it("gives a client the kinds of errors that a network gives", function()
    local client = stub.client {
      { wire = { drop = true } }, { body = "{}", wire = { truncate = 1 } }, { status = 429 },
    }
    local _, err = client.workspaces:create()
    assert.are.equal("connection", err.kind)
    assert.is_true(err.maybe_applied)
    _, err = client.workspaces:create()
    assert.are.equal("invalid_response", err.kind)
    _, err = client.workspaces:create()
    assert.are.equal("rate_limit", err.kind)
    assert.is_false(err.maybe_applied)
  end)

  it("lets the emulator stand in for the service", function()
    local emulator = require("boltz.emulator").new { workspaces = 2 }
    local client = boltz.new {
      api_key = emulator.admin_key,
      transport = emulator,
      max_retries = 0,
    }
    assert.are.equal(2, #assert(client.workspaces:list():all()))
    emulator:fault { status = 503, retry_after = 7 }
    local _, err = client.auth:me()
    assert.are.equal("internal_server", err.kind)
    assert.are.equal("7", err.headers["Retry-After"])
  end)
end)

describe("the bounds of an answer from this process", function()
  after_each(wire.stop_all)

  local MIB = 1024 * 1024

  local function fields_of(count, bytes)
    local fields = {}
    for i = 1, count do fields["x-" .. i] = ("v"):rep(bytes) end
    return fields
  end

  -- The same answer over the network.
  local function over_the_network(answer, most)
    local server = wire.start(([[
      local c = accept()
      c:request()
      local lines = { "HTTP/1.1 %d X\r\nContent-Length: %d" }
      for i = 1, %d do lines[#lines + 1] = "x-" .. i .. ": " .. ("v"):rep(%d) end
      c:send(table.concat(lines, "\r\n") .. "\r\n\r\n")
      c:send((" "):rep(%d))
      c:close()
    ]]):format(answer.status, answer.bytes, answer.fields or 0, answer.width or 1, answer.bytes))
    return wire.exchange(wire.request(server.url, { max_response_bytes = most }))
  end

  local CASES = {
    { "max_response_bytes", status = 200, bytes = 101, most = 100,
      message = "the answer is larger than max_response_bytes" },
    { "max_response_bytes, of a failure", status = 503, bytes = 101, most = 100,
      message = "the answer is larger than max_response_bytes" },
    { "1 MiB, of a failure", status = 404, bytes = MIB + 1, most = 64 * MIB,
      message = "the body of a failure is larger than 1 MiB" },
    { "1 MiB, of a redirect", status = 302, bytes = MIB + 1, most = MIB + 1,
      message = "the body of a failure is larger than 1 MiB" },
    { "256 KiB of headers", status = 200, bytes = 2, fields = 4, width = 80 * 1024,
      message = "the answer's headers are larger than 256 KiB" },
    { "100 KiB of a header", status = 200, bytes = 2, fields = 1, width = 101 * 1024,
      message = "the answer's headers are larger than 256 KiB" },
    { "5,000 headers", status = 200, bytes = 2, fields = 5000,
      message = "the answer's headers are larger than 256 KiB" },
  }
  for _, case in ipairs(CASES) do
    it("are those of one from the network: " .. case[1], function()
      local most = case.most or MIB
      local answer = { status = case.status, body = (" "):rep(case.bytes),
        headers = fields_of(case.fields or 0, case.width or 1) }
      local result = attempt(answer, { max_response_bytes = most })
      local expected = over_the_network(case, most)
      assert.are.equal(case.message, expected.message:sub(1, #case.message))
      for _, name in ipairs { "message", "failure", "transient", "status" } do
        assert.are.equal(expected[name], result[name], name)
      end
      assert.is_true(#result.body <= math.min(most, 8192))
      assert.are.equal(case.fields and 0 or math.min(most, 8192), #result.body)
    end)
  end

  it("let through what is just within them", function()
    assert.is_nil(attempt { body = ("x"):rep(100) }.failure)
    local within = { status = 404, body = (" "):rep(MIB), headers = fields_of(4, 60 * 1024) }
    assert.is_nil(attempt(within, { max_response_bytes = 64 * MIB }).failure)
    local large = { status = 201, body = (" "):rep(2 * MIB), headers = fields_of(4000, 1) }
    assert.is_nil(attempt(large, { max_response_bytes = 2 * MIB }).failure)
  end)

  it("are counted behind what the wire cuts off", function()
    local result = attempt { body = ("x"):rep(101), wire = { truncate = 100 } }
    assert.are.equal("the answer was cut short", result.message)
  end)

  it("show how a refusal begins, under the kind of its status", function()
    local client = stub.client { { status = 404, body = "lost" .. (" "):rep(MIB) } }
    local _, err = client.workspaces:retrieve("w")
    assert.are.equal("not_found", err.kind)
    assert.are.equal("lost", err.body:sub(1, 4))
  end)
end)

describe("a client of an object in this process", function()
  local function descriptors()
    local count = 0
    for _ in lfs.dir("/proc/self/fd") do count = count + 1 end
    return count
  end

  it("takes no descriptor before it waits, and none is left when it is closed", function()
    if not lfs.attributes("/proc/self/fd") then return pending "this system has no /proc" end
    local before, clients = descriptors(), {}
    for i = 1, 20 do
      clients[i] = stub.client()
      assert(clients[i]:get("/x"))
    end
    clients[20]:close()
    assert.is_true(descriptors() <= before)
    local client = stub.client({ { status = 503, headers = { ["Retry-After"] = "0" }, body = "" },
      "{}" }, { max_retries = 1 })
    assert(client:get("/x"))
    client:close()
    assert.is_true(descriptors() <= before)
  end)
end)
