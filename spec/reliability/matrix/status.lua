-- SPDX-License-Identifier: MIT
-- Whole answers that say no. Every status from 300 to 599, with every kind of body, is in
-- statuses_spec.lua; here are those that a caller meets, and what a server may ask for beside them.

local function case(fields)
  fields.group = "statuses"
  return fields
end

local function says(status, fields, body)
  return ("while c:request() do c:send(answer(%q, %q, %q)) end")
    :format(body or '{"code":"c","message":"m"}', fields or "", status)
end

-- The first answer, and one of success to every later request.
local function then_serves(status, fields)
  return ([[
    local first = answer("{}", %q, %q)
    serve(function(c)
      while c:request() do
        c:send(first or answer '{"id":"ws_1"}')
        first = nil
      end
    end)
  ]]):format(fields, status)
end

local WORKSPACE = { id = "ws_1" }

return {
  case {
    name = "401: the key is not known",
    each = says("401 Unauthorized", "", '{"code":"unauthorized","message":"Invalid API key"}'),
    expect = { kind = "authentication", message = "^Invalid API key$", code = "unauthorized",
      status = 401, attempts = 1, arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "403 with HTML, as a firewall says it",
    each = says("403 Forbidden", "Content-Type: text/html\r\n", "<html>no</html>"),
    call = "create",
    expect = { kind = "permission_denied", message = "answered 403", status = 403, attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "408, for a read",
    each = says "408 Request Timeout",
    expect = { kind = "status", status = 408, attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "408, for a create",
    each = says "408 Request Timeout",
    call = "create",
    expect = { kind = "status", status = 408, attempts = 1, arrivals = 1, maybe_applied = true,
      retryable = true },
  },
  case {
    name = "409, for an update",
    each = says "409 Conflict",
    call = "update",
    expect = { kind = "conflict", status = 409, attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "409, for a create",
    each = says "409 Conflict",
    call = "create",
    expect = { kind = "conflict", status = 409, attempts = 1, arrivals = 1, maybe_applied = false },
  },
  case {
    name = "429, for a create: it has not been carried out",
    each = says "429 Too Many Requests",
    call = "create",
    expect = { kind = "rate_limit", status = 429, attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true, waits = { 0.5, 1 } },
  },
  case {
    name = "503, for a create: it has not been carried out",
    each = says "503 Service Unavailable",
    call = "create_key",
    expect = { kind = "internal_server", status = 503, attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true, waits = { 0.5, 1 } },
  },
  case {
    name = "500, for a read",
    each = says "500 Internal Server Error",
    expect = { kind = "internal_server", status = 500, attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true, waits = { 0.5, 1 } },
  },
  case {
    name = "500, for a create",
    each = says "500 Internal Server Error",
    call = "create",
    expect = { kind = "internal_server", status = 500, attempts = 1, arrivals = 1,
      maybe_applied = true, retryable = true },
  },
  case {
    name = "500, for an archive",
    each = says "500 Internal Server Error",
    call = "archive",
    expect = { kind = "internal_server", status = 500, attempts = 3, arrivals = 3,
      maybe_applied = true, retryable = true },
  },
  case {
    name = "502 with HTML, for a create",
    each = says("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>bad gateway</html>"),
    call = "create_key",
    expect = { kind = "internal_server", status = 502, attempts = 1, arrivals = 1,
      maybe_applied = true },
  },
  case {
    name = "504, for a create with retry_unsafe",
    each = says "504 Gateway Timeout",
    call = "create",
    with = { retry_unsafe = true },
    expect = { kind = "internal_server", status = 504, attempts = 3, arrivals = 3,
      maybe_applied = true },
  },
  case {
    name = "500 and x-should-retry: true, for a create",
    serve = then_serves("500 Oops", "x-should-retry: true\r\n"),
    call = "create",
    expect = { status = 200, value = WORKSPACE, attempts = 2, arrivals = 2 },
  },
  case {
    name = "500 and x-should-retry: false",
    each = says("500 Oops", "x-should-retry: false\r\n"),
    expect = { kind = "internal_server", status = 500, attempts = 1, arrivals = 1,
      retryable = false },
  },
  case {
    name = "404 and x-should-retry: true",
    serve = then_serves("404 Not Found", "x-should-retry: true\r\n"),
    expect = { status = 200, value = WORKSPACE, attempts = 2, arrivals = 2 },
  },
  case {
    name = "429 and Retry-After in seconds",
    serve = then_serves("429 Slow Down", "Retry-After: 2.5\r\n"),
    expect = { status = 200, value = WORKSPACE, attempts = 2, waits = { 2.5 } },
  },
  case {
    name = "429 and Retry-After as a date",
    serve = then_serves("429 Slow Down", "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"),
    expect = { status = 200, value = WORKSPACE, attempts = 2, waits = { 30 } },
  },
  case {
    name = "429 and Retry-After beyond a minute",
    each = says("429 Slow Down", "Retry-After: 3600\r\n"),
    expect = { kind = "rate_limit", status = 429, attempts = 1, arrivals = 1, retryable = true },
  },
  case {
    name = "a redirect to the same host",
    each = says("302 Found", "Location: /compute/v1/elsewhere\r\n", ""),
    expect = { kind = "redirect", message = "not followed", status = 302, attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "a permanent redirect, for a create",
    each = says("308 Permanent Redirect", "Location: /compute/v1/elsewhere\r\n", ""),
    call = "create",
    expect = { kind = "redirect", status = 308, attempts = 1, arrivals = 1, maybe_applied = false,
      retryable = false },
  },
  case {
    name = "a redirect to another host, which sees nothing",
    serve = [[
      local socket = require "socket"
      local other = assert(socket.bind("127.0.0.1", 0))
      local c = accept()
      c:request()
      c:send(answer("", ("Location: http://127.0.0.1:%d/\r\n")
        :format(select(2, other:getsockname())), "307 Temporary Redirect"))
      c:request()
      other:settimeout(0)
      record(other:accept() and "the other host was called" or "the other host saw nothing")
    ]],
    expect = { kind = "redirect", status = 307, attempts = 1, arrivals = 1, retryable = false,
      noted = "the other host saw nothing" },
  },
}
