-- SPDX-License-Identifier: MIT
-- Faults at the boundary of two pages: what was delivered stays, nothing comes twice, and the error
-- says why there is no more.

local function case(fields)
  fields.group = "lists"
  fields.call = "list"
  return fields
end

local FIRST = [[
  local first = '{"data":[{"id":"a"},{"id":"b"}],"first_id":"a","last_id":"b","has_more":true}'
  local last = '{"data":[{"id":"c"}],"first_id":"c","last_id":"c","has_more":false}'
  local c = accept()
  c:request() c:send(answer(first))
]]

local BEFORE, ALL = { { id = "a" }, { id = "b" } }, { { id = "a" }, { id = "b" }, { id = "c" } }

return {
  case {
    name = "the connection is reset at the boundary, and a new one serves",
    serve = FIRST .. " c:reset() c = accept() c:request() c:send(answer(last))",
    expect = { value = ALL, arrivals = 2 },
  },
  case {
    name = "the connection is reset after the second page was asked for, and a new one serves",
    serve = FIRST .. " c:request() c:reset() c = accept() c:request() c:send(answer(last))",
    expect = { value = ALL, arrivals = 3 },
  },
  case {
    name = "the second page is cut off, and then served",
    serve = FIRST .. [[
      c:request() c:send(answer(last):sub(1, -20)) c:close()
      c = accept() c:request() c:send(answer(last))
    ]],
    expect = { value = ALL, arrivals = 3 },
  },
  case {
    name = "every connection is reset at the boundary",
    serve = FIRST .. " c:reset() for _ = 1, 3 do c = accept() c:request() c:reset() end",
    expect = { kind = "connection", value = BEFORE, attempts = 3, arrivals = 4,
      maybe_applied = false,
      retryable = true },
  },
  case {
    name = "the second page answers 500",
    serve = FIRST .. ' while c:request() do c:send(answer("{}", "", "500 Oops")) end',
    expect = { kind = "internal_server", status = 500, value = BEFORE, attempts = 3, arrivals = 4,
      retryable = true },
  },
  case {
    name = "the second page names the first page's cursor again",
    serve = FIRST .. " while c:request() do c:send(answer(first)) end",
    expect = { kind = "invalid_response", message = "repeats a cursor", value = BEFORE,
      attempts = 1,
      arrivals = 2, retryable = false },
  },
  case {
    name = "the second page is no page",
    serve = FIRST .. ' c:request() c:send(answer \'{"data":null}\')',
    expect = { kind = "invalid_response", message = "no list 'data'", value = BEFORE, attempts = 1,
      arrivals = 2, retryable = false },
  },
  case {
    name = "the second page is silent",
    serve = FIRST .. " while true do c:request() c:hang() c = accept() end",
    brief = true,
    expect = { kind = "timeout", value = BEFORE, attempts = 3, arrivals = 4 },
  },
  case {
    name = "a page that says that there is more, and holds nothing",
    serve = [[
      local c = accept()
      c:request() c:send(answer '{"data":[],"last_id":"z","has_more":true}')
    ]],
    expect = { value = {}, arrivals = 1 },
  },
}
