-- SPDX-License-Identifier: MIT
local headers = require "boltz.request.headers"
local core = require "boltz.core"

local function flat(fields)
  local list, named = headers.flatten(fields), {}
  for i = 1, #list, 2 do named[list[i]] = list[i + 1] end
  return named
end

describe("headers.check", function()
  it("keys the fields by lower-case name and keeps how the name was written", function()
    assert.are.same({ ["x-trace"] = { "X-Trace", "1" } },
      headers.check({ ["X-Trace"] = "1" }, "headers"))
  end)

  it("takes numbers as text, whole ones without a fraction", function()
    local fields = headers.check({ a = 10, b = 1.5, c = 2 ^ 40 }, "headers")
    assert.are.equal("10", fields.a[2])
    assert.are.equal("1.5", fields.b[2])
    assert.are.equal("1099511627776", fields.c[2])
  end)

  it("keeps false, an empty value, a tab and letters beyond ASCII", function()
    local fields = headers.check({ a = false, b = "", c = "1\t2", d = "Zürich" }, "headers")
    assert.is_false(fields.a[2])
    assert.are.equal("", fields.b[2])
    assert.are.equal("1\t2", fields.c[2])
    assert.are.equal("Zürich", fields.d[2])
  end)

  it("turns what is secret into secrets", function()
    for _, name in ipairs { "Authorization", "X-API-KEY", "cookie", "Proxy-Authorization",
      "X-Session-Id", "X-Amz-Credential", "Cf-Access-Jwt-Assertion", "X-Hub-Signature-256",
      "X-Proxy-Pass", "Passphrase", "X-Client-Secret", "X-CSRF-Token" } do
      local fields = headers.check({ [name] = "sk_bc_admin_live_0123456789" }, "headers")
      local value = fields[name:lower()][2]
      assert.are.equal("userdata", type(value))
      assert.are.equal("sk_bc_admin_live_0123456789", core.reveal(value))
    end
  end)

  local EXPECTED = "a header's name and text for it, or false"
  local WRONG = {
    { { ["X Y"] = "1" }, '"X Y"', "a name that is not a header's" },
    { { [""] = "1" }, '""', "a name that is not a header's" },
    { { ["a:"] = "1" }, '"a:"', "a name that is not a header's" },
    { { ["a\r\nb"] = "1" }, '"a??b"', "a name that is not a header's" },
    { { ["é"] = "1" }, '"é"', "a name that is not a header's" },
    { { [1] = "X: 1" }, "1", "a name that is not a header's" },
    { { a = "1\r\nb: 2" }, '"a"', "a value with a control character" },
    { { a = "1\n" }, '"a"', "a value with a control character" },
    { { a = "1\0" }, '"a"', "a value with a control character" },
    { { a = "1\127" }, '"a"', "a value with a control character" },
    { { a = true }, '"a"', "a value that is not text" },
    { { a = {} }, '"a"', "a value that is not text" },
    { { a = 0 / 0 }, '"a"', "a value that is not text" },
    { { a = math.huge }, '"a"', "a value that is not text" },
  }
  for _, case in ipairs(WRONG) do
    it(("refuses a field %s with %s"):format(case[2], case[3]), function()
      local fields, mistake = headers.check(case[1], "headers")
      assert.is_nil(fields)
      assert.are.same({ path = "headers[" .. case[2] .. "]", expected = EXPECTED, got = case[3] },
        mistake)
    end)
  end

  it("refuses the fields that frame a request, in any case, also to leave them out", function()
    for _, name in ipairs { "Content-Length", "transfer-encoding", "CONNECTION" } do
      for _, value in ipairs { "1", false } do
        local fields, mistake = headers.check({ [name] = value }, "headers")
        assert.is_nil(fields)
        assert.are.equal("a field that the client does not set itself", mistake.expected)
      end
    end
  end)

  it("names the option that it was told", function()
    local _, mistake = headers.check({ a = true }, "BOLTZ_CUSTOM_HEADERS")
    assert.are.equal('BOLTZ_CUSTOM_HEADERS["a"]', mistake.path)
  end)
end)

describe("headers.merge", function()
  it("puts one table over the other, in any case of the names", function()
    local under = headers.check({ ["X-A"] = "1", ["X-B"] = "2", ["X-C"] = "3" }, "headers")
    local over = headers.check({ ["x-a"] = "4", ["X-b"] = false }, "headers")
    assert.are.same({ ["x-a"] = "4", ["X-b"] = false, ["X-C"] = "3" },
      flat(headers.merge(under, over)))
    assert.are.same({ ["X-A"] = "1", ["X-B"] = "2", ["X-C"] = "3" }, flat(under))
  end)

  it("can bring a field back that was left out below", function()
    local under = headers.check({ ["X-A"] = false }, "headers")
    local over = headers.check({ ["X-A"] = "1" }, "headers")
    assert.are.same({ ["X-A"] = false }, flat(under))
    assert.are.same({ ["X-A"] = "1" }, flat(headers.merge(under, over)))
  end)
end)

describe("headers.describe", function()
  it("shows names and values, and of a secret only its start", function()
    local list = { "Accept", "text/plain", "x-api-key", core.secret("sk_bc_admin_live_0123456789") }
    assert.are.equal("Accept: text/plain; x-api-key: sk_bc_admin_...", headers.describe(list))
  end)
end)

describe("headers.received", function()
  local function received()
    return headers.received { ["x-request-id"] = "r1", ["set-cookie"] = "session=1",
      ["x-api-key"] = "echo", ["authorization"] = "echo", ["cookie"] = "echo" }
  end

  it("finds a field whatever the case of the name", function()
    local fields = received()
    for _, name in ipairs { "x-request-id", "X-Request-Id", "X-REQUEST-ID" } do
      assert.are.equal("r1", fields[name])
    end
    assert.is_nil(fields["X-Other"])
    assert.is_nil(fields[1])
  end)

  it("is seen by pairs in lower case, without cookies and credentials", function()
    local names = {}
    for name in pairs(received()) do names[#names + 1] = name end
    assert.are.same({ "x-request-id" }, names)
    assert.is_nil(received()["Set-Cookie"])
  end)
end)
