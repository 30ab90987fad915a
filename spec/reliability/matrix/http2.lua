-- SPDX-License-Identifier: MIT
-- HTTP/2: streams and connections that a server ends. libcurl by itself sends a request again whose
-- stream was refused (more arrivals than attempts); a create, which it cannot send twice, ends
-- there.

local function case(fields)
  fields.group = "HTTP/2"
  fields.h2, fields.tls = true, "valid"
  return fields
end

-- For each `stream` of each connection, `h2`.
local function each(script)
  return ([[
    serve(function(c)
      local h2 = http2.open(secure(c))
      local stream = h2 and h2:request()
      while stream do
        record("stream " .. stream)
        %s
        stream = h2:request()
      end
    end)
  ]]):format(script)
end

-- The first connection does one thing, the second serves.
local function once(script)
  return ([[
    local h2 = session()
    local stream = h2:request()
    record("stream " .. stream)
    %s
    h2 = session()
    stream = h2 and h2:request()
    if stream then
      record("stream " .. stream)
      h2:answer(stream, '{"id":"ws_1"}')
    end
  ]]):format(script)
end

local WORKSPACE = { id = "ws_1" }

return {
  case {
    name = "HTTP/2 as it should be",
    serve = each [[ h2:answer(stream, '{"id":"ws_1"}') ]],
    expect = { status = 200, value = WORKSPACE, attempts = 1, arrivals = 1 },
  },
  case {
    name = "RST_STREAM with an internal error before the answer",
    serve = each "h2:reset(stream, http2.INTERNAL)",
    expect = { kind = "connection", message = "stream", attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "RST_STREAM with an internal error before the answer, for a create",
    serve = each "h2:reset(stream, http2.INTERNAL)",
    call = "create",
    expect = { kind = "connection", message = "stream", attempts = 1, arrivals = 1,
      maybe_applied = true },
  },
  case {
    name = "RST_STREAM in the body",
    serve = each "h2:head(stream) h2:data(stream, '{') h2:reset(stream, http2.INTERNAL)",
    expect = { kind = "invalid_response", message = "stream", attempts = 3, arrivals = 3,
      maybe_applied = false, retryable = true },
  },
  case {
    name = "RST_STREAM in the body, for a create",
    serve = each "h2:head(stream) h2:data(stream, '{') h2:reset(stream, http2.CANCEL)",
    call = "create",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "RST_STREAM refuses a stream",
    serve = once "h2:reset(stream, http2.REFUSED)",
    expect = { status = 200, value = WORKSPACE, attempts = 1, arrivals = 2 },
  },
  case {
    name = "RST_STREAM refuses a stream, for a create",
    serve = once "h2:reset(stream, http2.REFUSED)",
    call = "create",
    expect = { kind = "connection", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "GOAWAY before the answer, which comes all the same",
    serve = each "h2:goaway(stream, http2.NO_ERROR) h2:answer(stream, '{\"id\":\"ws_1\"}')",
    expect = { status = 200, value = WORKSPACE, attempts = 1, arrivals = 1 },
  },
  case {
    name = "GOAWAY after the answer: the next call gets a new connection",
    serve = [[
      local h2 = session()
      local stream = h2:request()
      record("stream " .. stream)
      h2:answer(stream, '{}')
      h2:goaway(stream, http2.NO_ERROR)
      h2 = session()
      stream = h2:request()
      record("stream " .. stream)
      h2:answer(stream, '{"id":"ws_1"}')
    ]],
    before = "retrieve",
    call = "create",
    expect = { status = 200, value = WORKSPACE, attempts = 1, arrivals = 2 },
  },
  case {
    name = "GOAWAY that leaves the stream out",
    serve = once "h2:goaway(0, http2.NO_ERROR) h2._connection:close()",
    -- curl 8.23 sends it again by itself, as every version does a stream that is refused
    expect = { status = 200, value = WORKSPACE, attempts = { 1, 2 }, arrivals = 2 },
  },
  case {
    name = "GOAWAY that leaves the stream out, for a create",
    serve = once "h2:goaway(0, http2.NO_ERROR) h2._connection:close()",
    call = "create",
    expect = { kind = "connection", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "GOAWAY with an error, and the end",
    serve = each "h2:goaway(stream, http2.INTERNAL) h2._connection:close()",
    expect = { kind = "connection", attempts = 3, arrivals = 3, maybe_applied = false,
      retryable = true },
  },
  case {
    name = "GOAWAY with an error, and the end, for a create",
    serve = each "h2:goaway(stream, http2.INTERNAL) h2._connection:close()",
    call = "create",
    expect = { kind = "connection", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "GOAWAY and the end after the answer",
    serve = [[
      local h2 = session()
      local stream = h2:request()
      record("stream " .. stream)
      h2:answer(stream, '{}')
      h2:goaway(stream, http2.NO_ERROR)
      h2._connection:close()
      h2 = session()
      stream = h2:request()
      record("stream " .. stream)
      h2:answer(stream, '{"id":"ws_1"}')
    ]],
    before = "retrieve",
    call = "create",
    expect = { status = 200, value = WORKSPACE, attempts = 1, arrivals = 2 },
  },
  case {
    name = "a kept connection of HTTP/2 falls silent: the next attempt takes a new one",
    serve = [[
      local h2 = session()
      local stream = h2:request()
      record("stream " .. stream)
      h2:answer(stream, '{}')
      record("stream " .. h2:request())
      h2 = session()
      stream = h2:request()
      record("stream " .. stream)
      h2:answer(stream, '{"id":"ws_1"}')
    ]],
    before = "retrieve",
    brief = true,
    expect = { status = 200, value = WORKSPACE, attempts = 2, arrivals = 3 },
  },
  case {
    name = "a frame that is none",
    serve = each "h2:frame(255, 255, 5, 'x') h2:frame(0, 0, 77, 'x')",
    expect = { kind = "connection", attempts = 3, arrivals = 3, maybe_applied = false },
  },
  case {
    name = "HTTP/2 and then silence",
    serve = each "",
    brief = true,
    expect = { kind = "timeout", attempts = 3, arrivals = 3, maybe_applied = false },
  },
}
