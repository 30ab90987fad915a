-- SPDX-License-Identifier: MIT
local response = require "boltz.request.response"
local boltz = require "boltz"
local core = require "boltz.core"

local KEY = "sk_bc_ws_live_0123456789abcdefghijklmnopqrstuv"
local CALL = { method = "GET", template = "/things/{thing_id}", base_path = "/v1",
  path = "/things/t", options = {} }
local CREATE = { method = "POST", template = "/things", base_path = "", path = "/things",
  options = {} }

local MOST = 5000 -- values in JSON

-- What response.read makes of a result with these fields; `call` is CALL unless it is given.
local function read(fields, call)
  local result = { status = 200, headers = {}, body = "", sent = true }
  for name, value in pairs(fields) do result[name] = value end
  return response.read(call or CALL, result, { attempts = 1, elapsed = 0.25, max_values = MOST })
end

local function failed(fields, call)
  local value, err = read(fields, call)
  assert.is_nil(value)
  assert.is_true(boltz.is_error(err))
  return err
end

describe("a success", function()
  it("is the value, no error, and the response", function()
    local value, err, got = read { body = '{"id": "t1"}', status = 201,
      headers = { ["x-request-id"] = "r1" } }
    assert.are.same({ id = "t1" }, value)
    assert.is_nil(err)
    assert.are.equal(201, got.status)
    assert.are.equal("r1", got.request_id)
    assert.are.equal("r1", got.headers["X-Request-Id"])
    assert.are.equal(1, got.attempts)
    assert.are.equal(0.25, got.elapsed)
  end)

  it("leaves null out, keeps unknown fields, and tells arrays from objects", function()
    local value = read { body = '{"a":null,"later":{"x":[]},"list":[],"object":{}}' }
    assert.is_nil(value.a)
    assert.is_true(core.is_array(value.later.x))
    assert.is_true(core.is_array(value.list))
    assert.is_false(core.is_array(value.object))
  end)

  -- That what the fields describe is a success without a value.
  local function assert_null(fields)
    local value, err, got = read(fields)
    assert.are.equal(boltz.null, value)
    assert.is_nil(err)
    assert.are.equal(fields.status or 200, got.status)
  end

  it("is boltz.null, nil, response where the answer is null", function()
    assert_null { body = "null" }
    assert_null { body = " null\n", status = 201 }
  end)

  it("is boltz.null where the status says that there is no content, whatever the body", function()
    for _, status in ipairs { 204, 205 } do
      for _, body in ipairs { "", "not JSON" } do assert_null { status = status, body = body } end
    end
  end)

  it("is boltz.null where an empty body is announced as one, with any status", function()
    for _, status in ipairs { 200, 201, 202, 299 } do
      assert_null { status = status, headers = { ["content-length"] = "0" } }
    end
  end)

  it("is none where an empty body is not announced: it may have been lost", function()
    for _, fields in ipairs { {}, { ["content-length"] = "4" }, { ["content-type"] = "text/x" } } do
      assert.are.equal("invalid_response", failed { headers = fields }.kind)
    end
    local err = failed { status = 404, headers = { ["content-length"] = "0" } }
    assert.are.equal("not_found", err.kind)
  end)

  it("is none where the wire failed, whatever the status says", function()
    for _, status in ipairs { 200, 204, 205 } do
      local err = failed { status = status, headers = { ["content-length"] = "0" },
        failure = "connection", message = "gone" }
      assert.are.equal("connection", err.kind)
    end
  end)

  it("is every status from 200 to 299, and no other", function()
    for _, status in ipairs { 200, 202, 299 } do
      assert.are.same({ id = 1 }, (read { status = status, body = '{"id":1}' }))
    end
    for _, status in ipairs { 199, 300 } do
      assert.are.equal(status, failed({ status = status, body = '{"id":1}' }).status)
    end
  end)

  it("may be false, a number, a text or a list", function()
    assert.is_false((read { body = "false" }))
    assert.are.equal("text", (read { body = '"text"' }))
    assert.are.equal("9007199254740991", ("%d"):format((read { body = "9007199254740991" })))
    assert.are.same({ 1, 2 }, (read { body = "[1, 2]" }))
  end)
end)

describe("a request id", function()
  local CASES = {
    { { ["x-request-id"] = "a", ["request-id"] = "b", ["cf-ray"] = "c" }, "a" },
    { { ["request-id"] = "b", ["cf-ray"] = "c" }, "b" },
    { { ["cf-ray"] = "c" }, "c" },
    { {}, nil },
    { { ["x-request-id"] = "r\27[31m" }, "r?[31m" },
  }
  for _, case in ipairs(CASES) do
    it("is " .. tostring(case[2]) .. " in answers and errors", function()
      local function fresh()
        local fields = {}
        for name, value in pairs(case[1]) do fields[name] = value end
        return fields
      end
      assert.are.equal(case[2], select(3, read { body = "{}", headers = fresh() }).request_id)
      assert.are.equal(case[2], failed({ status = 500, headers = fresh() }).request_id)
    end)
  end
end)

describe("an error answer", function()
  it("has every field of the contract", function()
    local body = '{"code":"conflict","message":"Archived","details":[{"path":"a","message":"b"}]}'
    local err = failed({ status = 409, body = body, headers = { ["x-request-id"] = "r1" } }, CREATE)
    assert.are.equal("conflict", err.kind)
    assert.are.equal("Archived", err.message)
    assert.are.equal(409, err.status)
    assert.are.equal("conflict", err.code)
    assert.are.same({ { path = "a", message = "b" } }, err.details)
    assert.are.equal("r1", err.request_id)
    assert.are.equal("r1", err.headers["X-REQUEST-ID"])
    assert.are.equal(body, err.body)
    assert.are.equal("POST", err.method)
    assert.are.equal("/things", err.path)
    assert.are.equal("/things", err.url_path)
    assert.are.equal(1, err.attempts)
    assert.is_true(err.retryable)
    assert.is_false(err.maybe_applied)
  end)

  it("has the path as it was sent, with that of the base URL, and no key in it", function()
    local err = failed { status = 500 }
    assert.are.equal("/things/{thing_id}", err.path)
    assert.are.equal("/v1/things/t", err.url_path)
    local call = { method = "GET", template = "/x", base_path = "", path = "/things/" .. KEY,
      options = {} }
    assert.are.equal("/things/" .. KEY:sub(1, 12) .. "...",
      failed({ status = 500 }, call).url_path)
  end)

  it("shows the path of a route that is not there, unless the service says what is", function()
    local plain = failed { status = 404, body = "<title>404 Not Found</title>" }
    assert.are.equal("404 Not Found, for the path " .. CALL.path, plain.message)
    assert.are.equal("the server answered 404, for the path " .. CALL.path,
      failed { status = 404, body = "" }.message)
    assert.are.equal("no such workspace",
      failed { status = 404, body = '{"code":"not_found","message":"no such workspace"}' }.message)
  end)

  it("asks whether a list was too long where the URL was", function()
    assert.are.equal("the server answered 414; is a list among the parameters too long for a URL?",
      failed { status = 414, body = "" }.message)
  end)

  local BODIES = {
    ["empty"] = "", ["no JSON"] = "<html>Bad gateway</html>", ["a list"] = "[1]",
    ["a number"] = "5", ["null"] = "null", ["without the fields"] = '{"x":"y"}',
    ["with fields that are no text"] = '{"code":5,"message":{"a":1}}',
  }
  for name, body in pairs(BODIES) do
    it("gets by with a body that is " .. name, function()
      local err = failed { status = 502, body = body }
      assert.are.equal("internal_server", err.kind)
      assert.are.equal("the server answered 502", err.message)
      assert.is_nil(err.code)
      assert.are.equal(body, err.body)
    end)
  end

  it("says why a redirect is not followed", function()
    local err = failed { status = 302, headers = { location = "https://elsewhere.example/" } }
    assert.are.equal("redirect", err.kind)
    assert.are.equal("redirects are not followed: the key would travel along", err.message)
    assert.are.equal("https://elsewhere.example/", err.headers.Location)
  end)

  it("keeps 4096 bytes of its body", function()
    assert.are.equal(("x"):rep(4096), failed({ status = 500, body = ("x"):rep(4096) }).body)
    assert.are.equal(("x"):rep(4096), failed({ status = 500, body = ("x"):rep(5000) }).body)
  end)

  it("keeps 8 KiB of each header, of a message and of a code, whatever else there is", function()
    local long = ("m"):rep(60 * 1024)
    local fields = { ["retry-after"] = "7", ["x-request-id"] = long }
    for i = 1, 20 do fields["x-" .. i] = ("h"):rep(9000) end
    local err = failed { status = 400, headers = fields,
      body = core.encode { code = long, message = long, details = { long, long } } }
    assert.are.equal("7", err.headers["Retry-After"])
    for i = 1, 20 do assert.are.equal(8192, #err.headers["x-" .. i]) end
    for _, name in ipairs { "code", "message", "request_id" } do
      assert.are.equal(8192, #err[name], name)
    end
    assert.is_true(#core.encode(err.details) < 8192 + 100)
    local message = failed { headers = { ["content-type"] = long }, body = "<html>" }.message
    assert.is_true(#message < 8192)
    local call = { method = "GET", template = "/things/{thing_id}", base_path = "",
      path = "/things/" .. long, options = {} }
    err = failed({ status = 404 }, call)
    assert.is_true(#err.message < 8192)
    assert.are.equal(8192, #err.url_path)
  end)

  it("counts for more than that the rest of its body is missing", function()
    for status, kind in pairs { [503] = "internal_server", [300] = "redirect" } do
      local err = failed { status = status, body = '{"code":', failure = "invalid_response",
        message = "cut short" }
      assert.are.equal(kind, err.kind)
      assert.are.equal(status, err.status)
    end
  end)

  it("counts for less than the caller's own limits", function()
    for _, failure in ipairs { "timeout", "cancelled" } do
      assert.are.equal(failure, failed({ status = 503, failure = failure, message = "m" }).kind)
    end
  end)
end)

describe("a failure without an answer", function()
  for _, failure in ipairs { "connection", "tls", "timeout", "cancelled" } do
    it("of kind " .. failure .. " has the transport's message and no status", function()
      local err = failed({ status = 0, failure = failure, message = "It went wrong" }, CREATE)
      assert.are.equal(failure, err.kind)
      assert.are.equal("It went wrong", err.message)
      assert.is_nil(err.status)
      assert.is_nil(err.body)
      assert.is_nil(err.code)
      assert.is_false(err.maybe_applied)
      assert.are.same({}, err.headers)
    end)
  end

  it("may have been applied when an attempt was", function()
    local result = { status = 0, failure = "connection", message = "m", headers = {}, body = "" }
    local about = { attempts = 2, elapsed = 1, maybe_applied = true }
    assert.is_true(select(2, response.read(CREATE, result, about)).maybe_applied)
  end)
end)

describe("a body of very many values", function()
  local function list_of(count) return "[" .. ("[],"):rep(count - 2) .. "[]]" end

  it("is an invalid_response of a success, which says so", function()
    assert.are.equal(MOST - 1, #read { body = list_of(MOST) })
    local err = failed { body = list_of(MOST + 1) }
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("the answer has more than 5000 JSON values", err.message)
  end)

  it("is not read of a failure, whose kind is its status's", function()
    local function told(count)
      return failed { status = 503, body = ('{"message":"m","details":%s}'):format(list_of(count)) }
    end
    assert.are.equal("m", told(16382).message)
    local err = told(16383)
    assert.are.equal("the server answered 503", err.message)
    assert.are.equal(told(2).kind, err.kind)
  end)
end)

describe("a success that cannot be read", function()
  it("is an invalid_response, with what the answer claimed to be", function()
    local err = failed({ body = "<html>", headers = { ["content-type"] = "text/html" } }, CREATE)
    assert.are.equal("invalid_response", err.kind)
    assert.is_truthy(err.message:find("the answer is not JSON (text/html): ", 1, true))
    assert.are.equal(200, err.status)
    assert.are.equal("<html>", err.body)
  end)

  for _, body in ipairs { "", " ", '{"id":', "{} {}", "nope", "{'a':1}" } do
    it(("is one for %q"):format(body), function()
      local err = failed { body = body }
      assert.are.equal("invalid_response", err.kind)
      assert.is_truthy(err.message:find("the answer is not JSON (no content-type): ", 1, true))
    end)
  end

  it("is one where the answer was cut short or too large", function()
    local err = failed { body = "[1", failure = "invalid_response", message = "cut short" }
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("cut short", err.message)
    assert.are.equal("[1", err.body)
  end)
end)

describe("a key in an answer", function()
  -- All that an error shows, in one text.
  local function everything(err)
    local seen, words = {}, { tostring(err), "" .. err }
    local function walk(value)
      if type(value) ~= "table" then
        words[#words + 1] = tostring(value)
      elseif not seen[value] then
        seen[value] = true
        for name, field in pairs(value) do
          walk(name)
          walk(field)
        end
      end
    end
    walk(err)
    return table.concat(words, "\n")
  end

  local ANSWERS = {
    ["a cut answer of api_keys.create"] = { body = '{"key":"' .. KEY .. '","key_details":{"id"' },
    ["one that is cut within the key"] = { body = '{"key_details":{},"key":"' .. KEY },
    ["one with blanks"] = { body = '{ "key" : "' .. KEY .. '" ' },
    ["one of another form"] = { body = '{"key":"0123456789abcdefghijklmnop' },
    ["one of another form, with blanks"] = { body = '{ "key" :\n "0123456789abcdefghijklmnop' },
    ["a message"] = { status = 401, body = '{"code":"c","message":"no ' .. KEY .. ', really"}' },
    ["a code"] = { status = 401, body = '{"code":"' .. KEY .. '","message":"m"}' },
    ["details"] = { status = 401, body = '{"message":"m","details":{"seen":"' .. KEY .. '"}}' },
    ["a list in details"] = { status = 401,
      body = '{"message":"m","details":[{"path":"x","message":"got ' .. KEY .. '"}]}' },
    ["details with one of another form"] = { status = 401,
      body = '{"message":"...","details":{"key":"0123456789abcdefghijklmnop"}}' },
    ["a name in details"] = { status = 401,
      body = '{"message":"m","details":{"' .. KEY .. '":1}}' },
    ["a header"] = { status = 401, body = "...", headers = { ["x-echo"] = KEY } },
    ["details that are text"] = { status = 401,
      body = '{"message":"m","details":"' .. KEY .. '"}' },
  }
  for name, fields in pairs(ANSWERS) do
    it("is not shown by an error beyond its start: " .. name, function()
      local err = failed(fields, CREATE)
      local shown = everything(err)
      assert.is_nil(shown:find(KEY:sub(1, 13), 1, true))
      assert.is_nil(shown:find("23456789abc", 1, true))
      assert.is_truthy(err.body:find("...", 1, true))
    end)
  end

  it("is still to be recognised by its start, as the service itself shows it", function()
    assert.are.equal("no sk_bc_ws_liv..., really",
      failed({ status = 401, body = '{"message":"no ' .. KEY .. ', really"}' }).message)
    assert.are.equal('{"key":"0123456789ab..."',
      failed({ body = '{"key":"0123456789abcdefghijklmn"' }).body)
    assert.are.equal('{"key":"..."', failed({ body = '{"key":"0123456789abcdefghijklm"' }).body)
  end)

  it("that is cut by the limit of an error's body stays hidden as well", function()
    local body = '{"pad":"' .. ("x"):rep(4060) .. '","key":"' .. KEY .. '"'
    assert.is_nil(everything(failed { body = body }):find(KEY:sub(1, 13), 1, true))
  end)

  it("is looked for in details of some 8 KiB", function()
    local text = ("x"):rep(1000)
    local list = ('"%s",'):format(text):rep(20) .. '"x"'
    local details = failed({ status = 400, body = '{"details":[' .. list .. "]}" }).details
    local length = 0
    for _, part in ipairs(details) do length = length + #part end
    assert.is_true(length > 7000 and length <= 8192, length)
  end)

  it("reaches the caller whole when the answer is whole", function()
    assert.are.equal(KEY, (read({ body = '{"key":"' .. KEY .. '"}' }, CREATE)).key)
  end)
end)

describe("response.reject", function()
  it("is an invalid_response about an answer that came and makes no sense", function()
    local value, err = response.reject(CALL, { status = 200, headers = { a = "1" },
      request_id = "r1", attempts = 1 }, "[1]", "no sense")
    assert.is_nil(value)
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal("no sense", err.message)
    assert.are.equal(200, err.status)
    assert.are.equal("r1", err.request_id)
    assert.are.equal("/things/{thing_id}", err.path)
    assert.is_false(err.retryable)
    assert.is_false(err.maybe_applied)
    assert.are.equal("[1]", err.body)
  end)

  it("is not worth another attempt, whatever the answer says", function()
    local _, err = response.reject(CALL, { status = 200, attempts = 1,
      headers = { ["x-should-retry"] = "true" } }, "[1]", "no sense")
    assert.is_false(err.retryable)
  end)

  it("shows nothing of what went out, in a body, a header or a message", function()
    local token = "tok3n-J4uX8eN2bV6kT1wF9qM5zC7rH3yP0aS"
    local body = ([[{"echo":"Bearer %s"}]]):format(token)
    local result = { status = 200, headers = { echo = token }, body = body, sent = true }
    local about = select(3, response.read(CALL, result,
      { attempts = 1, elapsed = 0, secrets = { core.secret(token, "Bearer ") } }))
    local _, err = response.reject(CALL, about, body, "no list in " .. token)
    assert.are.equal('{"echo":"Bearer tok3n-J4uX8e..."}', err.body)
    assert.are.equal("tok3n-J4uX8e...", err.headers.echo)
    assert.are.equal("no list in tok3n-J4uX8e...", err.message)
  end)
end)
