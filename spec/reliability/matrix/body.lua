-- SPDX-License-Identifier: MIT
-- Faults in the body of an answer.

local function case(fields)
  fields.group = "body"
  return fields
end

local CHUNKED = "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"

return {
  case {
    name = "the connection is reset in the body",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Length: 50\\r\\n\\r\\n{") c:reset()',
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true, status = 200 },
  },
  case {
    name = "the connection is reset in the body, for a create",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Length: 50\\r\\n\\r\\n{") c:reset()',
    call = "create",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "the body is shorter than its length",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Length: 50\\r\\n\\r\\n{}") c:close()',
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true, status = 200 },
  },
  case {
    name = "the body is shorter than its length, for a create",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Length: 50\\r\\n\\r\\n{}") c:close()',
    call = "create_key",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, maybe_applied = true,
      status = 200 },
  },
  case {
    name = "the body is longer than its length",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}{}") c:close()',
    expect = { status = 200, value = {}, attempts = 1, arrivals = 1 },
  },
  case {
    name = "the body of an error is shorter than its length",
    each = [[
      c:request()
      c:send("HTTP/1.1 404 Not Found\r\nContent-Length: 50\r\n\r\n{}")
      c:close()
    ]],
    expect = { kind = "not_found", status = 404, attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "a chunk's size is not a number",
    each = ('c:request() c:send("%szz\\r\\n{}\\r\\n0\\r\\n\\r\\n") c:close()'):format(CHUNKED),
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "a chunk is shorter than it says",
    each = ('c:request() c:send("%s5\\r\\n{}\\r\\n0\\r\\n\\r\\n") c:close()'):format(CHUNKED),
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "chunks end without their end",
    each = ('c:request() c:send("%s2\\r\\n{}\\r\\n") c:close()'):format(CHUNKED),
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "chunks end without their end, for a create",
    each = ('c:request() c:send("%s2\\r\\n{}\\r\\n") c:close()'):format(CHUNKED),
    call = "create",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "a chunk's size is beyond all numbers",
    each = ('c:request() c:send("%sfffffffffffffffffff\\r\\n{}\\r\\n") c:close()'):format(CHUNKED),
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "chunks with trailing fields",
    each = ('c:request() c:send("%s2;a=b\\r\\n{}\\r\\n0\\r\\nX-After: 1\\r\\n\\r\\n")')
      :format(CHUNKED),
    expect = { status = 200, value = {}, attempts = 1, arrivals = 1 },
  },
  case {
    name = "a body that ends with the connection",
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\n\\r\\n{}") c:close()',
    expect = { status = 200, value = {}, attempts = 1, arrivals = 1 },
  },
  case {
    name = "the body drips slower than the timeout",
    each = 'c:request() c:drip(answer(\'{"id":"ws_1"}\'), 0.01) c:hang()',
    brief = true,
    expect = { kind = "timeout", message = "timed out", attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "the body drips slower than the timeout, for a create",
    each = 'c:request() c:send(answer(\'{"id":"ws_1"}\'):sub(1, -10)) c:hang()',
    brief = true,
    call = "create",
    expect = { kind = "timeout", message = "timed out", attempts = 1, arrivals = 1,
      maybe_applied = true, status = 200 },
  },
  case {
    name = "the body drips faster than the timeout",
    each = 'c:request() c:drip(answer "{}", 0.001)',
    expect = { status = 200, value = {}, attempts = 1, arrivals = 1 },
  },
  case {
    name = "the body never ends",
    each = [[
      c:request()
      c:send("HTTP/1.1 200 OK\r\n\r\n[")
      local piece = ("1,"):rep(32768)
      while c:send(piece) do end
    ]],
    options = { max_response_bytes = 1000000 },
    expect = { kind = "invalid_response", message = "larger than max_response_bytes", attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "the length is larger than max_response_bytes",
    each = 'c:request() c:send(answer(("x"):rep(1000001))) c:hang()',
    options = { max_response_bytes = 1000000 },
    expect = { kind = "invalid_response", message = "larger than max_response_bytes", attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "the body of an error never ends",
    each = [[
      c:request()
      c:send("HTTP/1.1 403 Forbidden\r\n\r\n[")
      local piece = ("1,"):rep(32768)
      while c:send(piece) do end
    ]],
    options = { max_response_bytes = 1000000 },
    expect = { kind = "permission_denied", status = 403, attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
}
