-- SPDX-License-Identifier: MIT
-- Faults before the first byte of an answer. What never reached the server is tried again whatever
-- the call; what may have reached it is tried again unless that could make a second thing.

-- A port on which nobody listens: bound, and never more than that.
local BOUND = [[
  local socket = require "socket"
  local deaf = assert(socket.bind("127.0.0.1", 0))
  record(("http://127.0.0.1:%d"):format(select(2, deaf:getsockname())))
  deaf:close()
]]

-- A listener whose queue is full: further packets of the kind that opens a connection are dropped,
-- which is how a host that cannot be reached looks from here.
local FULL = [[
  local socket = require "socket"
  local deaf = assert(socket.bind("127.0.0.1", 0, 0))
  local host, port = deaf:getsockname()
  local waiting = {}
  for i = 1, 3 do
    waiting[i] = socket.tcp()
    waiting[i]:settimeout(0.05)
    waiting[i]:connect(host, port)
  end
  record(("http://127.0.0.1:%d"):format(port))
  accept()
]]

local function recorded(server) return server:records()[1] end

local function case(fields)
  fields.group = "before an answer"
  return fields
end

return {
  case {
    name = "nobody listens on the port",
    serve = BOUND,
    base_url = recorded,
    expect = { kind = "connection", message = "connect", attempts = 3, arrivals = 0,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "nobody listens on the port, for a create",
    serve = BOUND,
    base_url = recorded,
    call = "create",
    expect = { kind = "connection", message = "connect", attempts = 3, arrivals = 0,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "packets to the host vanish",
    serve = FULL,
    base_url = recorded,
    options = { connect_timeout = 0.05 },
    expect = { kind = "timeout", message = "[Cc]onnect", attempts = 3, arrivals = 0,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "packets to the host vanish, for a create",
    serve = FULL,
    base_url = recorded,
    call = "create",
    options = { connect_timeout = 0.05 },
    expect = { kind = "timeout", message = "[Cc]onnect", attempts = 3, arrivals = 0,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "there is no way to the host",
    base_url = "https://[::ffff:255.255.255.255]:9",
    expect = { kind = "connection", message = "connect", attempts = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "the host's name does not resolve",
    base_url = "https://boltz.invalid",
    expect = { kind = "connection", message = "resolve host", attempts = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "the host's name does not resolve, for a create",
    base_url = "https://boltz.invalid",
    call = "create",
    expect = { kind = "connection", message = "resolve host", attempts = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "the connection is accepted and nothing is said",
    each = "c:request() c:hang()",
    brief = true,
    expect = { kind = "timeout", message = "timed out", attempts = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "the connection is accepted and nothing is said, for a create",
    each = "c:request() c:hang()",
    brief = true,
    call = "create",
    expect = { kind = "timeout", message = "timed out", attempts = 1, maybe_applied = true,
      retryable = true },
  },
  case {
    name = "the connection is accepted and nothing is said, for an update",
    each = "c:request() c:hang()",
    brief = true,
    call = "update",
    expect = { kind = "timeout", message = "timed out", attempts = 3, maybe_applied = true,
      retryable = true },
  },
  case {
    name = "the connection is reset before the request is read",
    each = "c:reset()",
    expect = { kind = "connection", attempts = 3, maybe_applied = false, retryable = true },
  },
  case {
    name = "the connection is closed before the request is read",
    each = "c:close()",
    expect = { kind = "connection", attempts = 3, maybe_applied = false, retryable = true },
  },
  case {
    name = "the connection is reset after the request",
    each = "c:request() c:reset()",
    expect = { kind = "connection", message = "reset", attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "the connection is reset after the request, for a create",
    each = "c:request() c:reset()",
    call = "create",
    expect = { kind = "connection", message = "reset", attempts = 1, arrivals = 1,
      maybe_applied = true, retryable = true },
  },
  case {
    name = "the connection is closed after the request",
    each = "c:request() c:close()",
    expect = { kind = "connection", message = "[Ee]mpty reply", attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "the connection is closed after the request, for a create",
    each = "c:request() c:close()",
    call = "create_key",
    expect = { kind = "connection", message = "[Ee]mpty reply", attempts = 1, arrivals = 1,
      maybe_applied = true, retryable = true },
  },
  case {
    name = "the first connection fails and the second serves",
    serve = [[
      local c = accept() c:request() c:reset()
      c = accept() c:request() c:send(answer '{"id":"ws_1"}')
    ]],
    expect = { value = { id = "ws_1" }, status = 200, attempts = 2, arrivals = 2 },
  },
  case {
    name = "a server of TLS is spoken to without it",
    tls = "valid",
    base_url = function(server) return server.url end,
    each = "if secure(c) then c:request() end",
    expect = { kind = "connection", attempts = 3, maybe_applied = false },
  },
  case {
    name = "a server without TLS is spoken to with it",
    base_url = function(server) return (server.url:gsub("^http", "https")) end,
    each = 'c:send("HTTP/1.1 400 Bad Request\\r\\n\\r\\n") c:close()',
    expect = { kind = "tls", attempts = 3, arrivals = 0, maybe_applied = false, retryable = true },
  },
}
