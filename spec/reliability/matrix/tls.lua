-- SPDX-License-Identifier: MIT
-- TLS that a client must not accept, and TLS that breaks. Certificates are those of
-- support/certificates.lua; the client trusts their "ca".

local function case(fields)
  fields.group = "TLS"
  fields.each = fields.each
    or "if secure(c) then c:request() c:send(answer '{\"id\":\"ws_1\"}') end"
  return fields
end

local function refused(name, certificate, message)
  return case {
    name = name,
    tls = certificate,
    expect = { kind = "tls", message = message, attempts = 1, arrivals = 0, maybe_applied = false,
      retryable = false },
  }
end

return {
  case {
    name = "a valid certificate",
    tls = "valid",
    expect = { status = 200, value = { id = "ws_1" }, attempts = 1, arrivals = 1 },
  },
  refused("a certificate that has expired", "expired", "expired"),
  refused("a certificate that is not valid yet", "not_yet", "not yet valid"),
  refused("a certificate that the server signed itself", "self_signed", "self.signed.*ca_file"),
  refused("a certificate of an authority that nobody knows", "unknown_ca", "issuer.*ca_file"),
  refused("a certificate for another host", "wrong_host", "127%.0%.0%.1"),
  case {
    name = "a server that speaks TLS 1.1 and older only",
    tls = "valid",
    handshake = { protocol = "tlsv1_1", ciphers = "ALL:@SECLEVEL=0" },
    expect = { kind = "tls", message = "TLS 1%.2", attempts = 3, arrivals = 0,
      maybe_applied = false },
  },
  case {
    name = "a server that speaks TLS 1.0 only",
    tls = "valid",
    handshake = { protocol = "tlsv1", ciphers = "ALL:@SECLEVEL=0" },
    expect = { kind = "tls", message = "TLS 1%.2", attempts = 3, arrivals = 0,
      maybe_applied = false },
  },
  case {
    name = "a server that speaks TLS 1.2 only",
    tls = "valid",
    handshake = { protocol = "tlsv1_2" },
    expect = { status = 200, value = { id = "ws_1" }, attempts = 1, arrivals = 1 },
  },
  case {
    name = "a file of authorities that does not exist",
    tls = "valid",
    options = { ca_file = "/nonexistent/ca.pem" },
    expect = { kind = "tls", message = "/nonexistent/ca.pem", attempts = 1, arrivals = 0,
      maybe_applied = false, retryable = false },
  },
  case {
    name = "the connection is reset in the handshake",
    tls = "valid",
    each = "c:_take(1) c:reset()",
    call = "create",
    expect = { kind = "tls", attempts = 3, arrivals = 0, maybe_applied = false, retryable = true },
  },
  case {
    name = "the handshake never ends",
    tls = "valid",
    each = "c:hang()",
    brief = true,
    call = "create",
    expect = { kind = "timeout", attempts = 3, arrivals = 0, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "TLS is cut off in the body, without its goodbye",
    tls = "valid",
    each = [[
      if secure(c) then
        c:request()
        c:send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}")
        c:cut()
      end
    ]],
    expect = { kind = "invalid_response", attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "TLS is cut off before the answer, for a create",
    tls = "valid",
    each = "if secure(c) then c:request() c:cut() end",
    call = "create",
    expect = { kind = "connection", attempts = 1, arrivals = 1, maybe_applied = true,
      retryable = true },
  },
}
