-- SPDX-License-Identifier: MIT
-- Faults in the status line and the header fields of an answer, and answers before the answer.

local function case(fields)
  fields.group = "headers"
  return fields
end

return {
  case {
    name = "the connection is reset in the headers",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Le") c:reset()',
    expect = { kind = "invalid_response", status = 200, attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "the connection is reset in the headers, for a create",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Le") c:reset()',
    call = "create",
    expect = { kind = "invalid_response", status = 200, attempts = 1, arrivals = 1,
      maybe_applied = true },
  },
  case {
    name = "the connection is closed in the headers",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Le") c:close()',
    expect = { kind = "invalid_response", status = 200, attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "headers never end",
    each = [[
      c:request()
      c:send("HTTP/1.1 200 OK\r\n")
      while c:send("X-More: 1\r\n") do end
    ]],
    expect = { kind = "invalid_response", message = "headers are larger than 256 KiB", attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "headers never end, for a create",
    each = [[
      c:request()
      c:send("HTTP/1.1 200 OK\r\n")
      while c:send("X-More: 1\r\n") do end
    ]],
    call = "create",
    expect = { kind = "invalid_response", message = "headers are larger than 256 KiB", attempts = 1,
      arrivals = 1, maybe_applied = true, retryable = false },
  },
  case {
    name = "headers are too many",
    each = 'c:request() c:send(answer("{}", ("X-More: 1\\r\\n"):rep(5000))) c:hang()',
    expect = { kind = "invalid_response", message = "more than 5,000", attempts = 1,
      arrivals = 1, retryable = false },
  },
  case {
    name = "headers are too large",
    each = [[
      c:request()
      c:send(answer("{}", ("X-More: " .. ("1"):rep(100) .. "\r\n"):rep(3000)))
      c:hang()
    ]],
    expect = { kind = "invalid_response", message = "headers are larger than 256 KiB", attempts = 1,
      arrivals = 1, retryable = false },
  },
  case {
    name = "a header is too long",
    each = 'c:request() c:send(answer("{}", "X-Long: " .. ("a"):rep(300000) .. "\\r\\n")) c:hang()',
    expect = { kind = "invalid_response", message = "headers are larger", attempts = 1,
      arrivals = 1, retryable = false },
  },
  case {
    name = "a header's line never ends",
    each = [[
      c:request()
      c:send("HTTP/1.1 200 OK\r\nX-Long: ")
      local piece = ("a"):rep(65536)
      while c:send(piece) do end
    ]],
    expect = { kind = "invalid_response", message = "headers are larger", attempts = 1,
      arrivals = 1, retryable = false },
  },
  case {
    name = "many headers that are still too few to mind",
    each = 'c:request() c:send(answer("{}", ("X-More: 1\\r\\n"):rep(4000)))',
    expect = { status = 200, value = {}, attempts = 1 },
  },
  case {
    name = "headers drip slower than the timeout",
    each = 'c:request() c:drip("HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}", 0.06)',
    brief = true,
    expect = { kind = "timeout", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "the status line is not one",
    each = 'c:request() c:send("SSH-2.0-OpenSSH_9.2\\r\\n") c:close()',
    expect = { kind = "invalid_response", message = "HTTP/0%.9", attempts = 1, arrivals = 1,
      maybe_applied = false,
      retryable = false },
  },
  case {
    name = "the status is not a number",
    each = 'c:request() c:send("HTTP/1.1 abc OK\\r\\n\\r\\n{}") c:close()',
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "the status has four digits",
    each = 'c:request() c:send("HTTP/1.1 2000 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}") c:close()',
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "the status is 000",
    each = 'c:request() c:send("HTTP/1.1 000 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}") c:close()',
    call = "create",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "the status is 999",
    each = 'c:request() c:send(answer("{}", "", "999 Request denied"))',
    expect = { kind = "status", status = 999, attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "a header without a colon",
    each = 'c:request() c:send(answer("{}", "no colon here\\r\\n"))',
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "a header holds a NUL",
    each = 'c:request() c:send(answer("{}", "X-Nul: a\\0b\\r\\n"))',
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "a length that is negative",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\n\\r\\n{}") c:close()',
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "100 Continue, unasked, before the answer",
    each = 'c:request() c:send("HTTP/1.1 100 Continue\\r\\n\\r\\n" .. answer "{}")',
    call = "create",
    expect = { status = 200, value = {}, attempts = 1, arrivals = 1 },
  },
  case {
    name = "103 Early Hints before the answer",
    each = [[
      c:request()
      c:send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Request-Id: hint\r\n\r\n"
        .. answer("{}", "X-Request-Id: real\r\n"))
    ]],
    expect = { status = 200, value = {}, attempts = 1, arrivals = 1, request_id = "real" },
  },
  case {
    name = "103 Early Hints and then a reset, for a create",
    each = 'c:request() c:send("HTTP/1.1 103 Early Hints\\r\\n\\r\\n") c:reset()',
    call = "create",
    expect = { kind = "connection", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "103 Early Hints and then a close",
    each = 'c:request() c:send("HTTP/1.1 103 Early Hints\\r\\n\\r\\n") c:close()',
    expect = { kind = "connection", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "101, unasked",
    each = [[
      c:request()
      c:send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n{}")
      c:close()
    ]],
    expect = { kind = "status", status = 101, attempts = 1, arrivals = 1, maybe_applied = false,
      retryable = false },
  },
  case {
    name = "101, unasked, for a create",
    each = [[
      c:request()
      c:send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n{}")
      c:close()
    ]],
    call = "create",
    expect = { kind = "status", status = 101, attempts = 1, arrivals = 1, maybe_applied = true,
      retryable = false },
  },
  case {
    name = "100 Continue without end",
    each = 'c:request() while c:send("HTTP/1.1 100 Continue\\r\\n\\r\\n") do end',
    expect = { kind = "invalid_response", message = "headers are larger than 256 KiB", attempts = 1,
      arrivals = 1, maybe_applied = false },
  },
}
