-- SPDX-License-Identifier: MIT
local retry = require "boltz.request.retry"

local CLOCK = { wall = function() return 1e9 end, random = function() return 0 end }

local function result(status, failure, headers, sent)
  return { status = status, failure = failure, headers = headers or {}, sent = sent ~= false }
end

describe("retry.is_retryable", function()
  local WORTH_IT = {
    [400] = false, [401] = false, [403] = false, [404] = false, [405] = false, [408] = true,
    [409] = true, [418] = false, [422] = false, [429] = true, [301] = false, [304] = false,
    [500] = true, [501] = true, [502] = true, [503] = true, [504] = true, [599] = true,
    [600] = false, [999] = false,
  }
  for status, expected in pairs(WORTH_IT) do
    it(("is %s for a status of %d"):format(tostring(expected), status), function()
      assert.are.equal(expected, retry.is_retryable(result(status)))
    end)
  end

  it("follows the server's x-should-retry, either way", function()
    assert.is_true(retry.is_retryable(result(400, nil, { ["x-should-retry"] = "true" })))
    assert.is_false(retry.is_retryable(result(503, nil, { ["x-should-retry"] = "false" })))
    assert.is_true(retry.is_retryable(result(503, nil, { ["x-should-retry"] = "perhaps" })))
  end)

  it("is false for a success, whatever the server advises: a create would be doubled", function()
    for _, status in ipairs { 200, 201, 204 } do
      assert.is_false(retry.is_retryable(result(status, nil, { ["x-should-retry"] = "true" })))
    end
  end)

  it("is what the transport says where there is no answer", function()
    for _, transient in ipairs { true, false } do
      local failed = result(0, "connection")
      failed.transient = transient
      assert.are.equal(transient, retry.is_retryable(failed))
    end
  end)
end)

describe("retry.maybe_applied", function()
  it("is false for a request that changes nothing", function()
    assert.is_false(retry.maybe_applied("GET", result(0, "timeout")))
    assert.is_false(retry.maybe_applied("GET", result(500)))
  end)

  it("is false for a request of which no byte went out", function()
    assert.is_false(retry.maybe_applied("POST", result(0, "connection", nil, false)))
  end)

  it("is true where no answer came, or one that cannot be read", function()
    for _, method in ipairs { "POST", "PUT", "PATCH", "DELETE" } do
      assert.is_true(retry.maybe_applied(method, result(0, "connection")))
      assert.is_true(retry.maybe_applied(method, result(0, "timeout")))
      assert.is_true(retry.maybe_applied(method, result(200, "invalid_response")))
    end
  end)

  local STATUSES = {
    [300] = false, [302] = false, [400] = false, [401] = false, [404] = false, [409] = false,
    [422] = false, [429] = false, [503] = false, [408] = true, [500] = true, [502] = true,
    [504] = true,
  }
  for status, expected in pairs(STATUSES) do
    it(("is %s for a status of %d"):format(tostring(expected), status), function()
      assert.are.equal(expected, retry.maybe_applied("POST", result(status)))
    end)
  end
end)

describe("retry.delay", function()
  -- Whether a call that makes something is made again.
  local function again(got, options)
    local call = { once = true, options = options or {} }
    return retry.delay(call, got, 1, CLOCK) ~= nil
  end

  it("is none where a create might be doubled", function()
    local failed = result(0, "timeout")
    failed.transient = true
    assert.is_false(again(failed))
    assert.is_true(again(failed, { retry_unsafe = true }))
    failed.sent = false
    assert.is_true(again(failed))
    assert.is_false(again(result(500)))
    assert.is_true(again(result(503)))
    assert.is_true(again(result(429)))
    assert.is_true(again(result(500, nil, { ["x-should-retry"] = "true" })))
  end)

  it("is none where a create has succeeded and its answer is lost, whatever that says", function()
    local cut = result(201, "invalid_response", { ["x-should-retry"] = "true" })
    cut.transient = true
    assert.is_false(again(cut))
  end)
end)

describe("retry.requested_delay", function()
  it("reads a date by the answer's own clock, or else by this machine's", function()
    local fields = { ["retry-after"] = "Sun, 06 Nov 1994 08:50:07 GMT",
      date = "Sun, 06 Nov 1994 08:49:37 GMT" }
    assert.are.equal(30, retry.requested_delay(fields, 0))
    fields.date = nil
    assert.are.equal(784111807 - 784111800, retry.requested_delay(fields, 784111800))
  end)
end)
