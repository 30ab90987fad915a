-- SPDX-License-Identifier: MIT
-- Whole answers with a status of success whose content is not, or hardly, what was asked for.

local boltz = require "boltz"

local function case(fields)
  fields.group = "content"
  return fields
end

-- gzip of zeros without end: what `head -c 4M /dev/zero | gzip -9n` begins with. In the block that
-- starts here a bit 0 is "the last 258 bytes again" and another "from one byte back", so that each
-- byte 0 stands for 1,032 zeros; 10 MiB of them for 10 GiB.
local BOMB = [[
  c:request()
  local start = "\31\139\8\0\0\0\0\0\2\3\237\193\1\1\0\0\0\130\32\255\175\110\72\64\1"
  local piece = ("\0"):rep(65536)
  c:send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
    .. #start + 160 * #piece .. "\r\n\r\n" .. start)
  for _ = 1, 160 do
    if not c:send(piece) then break end
  end
]]

-- '{"id":"ws_1"}', by gzip -n.
local ZIPPED = "\31\139\8\0\0\0\0\0\2\3"
  .. "\171\86\202\76\81\178\82\42\47\142\55\84\170\5\0\196\125\106\34\13\0\0\0"

local function body(text, fields, status)
  return ("c:request() c:send(answer(%q, %q, %q))"):format(text, fields or "", status or "200 OK")
end

local NOTHING = 'c:request() c:send("HTTP/1.1 200 OK\\r\\n\\r\\n")'

local GZIP = "Content-Encoding: gzip\r\n"

return {
  case {
    name = "204 without a body",
    each = 'c:request() c:send("HTTP/1.1 204 No Content\\r\\n\\r\\n")',
    expect = { value = boltz.null, status = 204, attempts = 1, arrivals = 1 },
  },
  case {
    name = "JSON null, where it says that there is no limit",
    each = body "null",
    call = "limit",
    expect = { value = boltz.null, status = 200, attempts = 1, arrivals = 1 },
  },
  case {
    name = "205 without a body",
    each = body("", "", "205 Reset Content"),
    expect = { value = boltz.null, status = 205, attempts = 1, arrivals = 1 },
  },
  case {
    name = "nothing, and a length of 0",
    each = body "",
    expect = { value = boltz.null, status = 200, attempts = 1, arrivals = 1 },
  },
  case {
    name = "nothing, and no length",
    each = NOTHING,
    expect = { kind = "invalid_response", message = "not JSON", status = 200, attempts = 1,
      arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "nothing, and no length, for a create",
    each = NOTHING,
    call = "create",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "HTML",
    each = body("<html><body>Sign in</body></html>", "Content-Type: text/html\r\n"),
    expect = { kind = "invalid_response", message = "not JSON %(text/html%)", status = 200,
      attempts = 1, arrivals = 1, maybe_applied = false, retryable = false },
  },
  case {
    name = "JSON that is cut off",
    each = body '{"id": "ws_1", "name": "te',
    expect = { kind = "invalid_response", message = "not JSON", attempts = 1, arrivals = 1,
      retryable = false },
  },
  case {
    name = "JSON that is cut off, for a create",
    each = body '{"key": "sk_bc_ws_test_0123456789abcdefghij',
    call = "create_key",
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, maybe_applied = true },
  },
  case {
    name = "JSON with more behind it",
    each = body '{"id": "ws_1"} {"id": "ws_2"}',
    expect = { kind = "invalid_response", message = "not JSON", attempts = 1, arrivals = 1 },
  },
  case {
    name = "arrays nested 100,000 deep",
    each = 'c:request() c:send(answer(("["):rep(100000) .. ("]"):rep(100000)))',
    expect = { kind = "invalid_response", message = "nested", attempts = 1, arrivals = 1,
      retryable = false },
  },
  case {
    name = "objects nested 100,000 deep",
    each = 'c:request() c:send(answer((\'{"a":\'):rep(100000) .. "1" .. ("}"):rep(100000)))',
    expect = { kind = "invalid_response", message = "nested", attempts = 1, arrivals = 1,
      retryable = false },
  },
  case {
    name = "a name twice: the last one counts",
    each = body '{"id": "first", "id": "second"}',
    expect = { status = 200, value = { id = "second" }, attempts = 1 },
  },
  case {
    name = "text that is not UTF-8: it is handed on as it came",
    each = body '{"id": "ws_1", "name": "caf\233"}',
    expect = { status = 200, value = { id = "ws_1", name = "caf\233" }, attempts = 1 },
  },
  case {
    name = "a byte order mark in front",
    each = body '\239\187\191{"id": "ws_1"}',
    expect = { kind = "invalid_response", message = "not JSON", attempts = 1, arrivals = 1 },
  },
  case {
    name = "UTF-16",
    each = body '{\0"\0i\0d\0"\0:\0001\0}\0',
    expect = { kind = "invalid_response", message = "not JSON", attempts = 1, arrivals = 1 },
  },
  case {
    name = "a NUL in a string",
    each = body '{"id": "a\0b"}',
    expect = { kind = "invalid_response", message = "not JSON", attempts = 1, arrivals = 1 },
  },
  case {
    name = "NaN",
    each = body '{"id": NaN}',
    expect = { kind = "invalid_response", message = "not JSON", attempts = 1, arrivals = 1 },
  },
  case {
    name = "a list where a page was expected",
    each = body "[1, 2]",
    call = "list",
    expect = { kind = "invalid_response", message = "not a page", value = {}, attempts = 1,
      arrivals = 1 },
  },
  case {
    name = "gzip",
    each = ("c:request() c:send(answer(%q, %q))"):format(ZIPPED, GZIP),
    expect = { status = 200, value = { id = "ws_1" }, attempts = 1 },
  },
  case {
    name = "gzip that is broken",
    each = ("c:request() c:send(answer(%q, %q))")
      :format(ZIPPED:sub(1, 15) .. "\255\255\255\255", GZIP),
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "gzip that is not",
    each = body('{"id": "ws_1"}', GZIP),
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "gzip that ends early",
    each = ("c:request() c:send(answer(%q, %q))"):format(ZIPPED:sub(1, -12), GZIP),
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1 },
  },
  case {
    name = "gzip with a wrong checksum",
    each = ("c:request() c:send(answer(%q, %q))"):format(ZIPPED:sub(1, -9)..("x"):rep(8), GZIP),
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1 },
  },
  case {
    name = "an encoding that nobody knows",
    each = body('{"id": "ws_1"}', "Content-Encoding: secret\r\n"),
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "an encoding in six layers",
    each = body("{}", "Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\n"),
    expect = { kind = "invalid_response", attempts = 1, arrivals = 1, retryable = false },
  },
  case {
    name = "10 MiB of gzip that hold 10 GiB",
    each = BOMB,
    options = { max_response_bytes = 1000000 },
    expect = { kind = "invalid_response", message = "larger than max_response_bytes", attempts = 1,
      arrivals = 1, retryable = false },
  },
}
