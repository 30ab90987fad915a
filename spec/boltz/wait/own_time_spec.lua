-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local emulators = require "boltz.emulator"
local lfs = require "lfs"
local wire = require "support.wire"

local LONG = 50 -- seconds of real time that nothing here may take

describe("a client of a transport with a clock", function()
  local service, time, began

  before_each(function()
    began, time = core.now(), 1775044800
    service = emulators.new{ now = function() return time end }
  end)

  after_each(function()
    wire.stop_all()
    assert.is_true(core.now() - began < LONG)
  end)

  local function client_of(transport, changes)
    local options = { api_key = service.admin_key, transport = transport }
    for name, value in pairs(changes or {}) do options[name] = value end
    return boltz.new(options)
  end

  it("waits between attempts on that, and elapsed says how long", function()
    service:fault{ status = 503, retry_after = 45, times = 2 }
    local _, err, response = client_of(service).auth:me()
    assert.is_nil(err)
    assert.are.equal(3, response.attempts)
    assert.are.equal(90, response.elapsed)
    assert.are.equal(time + 90, service:now())
  end)

  it("keeps the fractions of a wait, and of the backoff", function()
    service:fault{ status = 429, retry_after = 0.25 }
    local _, _, response = client_of(service).auth:me()
    assert.are.equal(0.25, response.elapsed)
    service:fault{ status = 500 }
    _, _, response = client_of(service).auth:me()
    assert.is_true(response.elapsed >= 0.375 and response.elapsed <= 0.5, response.elapsed)
  end)

  it("has no other call wait for the turn of one that a closed map has ended", function()
    service:fault{ status = 429, retry_after = 10 }
    local client = client_of(service, { deadline = 60 })
    local map = boltz.map({ "quick", "held" }, function(name)
      return name == "quick" and name or client.auth:me()
    end)
    assert.are.equal("quick", (map()))
    map:close()
    collectgarbage "stop" -- nor does the collector take it away
    finally(function() collectgarbage "restart" end)
    assert.are.equal(10, select(3, assert(client.auth:me())).elapsed)
  end)

  it("has its deadline on that", function()
    service:fault{ status = 503, retry_after = 20, times = math.huge }
    local _, err = client_of(service, { deadline = 50, max_retries = 9 }).auth:me()
    assert.are.equal("internal_server", err.kind)
    assert.are.equal(3, err.attempts)
    assert.are.equal(time + 40, service:now())
  end)

  it("waits for a late answer, up to its timeout", function()
    service:fault{ latency = 30 }
    local _, _, response = client_of(service, { timeout = 40 }).auth:me()
    assert.are.equal(30, response.elapsed)
    service:fault{ latency = 50 }
    local _, err = client_of(service, { timeout = 40, max_retries = 0 }).auth:me()
    assert.are.equal("timeout", err.kind)
    assert.are.equal(time + 70, service:now())
    service:fault{ latency = 50 }
    _, err = client_of(service, { deadline = 5, max_retries = 0 }).auth:me()
    assert.are.equal("the deadline of 5 s has passed", err.message)
    assert.are.equal(time + 75, service:now())
  end)

  it("gives up a create whose answer is late, and says that it may have been applied", function()
    local before = service.store.workspaces:count()
    service:fault{ latency = 90 }
    local _, err = client_of(service).workspaces:create{ name = "x" }
    assert.are.equal("timeout", err.kind)
    assert.is_true(err.maybe_applied)
    assert.are.equal(before + 1, service.store.workspaces:count())
  end)

  it("has calls side by side wait for the earliest end", function()
    service:fault{ latency = 10, times = math.huge }
    local client, order = client_of(service), {}
    for item in boltz.map({ 1, 2, 3, 4, 5, 6 }, function(item)
      assert(client.auth:me{ timeout = 20 })
      return item
    end, { concurrency = 3 }) do order[#order + 1] = item end
    assert.are.equal(6, #order)
    assert.are.equal(time + 20, service:now())
  end)

  it("holds all calls back after a 429, on that clock", function()
    service:fault{ status = 429, retry_after = 45 }
    local client = client_of(service)
    local results, errors = boltz.gather({
      function() return client.auth:me() end,
      function() return client.auth:me() end,
      function() return client.auth:me() end,
    }, { concurrency = 3 })
    assert.is_nil(errors)
    assert.are.equal(3, #results)
    assert.are.equal(time + 45, service:now())
  end)

  it("has its keys expire meanwhile", function()
    local client = client_of(service)
    local made = assert(client.api_keys:create{ name = "k", expires_in_days = 1 })
    service.clock:advance(86400)
    local _, err = client_of(service, { api_key = made.key }).auth:me()
    assert.are.equal("authentication", err.kind)
  end)

  it("follows the time that the test's own function says", function()
    service:fault{ status = 429, retry_after = 3600 }
    local client = client_of(service)
    assert.are.equal("rate_limit", select(2, client.auth:me()).kind)
    assert.are.equal("rate_limit", select(2, client.auth:me()).kind)
    time = time + 3600
    assert(client.auth:me())
  end)

  it("reads pages that are late, also ahead", function()
    service = emulators.new{ workspaces = 30, now = function() return time end }
    service:fault{ latency = 1, times = math.huge }
    local list = assert(client_of(service).workspaces:list{ limit = 10 }:all())
    assert.are.equal(30, #list)
    assert.are.equal(time + 3, service:now())
  end)

  it("needs no engine, and so no descriptor", function()
    if not lfs.attributes("/proc/self/fd") then return pending "this system has no /proc" end
    local function descriptors()
      local count = 0
      for _ in lfs.dir("/proc/self/fd") do count = count + 1 end
      return count
    end
    local before = descriptors()
    service:fault{ status = 503, retry_after = 5, latency = 1 }
    local client = client_of(service)
    assert(client.auth:me())
    assert.are.equal(before, descriptors())
    client:close()
  end)

  it("can be mixed with calls over the network and those of another clock", function()
    local server = wire.start([[
      local c = accept()
      c:request()
      c:send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
      c:close()
    ]])
    local other = emulators.new()
    service:fault{ status = 503, retry_after = 50, times = 2 }
    other:fault{ latency = 40 }
    local near = boltz.new{ api_key = service.admin_key, base_url = server.url }
    local slow, late = client_of(service), client_of(other, { api_key = other.admin_key })
    local results, errors = boltz.gather({
      function() return slow.auth:me() end,
      function() return near:get "/x" end,
      function() return late.auth:me() end,
    }, { concurrency = 3 })
    assert.is_nil(errors)
    assert.are.equal(3, #results)
    assert.are.equal(time + 100, service:now())
  end)

  it("may be an object of the user's", function()
    local now, statuses = 5, { 503, 200 }
    local transport = {
      clock = {
        now = function() return now end,
        wall = function() return 1775044800 + now end,
        advance = function(_, seconds) now = now + seconds end,
      },
      handle = function()
        return table.remove(statuses, 1), { ["retry-after"] = "Wed, 01 Apr 2026 12:00:25 GMT" },
          "{}"
      end,
    }
    local _, _, response = client_of(transport):get "/x"
    assert.are.equal(20, response.elapsed)
    assert.are.equal(25, now)
  end)

  it("is told of a clock that is none, or that stands still", function()
    local answer = { clock = os, handle = function() return 503, {}, "" end }
    assert.has_error(function() client_of(answer) end, "bad option 'transport.clock' to "
      .. "'boltz.new' (expected an object with the methods 'now', 'wall' and 'advance', "
      .. "got a table)")
    local function zero() return 0 end
    answer.clock = { now = zero, wall = zero, advance = zero }
    assert.has_error(function() client_of(answer):get "/x" end,
      "the clock of the transport does not move on: its 'advance' left 'now' at 0")
  end)
end)
