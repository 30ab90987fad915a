-- SPDX-License-Identifier: MIT
-- The end of a connection that was kept for the next request. libcurl by itself sends a request
-- again, on a new connection, when a kept one ends without an answer (curl 7.88.1: more arrivals
-- than attempts). A create must not go that way: it has a connection of its own, so what becomes of
-- the kept one is nothing to it.

-- The first connection answers once and then comes to an end; the others answer.
local function script(ending)
  return ([[
    local connections = 0
    serve(function(c)
      connections = connections + 1
      if connections == 1 then
        c:request() c:send(answer '{"id":"first"}')
        %s
      end
      while c:request() do c:send(answer '{"id":"second"}') end
    end)
  ]]):format(ending)
end

local CLOSED, CLOSES = script "c:close()", script "c:request() c:close()"
local RESETS, SILENT = script "c:request() c:reset()", script "c:request() c:hang()"

local SECOND = { id = "second" }

local function case(fields)
  fields.group = "kept-alive connections"
  fields.before = "retrieve"
  return fields
end

local function create(name, serve, call, with)
  return case {
    name = name,
    serve = serve,
    call = call,
    with = with,
    expect = { status = 200, value = SECOND, attempts = 1, arrivals = 2 },
  }
end

return {
  case {
    name = "a kept connection has been closed when the next call begins",
    serve = CLOSED,
    expect = { status = 200, value = SECOND, attempts = 1, arrivals = 2 },
  },
  case {
    name = "a kept connection is closed after the request",
    serve = CLOSES,
    expect = { status = 200, value = SECOND, attempts = 1, arrivals = 3 },
  },
  case {
    name = "a kept connection is reset after the request",
    serve = RESETS,
    expect = { status = 200, value = SECOND, attempts = 1, arrivals = 3 },
  },
  case {
    name = "a kept connection falls silent",
    serve = SILENT,
    brief = true,
    expect = { status = 200, value = SECOND, attempts = 2, arrivals = 3 },
  },
  create("a kept connection has been closed when a create begins", CLOSED, "create"),
  create("a kept connection would be closed after workspaces.create", CLOSES, "create"),
  create("a kept connection would be closed after api_keys.create", CLOSES, "create_key"),
  create("a kept connection would be reset after a create", RESETS, "create"),
  create("a kept connection would fall silent after a create", SILENT, "create"),
  create("a kept connection would be closed after a create with retry_unsafe", CLOSES, "create",
    { retry_unsafe = true }),
  case {
    name = "a body with more than its length spoils no later answer",
    serve = [[
      serve(function(c)
        if not c:request() then return end
        c:send(answer '{"id":"first"}' .. answer '{"id":"stray"}')
        c:hang()
      end)
    ]],
    expect = { status = 200, value = { id = "first" }, attempts = 1, arrivals = 2 },
  },
}
