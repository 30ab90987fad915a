-- SPDX-License-Identifier: MIT
-- A proxy in between. For https it carries a tunnel and sees the host's name and no more; for http
-- it sees, as anyone on the way does, all of the request (http beyond loopback needs `allow_http`).

local function case(fields)
  fields.group = "proxies"
  return fields
end

-- The wire server is the proxy; nothing is behind it.
local function through_it(server) return server.url end

local SECURE, PLAIN = "https://api.example.invalid", "http://api.example.invalid"

return {
  case {
    name = "a proxy on whose port nobody listens",
    base_url = SECURE,
    options = { proxy = "http://127.0.0.1:9" },
    call = "create",
    expect = { kind = "connection", message = "connect", attempts = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "a proxy whose name does not resolve",
    base_url = SECURE,
    options = { proxy = "http://proxy.invalid:3128" },
    expect = { kind = "connection", message = "resolve proxy", attempts = 3,
      maybe_applied = false },
  },
  case {
    name = "a proxy that refuses the tunnel",
    base_url = SECURE,
    options = { proxy = through_it },
    each = 'c:request() c:send(answer("", "", "403 Forbidden")) c:close()',
    expect = { kind = "connection", message = "CONNECT", attempts = 3, arrivals = 3,
      maybe_applied = false },
  },
  case {
    name = "a proxy that refuses the tunnel, for a create",
    base_url = SECURE,
    options = { proxy = through_it },
    each = 'c:request() c:send(answer("", "", "502 Bad Gateway")) c:close()',
    call = "create",
    expect = { kind = "connection", message = "CONNECT", attempts = 3, arrivals = 3,
      maybe_applied = false },
  },
  case {
    name = "a proxy that asks for a password",
    base_url = SECURE,
    options = { proxy = through_it },
    each = [[
      c:request()
      c:send(answer("", "Proxy-Authenticate: Basic realm=x\r\n", "407 Who"))
      c:close()
    ]],
    expect = { kind = "connection", message = "407", attempts = 3, arrivals = 3,
      maybe_applied = false },
  },
  case {
    name = "a proxy that closes the tunnel's connection without a word",
    base_url = SECURE,
    options = { proxy = through_it },
    each = "c:request() c:close()",
    call = "create",
    expect = { kind = "connection", message = "[Pp]roxy", attempts = 3, maybe_applied = false },
  },
  case {
    name = "a proxy that never answers",
    base_url = SECURE,
    options = { proxy = through_it },
    each = "c:request() c:hang()",
    brief = true,
    call = "create",
    expect = { kind = "timeout", attempts = 3, maybe_applied = false },
  },
  case {
    name = "a tunnel in which TLS breaks off",
    base_url = SECURE,
    options = { proxy = through_it },
    each = 'c:request() c:send("HTTP/1.1 200 OK\\r\\n\\r\\n") c:close()',
    call = "create",
    expect = { kind = "tls", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "a tunnel to a server that works",
    tls = "valid",
    base_url = "https://127.0.0.1:1",
    options = { proxy = through_it },
    each = [[
      record("proxy saw " .. c:request().target)
      c:send("HTTP/1.1 200 Connection established\r\n\r\n")
      if secure(c) then
        c:request()
        c:send(answer '{"id":"ws_1"}')
      end
    ]],
    expect = { status = 200, value = { id = "ws_1" }, attempts = 1, arrivals = 2,
      noted = "proxy saw 127.0.0.1:1" },
  },
  case {
    name = "a tunnel to a server whose certificate is for another",
    tls = "wrong_host",
    base_url = "https://127.0.0.1:1",
    options = { proxy = through_it },
    each = [[
      c:request()
      c:send("HTTP/1.1 200 Connection established\r\n\r\n")
      secure(c)
    ]],
    expect = { kind = "tls", attempts = 1, maybe_applied = false },
  },
  case {
    name = "plain http through a proxy",
    base_url = PLAIN,
    options = { proxy = through_it, allow_http = true },
    each = [[ record("proxy saw " .. c:request().target) c:send(answer '{"id":"ws_1"}') ]],
    expect = { status = 200, value = { id = "ws_1" }, attempts = 1,
      noted = "proxy saw http://api.example.invalid/compute/v1/admin/workspaces/ws_1" },
  },
  case {
    name = "plain http through a proxy that has no way on",
    base_url = PLAIN,
    options = { proxy = through_it, allow_http = true },
    each = 'c:request() c:send(answer("<html>", "", "504 Gateway Timeout")) c:close()',
    call = "create",
    expect = { kind = "internal_server", status = 504, attempts = 1, maybe_applied = true },
  },
}
