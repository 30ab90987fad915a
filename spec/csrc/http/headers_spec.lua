-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local wire = require "support.wire"

describe("check_header", function()
  local fine = {
    { "x-api-key", "abc" }, { "X-A", "" }, { "X-A", "a\tb" }, { "X-A", "é \255" },
    { "!#$%&'*+-.^_`|~09azAZ", "a" }, { "X-A", 'a: b; "c"' }, { "X-A", core.secret "abc" },
    { "X-A", core.secret("abc", "Bearer ") }, { "X-A", false },
  }
  for _, field in ipairs(fine) do
    it(("accepts %q: %s"):format(field[1], tostring(field[2])), function()
      assert.is_nil(core.check_header(field[1], field[2]))
    end)
  end

  local no_name, no_text = "a name that is not a header's", "a value that is not text"
  local control = "a value with a control character"
  local wrong = {
    { "", "a", no_name }, { "X A", "a", no_name }, { "X-A:", "a", no_name },
    { "X-A\r\n", "a", no_name }, { "X-A\0", "a", no_name }, { "X-É", "a", no_name },
    { "X/A", "a", no_name }, { 1, "a", no_name }, { nil, "a", no_name },
    { "X-A", nil, no_text }, { "X-A", 1, no_text }, { "X-A", {}, no_text },
    { "X-A", true, no_text }, { "X A", false, no_name }, { "Bad Name\r\n", false, no_name },
    { "", false, no_name }, { nil, false, no_name }, { "X-A", core.null, no_text },
    { "X-A", io.stdout, no_text },
    { "X-A", "a\rb", control }, { "X-A", "a\nb", control }, { "X-A", "a\r\nX-B: c", control },
    { "X-A", "a\0b", control }, { "X-A", "\127", control }, { "X-A", "\27[31m", control },
    { "X-A", core.secret "a\nb", control }, { "X-A", core.secret "a\0", control },
  }
  for _, field in ipairs(wrong) do
    it(("says what is wrong with %q: %q"):format(tostring(field[1]), tostring(field[2])), function()
      assert.equal(field[3], core.check_header(field[1], field[2]))
    end)
  end

  it("refuses each control character but the tab, in names also that", function()
    for byte = 0, 32 do
      local character = string.char(byte)
      local is_blank = character == "\t" or character == " "
      assert.equal(not is_blank and control or nil, core.check_header("X", "a" .. character))
      assert.equal(no_name, core.check_header("X" .. character, "a"))
    end
  end)
end)

describe("a request's headers", function()
  after_each(wire.stop_all)

  -- The header lines that arrive, without those that libcurl puts in front.
  local function arriving(headers)
    local server = wire.start [[
      local c = accept()
      c:request()
      c:send(answer "")
    ]]
    assert.is_nil(wire.exchange(wire.request(server.url, { headers = headers })).failure)
    local host = "GET / HTTP/1.1\r\nHost: " .. server.url:match("//(.*)") .. "\r\n"
    local raw = server:records()[1]
    assert.equal(host, raw:sub(1, #host))
    return (raw:sub(#host + 1):gsub("^Accept%-Encoding: [^\r\n]*\r\n", ""))
  end

  it("arrive in their order, byte for byte but for blanks around a value", function()
    assert.equal("x-b: 1\r\nX-A: a\tb; \"c\": é\r\n\r\n",
      arriving { "x-b", "1", "X-A", " a\tb; \"c\": é " })
  end)

  it("are none where none are given", function()
    assert.equal("\r\n", arriving {})
  end)

  it("arrive also where the value is empty", function()
    assert.equal("X-A:\r\nX-B: 1\r\n\r\n", arriving { "X-A", "", "X-B", "1" })
  end)

  it("arrive also where the value is blank", function()
    assert.matches("^X%-A:[ \t]*\r\nX%-B:[ \t]*\r\n\r\n$", arriving { "X-A", " ", "X-B", "\t" })
  end)

  it("arrive twice when they are given twice", function()
    assert.equal("X-A: 1\r\nX-A: 2\r\n\r\n", arriving { "X-A", "1", "X-A", "2" })
  end)

  it("may replace what libcurl would send by itself", function()
    assert.equal("Accept: text/html\r\nUser-Agent: me\r\n\r\n",
      arriving { "Accept", "text/html", "User-Agent", "me" })
  end)

  it("may be long and many", function()
    local headers, expected = {}, {}
    for i = 1, 200 do
      headers[2 * i - 1], headers[2 * i] = "X-" .. i, ("v"):rep(300)
      expected[i] = ("X-%d: %s\r\n"):format(i, ("v"):rep(300))
    end
    assert.equal(table.concat(expected) .. "\r\n", arriving(headers))
  end)

  it("take time by their number, not by its square", function()
    local function seconds(count)
      local headers = {}
      for i = 1, 2 * count, 2 do headers[i], headers[i + 1] = "X-A", "" end
      local began = os.clock()
      core.request_template { headers = headers, max_response_bytes = 1 }
      return os.clock() - began
    end
    seconds(2500)
    assert.is_true(seconds(40000) < 100 * seconds(2500)) -- 16 times as many; its square is 256
  end)

  it("raise when one is malformed, and nothing is sent", function()
    local server = wire.start [[accept()]]
    local engine = core.engine()
    for _, headers in ipairs { { "X A\r\n", false }, { "X-A", true },
      { "X-A", "a\r\nX-B: c" }, { "X A", "a" }, { "X-A", 1 }, { 1, "a" },
      { "X-A", core.secret "a\n" }, "X-A: a" } do
      assert.has_error(function() engine:start(wire.request(server.url, { headers = headers })) end)
    end
    engine:close()
    assert.same({}, server:records())
  end)
end)

describe("an answer's headers", function()
  after_each(wire.stop_all)

  local function received(head)
    local server = wire.start(([[
      local c = accept()
      c:request()
      c:send(%q)
    ]]):format(head .. "Content-Length: 0\r\n\r\n"))
    local result = wire.exchange(wire.request(server.url))
    assert.is_nil(result.failure)
    assert.equal("0", result.headers["content-length"])
    result.headers["content-length"] = nil
    return result.headers, result.status
  end

  local OK = "HTTP/1.1 200 OK\r\n"
  local cases = {
    { "have their names in lower case", "X-Request-ID: Abc\r\n", { ["x-request-id"] = "Abc" } },
    { "lose the blanks around them", "X-A: \t a b \t \r\n", { ["x-a"] = "a b" } },
    { "may have no blank before the value", "X-A:1\r\n", { ["x-a"] = "1" } },
    { "may be empty", "X-A:\r\nX-B: \r\n", { ["x-a"] = "", ["x-b"] = "" } },
    { "may hold colons", "X-A: b:c: d\r\n", { ["x-a"] = "b:c: d" } },
    { "are joined where a name comes twice, in whatever case", "X-A: 1\r\nX-B: 2\r\nx-a: 3\r\n",
      { ["x-a"] = "1, 3", ["x-b"] = "2" } },
    { "keep bytes that are no ASCII", "X-A: é\255\r\n", { ["x-a"] = "é\255" } },
    { "may end without a carriage return", "X-A: 1\nX-B: 2\n", { ["x-a"] = "1", ["x-b"] = "2" } },
    { "may be long", "X-A: " .. ("v"):rep(60000) .. "\r\n", { ["x-a"] = ("v"):rep(60000) } },
  }
  for _, case in ipairs(cases) do
    local what, lines, expected = case[1], case[2], case[3]
    it(what, function()
      assert.same(expected, (received(OK .. lines)))
    end)
  end

  it("are those of the final answer and not of those before it", function()
    local headers, status = received(
      "HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n" ..
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nX-B: 1\r\n\r\n" ..
      "HTTP/1.1 404 Not Found\r\nX-B: 2\r\n")
    assert.same({ ["x-b"] = "2" }, headers)
    assert.equal(404, status)
  end)

  local trailers = { "HTTP/1.1 500 Oops: 1", "HTTP/1.1: 200 OK", "HTTP/x: 1", "HTTP/:" }
  for _, trailer in ipairs(trailers) do
    for what, chunk in pairs { ["a body"] = "2\r\n{}\r\n", ["no body"] = "" } do
      it(("may have the trailer %q behind %s"):format(trailer, what), function()
        local server = wire.start(("local c = accept() c:request() c:send(%q)"):format(
          "HTTP/1.1 103 Early Hints\r\nX-A: 0\r\n\r\n" .. OK ..
          "X-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n" .. chunk ..
          "0\r\n" .. trailer .. "\r\nX-B: 2\r\n\r\n"))
        local result = wire.exchange(wire.request(server.url))
        assert.is_nil(result.message)
        assert.equal(200, result.status)
        assert.equal("1", result.headers["x-a"])
        assert.equal("2", result.headers["x-b"])
        assert.equal(chunk ~= "" and "{}" or "", result.body)
      end)
    end
  end

  it("are joined in the order they came in, however many there are", function()
    local lines, values = {}, {}
    for i = 1, 4000 do
      lines[i], values[i] = ("%s: %d\r\n"):format(i % 2 == 0 and "x-a" or "X-A", i), i
    end
    assert.same({ ["x-a"] = table.concat(values, ", "), ["x-b"] = "1" },
      (received(OK .. table.concat(lines) .. "X-B: 1\r\n")))
  end)

  it("are joined without a copy for each", function()
    local server = wire.start([[
      local c = accept()
      c:request()
      c:send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" ..
        ("X-A: " .. ("v"):rep(40) .. "\r\n"):rep(4000) .. "\r\n")
    ]])
    local result = wire.exchange(wire.request(server.url))
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    local value = result.headers["x-a"]
    local after = collectgarbage "count"
    collectgarbage "restart"
    assert.equal(4000 * 42 - 2, #value)
    assert.is_true(after - before < 2000, "KiB: " .. after - before) -- 4,000 copies: 330,000
  end)
end)
