-- SPDX-License-Identifier: MIT
-- The text of docs/reliability.md, from the data that the specs run on: `make generate` writes it.

local matrix = require "reliability.matrix"
local repeats = require "reliability.repeats"

local INTRODUCTION = [[
<!-- Written by make generate from spec/reliability. -->
# What happens when something goes wrong

A call either returns its value, or `nil` and an error that says what is known. This page says which
call is tried again on what, and what each fault of a network, a proxy or a server comes to. Both
tables are the data of the tests in `spec/reliability`, which run over real sockets on each Lua.

## Trying again

By default a call is tried up to three times (`max_retries = 2`). Between attempts it waits
`min(0.5 * 2^n, 8)` seconds, less up to a quarter at random; or as long as the server asks, by
`retry-after-ms` or else `Retry-After` (seconds, or a date, which is read by the answer's own
`Date`), up to 60 seconds. When it asks for more, the error comes back at once. `deadline` bounds
the whole call: attempts, waits, name resolution and body. No attempt is made that could not begin
before the deadline.

A client and its copies share a budget of retries, so that a server that fails is not hammered: it
holds 500, a retry costs 5, or 10 after a time-out, a retry that leads to success gives its cost
back, and a call that succeeds at once gives 1. When it is empty, calls are made once. A retry after
a 429 costs nothing, since it is paced.

A 429 holds back all calls of a client and its copies, 60 seconds at most without a break. Then one
call goes out, and one more for each full round of answers; those that were refused most often go
first. The next 429 begins that anew. Where the server asks for more than 60 seconds, calls fail at
once with the kind `rate_limit` for as long as it asked. A call with `max_retries = 0` is not held
back, and makes no hold longer.

Calls that **read** are `retrieve`, `list`, `retrieve_spending_limit`, `auth:me`, `client:get`.
Calls that **change** something and may be done twice are `update`, `archive`,
`set_spending_limit`, `revoke`, `client:put`, `client:delete`. Calls that **make** something are
`workspaces:create`, `api_keys:create`, `client:post`, `client:patch`: these are tried again only
when the server cannot have acted. With `retry_unsafe = true` they are tried again as changes are,
which is what the official SDKs do, and may make several. The column "maybe" says for which of the
last two kinds the error that is left over has `maybe_applied = true`.

]]

local BETWEEN = [[

## Ctrl-C

In a script that `lua` or `luajit` runs, Ctrl-C raises a text with `interrupted!` in it, out of the
call or the loop that waits. So a script can exit with 130, as
other programs do:

```lua
local done, err = pcall(main)
if not done then
  io.stderr:write(tostring(err), "\n")
  if not boltz.is_error(err) and tostring(err):find "interrupted!" then os.exit(130) end
  os.exit(1)
end
```

SIGTERM ends the process at once.

## The fault matrix

"Tries" is how often the client tries; "arrive" is how many requests reach the server, where that is
another number: it counts an earlier call on the same connection, a proxy's `CONNECT`, and what
libcurl by itself sends again when a kept connection ends without an answer. Creates go over a
connection of their own and cannot be sent again that way. "Maybe" is `maybe_applied`.

]]

local function yes(flag)
  return flag and "yes" or "no"
end

local function cell(text)
  return (tostring(text):gsub("|", "\\|"))
end

local function row(...)
  local cells = {}
  for i = 1, select("#", ...) do cells[i] = cell((select(i, ...))) end
  return "| " .. table.concat(cells, " | ") .. " |\n"
end

local function head(...)
  local rule = ("|---"):rep(select("#", ...)) .. "|\n"
  return row(...) .. rule
end

local function maybe_of(maybe)
  local kinds = {}
  if maybe.change then kinds[#kinds + 1] = "change" end
  if maybe.create then kinds[#kinds + 1] = "make" end
  return #kinds > 0 and table.concat(kinds, ", ") or "no"
end

local function retry_table()
  local lines = { head("After", "read", "change", "make", "make, `retry_unsafe`", "maybe") }
  for _, line in ipairs(repeats) do
    lines[#lines + 1] = row(line.what, yes(line.again.read), yes(line.again.change),
      yes(line.again.create), yes(line.again.change), maybe_of(line.maybe))
  end
  return table.concat(lines)
end

local CALLS = {
  retrieve = "", create = "workspaces:create", create_key = "api_keys:create",
  update = "workspaces:update", archive = "workspaces:archive",
  limit = "workspaces:retrieve_spending_limit", list = "workspaces:list",
}

local function outcome(expect)
  local status = expect.status and (" " .. expect.status) or ""
  return (expect.kind and ("`%s`"):format(expect.kind) or "success") .. status
end

local function arrivals(expect)
  return expect.arrivals and expect.arrivals ~= expect.attempts and expect.arrivals or ""
end

local function attempts(expect)
  return type(expect.attempts) == "table" and table.concat(expect.attempts, " or ")
    or expect.attempts or ""
end

local function matrix_tables()
  local groups, names = {}, {}
  for _, case in ipairs(matrix) do
    if not groups[case.group] then
      groups[case.group] = {}
      names[#names + 1] = case.group
    end
    local expect = case.expect
    table.insert(groups[case.group], row(case.name, CALLS[case.call or "retrieve"] ~= ""
      and "`" .. CALLS[case.call] .. "`" or "a read", outcome(expect), attempts(expect),
      arrivals(expect), expect.maybe_applied and "yes" or ""))
  end
  local parts = {}
  for _, name in ipairs(names) do
    parts[#parts + 1] = ("### %s%s\n\n"):format(name:sub(1, 1):upper(), name:sub(2))
      .. head("Fault", "call", "comes to", "tries", "arrive", "maybe") .. table.concat(groups[name])
  end
  return table.concat(parts, "\n")
end

--- The text of docs/reliability.md.
return function()
  return INTRODUCTION .. retry_table() .. BETWEEN .. matrix_tables()
end
