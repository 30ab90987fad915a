-- SPDX-License-Identifier: MIT
-- Whole schedules of attempts and waits, with a clock and random numbers that are passed in.

local scripted = require "reliability.scripted"

local answer, failure = scripted.answer, scripted.failure

local function retrieve(client, with) return client.workspaces:retrieve("ws_1", with) end
local function create(client, with) return client.workspaces:create({}, with) end

local function always(number)
  return { random = function() return number end }
end

local function header(request, name)
  for i = 1, #request.headers, 2 do
    if request.headers[i] == name then return request.headers[i + 1] end
  end
end

-- A wait that may carry the rounding of a clock that counts in seconds since the start.
local function assert_waits(expected, log)
  assert.equal(#expected, #log.waits, table.concat(log.waits, " "))
  for i, seconds in ipairs(expected) do assert.near(seconds, log.waits[i], 1e-9) end
end

describe("the backoff", function()
  local WITHOUT_JITTER = { 0.5, 1, 2, 4, 8, 8, 8 }

  for _, random in ipairs { 0, 0.5, 0.999 } do
    it("doubles from half a second to eight, less a quarter times " .. random, function()
      local client, log = scripted.client({ answer(500) }, { max_retries = 7 }, always(random))
      local _, err = retrieve(client)
      assert.equal(8, err.attempts)
      local expected = {}
      for i, seconds in ipairs(WITHOUT_JITTER) do expected[i] = seconds * (1 - 0.25 * random) end
      assert_waits(expected, log)
    end)
  end

  it("takes a random number for each wait", function()
    local drawn = 0
    local client, log = scripted.client({ answer(500) }, nil, {
      random = function()
        drawn = drawn + 0.25
        return drawn
      end,
    })
    retrieve(client)
    assert_waits({ 0.5 * (1 - 0.25 * 0.25), 1 * (1 - 0.25 * 0.5) }, log)
  end)

  it("of the client itself draws from the system", function()
    local client = require("boltz").new { api_key = ("k"):rep(40) }
    local seen, different = {}, 0
    for _ = 1, 100 do
      local number = client._user.session.clock.random()
      assert.is_true(number >= 0 and number < 1)
      if not seen[number] then different = different + 1 end
      seen[number] = true
    end
    assert.is_true(different > 90)
  end)
end)

describe("the number of attempts", function()
  local WAITS = { [0] = {}, [1] = { 0.5 }, [2] = { 0.5, 1 }, [5] = { 0.5, 1, 2, 4, 8 } }
  for retries, waits in pairs(WAITS) do
    it(("is %d with max_retries = %d"):format(retries + 1, retries), function()
      local client, log = scripted.client({ answer(503) }, { max_retries = retries })
      local _, err = retrieve(client)
      assert.equal(retries + 1, err.attempts)
      assert_waits(waits, log)
      assert.equal(retries + 1, select(2, retrieve(client, { max_retries = retries })).attempts)
    end)
  end

  it("follows the call's max_retries before the client's", function()
    local client = scripted.client({ answer(500) }, { max_retries = 5 })
    assert.equal(1, select(2, retrieve(client, { max_retries = 0 })).attempts)
  end)

  it("stands in answers and errors, and counts those of this call", function()
    local client, log = scripted.client { answer(500), failure("connection", true), answer(200) }
    local _, _, response = retrieve(client)
    assert.equal(3, response.attempts)
    assert_waits({ 0.5, 1 }, log)
    _, _, response = retrieve(client)
    assert.equal(1, response.attempts)
  end)

  it("goes out as x-stainless-retry-count with each attempt", function()
    local client, log = scripted.client({ answer(500) }, { max_retries = 3 })
    retrieve(client)
    local counts = {}
    for i, request in ipairs(log.requests) do
      counts[i] = header(request, "x-stainless-retry-count")
    end
    assert.same({ "0", "1", "2", "3" }, counts)
  end)

  it("is told to on_attempt as they come", function()
    local seen = {}
    local client = scripted.client({ answer(500), failure("timeout", true), answer(200) }, {
      on_attempt = function(event)
        seen[#seen + 1] = ("%d %s %s")
          :format(event.attempt, event.status or "-", event.error or "-")
      end,
    })
    retrieve(client)
    assert.same({ "1 500 -", "2 - timeout", "3 200 -" }, seen)
  end)
end)

describe("what a server asks to wait", function()
  local GMT = "Sun, 06 Nov 1994 08:50:07 GMT" -- half a minute after patience.WALL
  local ASKED = {
    { "whole seconds", { ["retry-after"] = "7" }, 7 },
    { "nothing", { ["retry-after"] = "0" }, 0 },
    { "a fraction", { ["retry-after"] = "2.5" }, 2.5 },
    { "seconds between blanks", { ["retry-after"] = " 3 " }, 3 },
    { "a minute", { ["retry-after"] = "60" }, 60 },
    { "a date as RFC 5322 writes it", { ["retry-after"] = GMT }, 30 },
    { "a date as RFC 850 wrote it", { ["retry-after"] = "Sunday, 06-Nov-94 08:50:07 GMT" }, 30 },
    { "a date as asctime writes it", { ["retry-after"] = "Sun Nov  6 08:50:07 1994" }, 30 },
    { "a date in the past", { ["retry-after"] = "Sun, 06 Nov 1994 08:00:00 GMT" }, 0 },
    { "milliseconds", { ["retry-after-ms"] = "250" }, 0.25 },
    { "a fraction of a millisecond", { ["retry-after-ms"] = "0.5" }, 0.0005 },
    { "milliseconds before seconds", { ["retry-after-ms"] = "250", ["retry-after"] = "9" }, 0.25 },
    { "seconds where milliseconds are no number",
      { ["retry-after-ms"] = "soon", ["retry-after"] = "9" }, 9 },
  }
  for _, case in ipairs(ASKED) do
    it("is obeyed: " .. case[1], function()
      local client, log = scripted.client { answer(429, case[2]), answer(200) }
      local _, err, response = retrieve(client)
      assert.is_nil(err)
      assert.equal(2, response.attempts)
      assert_waits({ case[3] }, log)
    end)
  end

  for _, status in ipairs { 408, 409, 429, 500, 503 } do
    it("is obeyed beside " .. status, function()
      local client, log = scripted.client { answer(status, { ["retry-after"] = "5" }), answer(200) }
      assert.is_table((retrieve(client)))
      assert_waits({ 5 }, log)
    end)
  end

  local GARBAGE = { "", "soon", "-5", "1e1", "5s", "0x10", "NaN", "inf", "1,5", "5;5",
    "Wed, 99 Foo 2000 00:00:00 GMT" }
  for _, text in ipairs(GARBAGE) do
    it(("is not heard when it is %q"):format(text), function()
      local client, log = scripted.client { answer(429, { ["retry-after"] = text }), answer(200) }
      assert.is_table((retrieve(client)))
      assert_waits({ 0.5 }, log)
    end)
  end

  local TOO_LONG = {
    { ["retry-after"] = "60.001" },
    { ["retry-after"] = "99999999999999999999" },
    { ["retry-after-ms"] = "60001" },
    { ["retry-after"] = "Sun, 06 Nov 1994 09:49:37 GMT" },
    { ["retry-after"] = "Fri, 31 Dec 9999 23:59:59 GMT" },
  }
  for _, fields in ipairs(TOO_LONG) do
    it("comes back as the error at once when it is over a minute: "
      .. (fields["retry-after"] or fields["retry-after-ms"] .. " ms"), function()
        local client, log = scripted.client { answer(429, fields) }
        local _, err = retrieve(client)
        assert.equal(1, err.attempts)
        assert.is_true(err.retryable)
        assert.equal("rate_limit", err.kind)
        assert.equal(fields["retry-after"], err.headers["Retry-After"])
        assert_waits({}, log)
      end)
  end
end)

describe("x-should-retry", function()
  it("true has anything tried again, a create too", function()
    for _, status in ipairs { 400, 401, 404, 422, 500, 504 } do
      for _, call in ipairs { retrieve, create } do
        local client = scripted.client { answer(status, { ["x-should-retry"] = "true" }) }
        local _, err = call(client)
        assert.equal(3, err.attempts, tostring(err))
        assert.is_true(err.retryable)
      end
    end
  end)

  it("false has nothing tried again", function()
    for _, status in ipairs { 408, 409, 429, 500, 503 } do
      local client = scripted.client { answer(status, { ["x-should-retry"] = "false" }) }
      local _, err = retrieve(client)
      assert.equal(1, err.attempts, tostring(err))
      assert.is_false(err.retryable)
    end
  end)

  it("of any other value is not heard", function()
    for _, word in ipairs { "", "yes", "1", "TRUE" } do
      local fields = { ["x-should-retry"] = word }
      assert.equal(3, select(2, retrieve((scripted.client { answer(500, fields) }))).attempts)
      assert.equal(1, select(2, retrieve((scripted.client { answer(404, fields) }))).attempts)
    end
  end)
end)

describe("a deadline", function()
  local function slow(seconds, result)
    result.takes = seconds
    return result
  end

  it("cuts the time-out of each attempt to what is left", function()
    local client, log = scripted.client({ slow(4, answer(500)) },
      { timeout = 10, deadline = 12, max_retries = 9 })
    local _, err = retrieve(client)
    -- 0: 10 s; 4.5: 7.5 s; 9.5: 2.5 s, of which the attempt would take 4
    local limits = {}
    for i, request in ipairs(log.requests) do limits[i] = request.timeout end
    assert.same({ 10, 7.5, 2.5 }, limits)
    assert.equal("timeout", err.kind)
    assert.matches("deadline of 12 s", err.message)
    assert.equal(12, log.now())
  end)

  it("comes before a wait that would pass it: the error is that of the last attempt", function()
    local asks = answer(503, { ["retry-after"] = "30" })
    local client, log = scripted.client({ asks }, { deadline = 29 })
    local _, err = retrieve(client)
    assert.equal("internal_server", err.kind)
    assert.equal(1, err.attempts)
    assert.equal(0, log.now())
  end)

  it("counts waits: two attempts and no third", function()
    local client, log = scripted.client({ answer(500) }, { deadline = 1.4 })
    local _, err = retrieve(client)
    assert.equal(2, err.attempts)
    assert_waits({ 0.5 }, log)
  end)

  it("of a call comes before the client's", function()
    local client = scripted.client({ answer(500) }, { deadline = 0.1 })
    assert.equal(3, select(2, retrieve(client, { deadline = 100 })).attempts)
    assert.equal(1, select(2, retrieve(client)).attempts)
  end)

  it("holds for a create, whose fate is then unknown", function()
    local client = scripted.client({ slow(9, answer(200)) }, { deadline = 5 })
    local _, err = create(client)
    assert.equal("timeout", err.kind)
    assert.is_true(err.maybe_applied)
  end)

  it("is absent by default: an attempt has its time-out alone", function()
    local client, log = scripted.client({ slow(100, answer(200)) }, { timeout = 7 })
    assert.equal("timeout", select(2, retrieve(client)).kind)
    assert.equal(7 * 3 + 0.5 + 1, log.now())
  end)
end)

describe("the retry budget of a client", function()
  -- Figures: 500 to begin with, 5 a retry, 10 after a time-out, 1 for a call that succeeds.
  local function spend(client, calls)
    local retries = 0
    for _ = 1, calls do retries = retries + select(2, retrieve(client)).attempts - 1 end
    return retries
  end

  it("ends after a hundred retries, and then each call is tried once", function()
    local client = scripted.client { answer(500) }
    assert.equal(100, spend(client, 60))
    assert.equal(1, select(2, retrieve(client)).attempts)
  end)

  it("ends after fifty retries that follow time-outs", function()
    local client = scripted.client { failure("timeout", true) }
    assert.equal(50, spend(client, 60))
  end)

  it("is shared by the copies of a client", function()
    local client = scripted.client { answer(500) }
    spend(client, 60)
    assert.equal(1, select(2, retrieve(client:with { max_retries = 5 })).attempts)
  end)

  it("fills again with calls that succeed, five for a retry", function()
    local client, log = scripted.client { answer(500) }
    spend(client, 60)
    log.results = { answer(200) }
    for _ = 1, 4 do retrieve(client) end
    log.results = { answer(500) }
    assert.equal(1, select(2, retrieve(client)).attempts)
    log.results = { answer(200) }
    retrieve(client)
    log.results = { answer(500) }
    assert.equal(2, select(2, retrieve(client)).attempts)
  end)

  it("takes back what a retry has cost that succeeded", function()
    local client, log = scripted.client { answer(500) }
    for _ = 1, 300 do
      log.results = { answer(500), answer(200) }
      for i = #log.requests, 1, -1 do log.requests[i] = nil end
      local _, err, response = retrieve(client)
      assert.is_nil(err)
      assert.equal(2, response.attempts)
    end
  end)

  it("pays nothing for retries after 429, which are paced", function()
    local client, log = scripted.client { answer(429, { ["retry-after"] = "0" }) }
    assert.equal(400, spend(client, 200))
    log.results = { answer(500) }
    assert.equal(100, spend(client, 60))
  end)

  it("never holds more than at the beginning", function()
    local client, log = scripted.client { answer(200) }
    for _ = 1, 1000 do retrieve(client) end
    log.results = { answer(500) }
    assert.equal(100, spend(client, 60))
  end)
end)

describe("retry_after of an error", function()
  it("is what the server asked for, also where the client does not wait so long", function()
    local client, log = scripted.client { answer(429, { ["retry-after"] = "90" }) }
    local _, err = retrieve(client)
    assert.near(90, err.retry_after, 1e-9)
    _, err = retrieve(client) -- which fails at once
    assert.equal("rate_limit", err.kind)
    assert.equal(1, #log.requests)
    assert.near(90, err.retry_after, 1e-9)
  end)

  it("is that of the last answer, and nil where that asked for nothing", function()
    local client = scripted.client { answer(503, { ["retry-after-ms"] = "1500" }),
      answer(503, { ["retry-after"] = "3" }) }
    assert.equal(3, select(2, retrieve(client)).retry_after)
    client = scripted.client { answer(503, { ["retry-after"] = "3" }), answer(503) }
    assert.is_nil(select(2, retrieve(client)).retry_after)
    client = scripted.client { answer(503, { ["retry-after"] = "3" }), answer(200, {}, "<html>") }
    assert.is_nil(select(2, retrieve(client)).retry_after)
  end)

  it("is a finite number from 0, whatever the server says", function()
    for text, expected in pairs {
      ["-1"] = false, ["inf"] = false, ["nan"] = false, ["1e9"] = false, [("9"):rep(400)] = false,
      ["Thu, 01 Jan 1970 00:00:00 GMT"] = 0, ["0"] = 0,
    } do
      local client = scripted.client({ answer(500, { ["retry-after"] = text }) },
        { max_retries = 0 })
      assert.equal(expected, select(2, retrieve(client)).retry_after or false, text)
    end
  end)

  it("is how long others' 429 holds a call back that has less time than that", function()
    local client, log = scripted.client { answer(429, { ["retry-after"] = "20" }),
      answer(200) }
    assert.is_truthy(retrieve(client))
    log.results = { answer(429, { ["retry-after"] = "20" }) }
    for i = #log.requests, 1, -1 do log.requests[i] = nil end
    retrieve(client, { deadline = 10 })
    local _, err = retrieve(client, { deadline = 10 })
    assert.equal("timeout", err.kind)
    assert.is_true(err.retry_after > 0 and err.retry_after <= 20, err.retry_after)
  end)
end)

it("waits stand in the log at level warn", function()
  local lines = {}
  local client = scripted.client({ answer(500), answer(200) }, {
    log_level = "info",
    logger = function(level, message, fields)
      lines[#lines + 1] = ("%s %s %s"):format(level, message, fields.wait or "-")
    end,
  })
  retrieve(client)
  assert.same({ "info attempt -", "warn retry 0.5", "info attempt -" }, lines)
end)

