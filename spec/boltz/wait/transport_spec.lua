-- SPDX-License-Identifier: MIT
local transport = require "boltz.wait.transport"
local boltz = require "boltz"
local core = require "boltz.core"
local lfs = require "lfs"
local stub = require "support.stub"
local wire = require "support.wire"

local function request(changes)
  local result = { method = "GET", url = "https://api.example/a%2Fb?x=1&y=%20", headers = {},
    max_response_bytes = 100 }
  for name, value in pairs(changes or {}) do result[name] = value end
  return result
end

local function blocking() return require "boltz.wait.host.blocking" end

-- The result of one attempt at an object that answers like this within a second, and what the
-- object got.
local function attempt(answer, changes)
  local got
  local carrier = transport.in_process { handle = function(_, ...)
    got = { ... }
    return answer.status or 200, answer.headers, answer.body, answer.wire
  end }
  return carrier:finish(carrier:start(request(changes), 1), 1), got
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

  it("holds answers to max_response_bytes", function()
    assert.is_nil(attempt({ body = ("x"):rep(100) }).failure)
    local result = attempt { body = ("x"):rep(101) }
    assert.are.equal("invalid_response", result.failure)
    assert.is_truthy(result.message:find("max_response_bytes", 1, true))
    assert.are.equal("", result.body)
  end)

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

describe("the transport over libcurl", function()
  it("tells a connection that nobody takes", function()
    local carrier = transport.over_engine(blocking)
    -- Port 1 of loopback is reserved, and a port that nobody has bound refuses.
    local transfer = carrier:start(request { url = "http://127.0.0.1:1/" })
    local result = carrier:finish(transfer, 5)
    carrier:close()
    assert.are.equal("connection", result.failure)
    assert.are.equal(0, result.status)
    assert.is_false(result.sent)
  end)

  it("makes an error of that, which was certainly not applied", function()
    local client = boltz.new { api_key = stub.KEY, base_url = "http://127.0.0.1:1" }
    local value, err, response = client.workspaces:create()
    client:close()
    assert.is_nil(value)
    assert.is_nil(response)
    assert.are.equal("connection", err.kind)
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.is_nil(err.status)
  end)

  -- A loop whose waiting is a function, and a transport that has it.
  local function over(wait, others)
    local loop = { wait = wait }
    for name, value in pairs(others or {}) do loop[name] = value end
    return transport.over_engine(function() return loop end)
  end

  local function polling(engine, wait)
    while not wait:is_over() do engine:poll(0.1) end
  end

  it("waits in the way of its loop, with the engine's descriptor or without", function()
    finally(wire.stop_all)
    local server = wire.start [[accept():request() accept():request()]]
    local engines = {}
    local carrier = over(function(engine, wait)
      engines[#engines + 1] = engine
      polling(engine, wait)
    end)
    local result = carrier:finish(carrier:start(wire.request(server.url)), 0.1)
    assert.are.equal("timeout", result.failure)
    assert.are.equal(1, #engines)
    assert.matches("^boltz.engine %(open%)", tostring(engines[1]))
    carrier:close()
  end)

  it("counts the time of a transfer from when somebody wants its end", function()
    finally(wire.stop_all)
    local server = wire.start [[
      local c = accept()
      c:request()
      accept():request()
      c:send(answer "in time")
    ]]
    local carrier = over(polling)
    local transfer = carrier:start(wire.request(server.url, { timeout = 0.001 }))
    local other = carrier:start(wire.request(server.url))
    assert.are.equal("in time", carrier:finish(transfer, 20).body)
    other:cancel()
    carrier:close()
  end)

  it("cancels a transfer when an error ends the waiting for it", function()
    finally(wire.stop_all)
    local server = wire.start [[accept():hang()]]
    local carrier = over(function() error("interrupted!", 0) end)
    local transfer = carrier:start(wire.request(server.url))
    local done, problem = pcall(carrier.finish, carrier, transfer, 20)
    assert.are.same({ false, "interrupted!" }, { done, problem })
    assert.are.equal("cancelled", transfer:result().failure)
    carrier:close()
  end)

  it("waits for a time, or until something holds", function()
    local carrier = over(polling)
    local started = core.now()
    carrier:sleep(0.05)
    assert.is_true(core.now() - started >= 0.05)
    local asked = 0
    carrier:sleep(3600, function()
      asked = asked + 1
      return asked == 3
    end)
    assert.are.equal(3, asked)
    carrier:close()
  end)

  it("closed while somebody waits is closed when the last of them goes", function()
    local carrier, states, watched
    local forgotten = 0
    states = {}
    local inner = false
    carrier = over(function(engine, wait)
      watched = engine
      if not inner then
        inner = true
        carrier:sleep(0.001) -- another waits, too
        carrier:sleep(3600, function()
          carrier:close()
          return true
        end)
        states[#states + 1] = tostring(engine)
        return
      end
      polling(engine, wait)
    end, { forget = function(engine)
      forgotten = forgotten + 1
      states[#states + 1] = tostring(engine) -- its descriptor is still there to be forgotten
    end })
    carrier:sleep(0.001)
    assert.are.same({ "boltz.engine (open)", "boltz.engine (open)" }, states)
    assert.are.equal("boltz.engine (closed)", tostring(watched))
    assert.are.equal(1, forgotten)
  end)

  it("wakes those who wait when it is closed", function()
    local carrier
    local woken
    carrier = over(function(engine)
      engine:step()
      carrier:close()
      woken = engine:timeout()
    end)
    carrier:sleep(3600)
    assert.are.equal(0, woken)
  end)

  it("may be woken when it is closed", function()
    local carrier = over(polling)
    carrier:close()
    carrier:wake()
  end)

  it("says what is in the way of waiting, as its loop does", function()
    assert.is_nil(over(polling):obstacle())
    local carrier = over(polling, { obstacle = function() return "not here" end })
    assert.are.equal("not here", carrier:obstacle())
  end)

  it("is closed once and for all", function()
    local carrier = transport.over_engine(blocking)
    carrier:close()
    carrier:close()
    assert.has_error(function() carrier:start(request()) end)
  end)
end)
