-- SPDX-License-Identifier: MIT
-- Where this client means to differ from the official one: each entry says why, names its cases,
-- and changes what the official client did into what this one must do, so that a difference
-- neither hides another nor outlives its reason. `seen` is { refused = boolean, requests = list },
-- a request being { method, path, query = list of "name=value", headers, framing, body }.

local function refuse(seen)
  seen.refused, seen.requests = true, {}
end

local function send_body(text)
  return function(seen)
    seen.requests[1].body, seen.requests[1].framing = text, "content-length: the body's"
  end
end

-- The same request once for each query.
local function send_queries(...)
  local queries = { ... }
  return function(seen)
    local request = seen.requests[1]
    for i, query in ipairs(queries) do
      seen.requests[i] = setmetatable({ query = query }, { __index = request })
    end
  end
end

return {
  {
    reason = "what the reference rules out raises before anything is sent",
    cases = {
      "create a workspace with null as its name",
      "create a workspace with retention in an unknown unit",
      "create a key without a name",
      "list workspaces, 0 a page",
      "list workspaces, 101 a page",
      "list workspaces after one id and before another",
      "set a spending limit above 2^53 - 1",
    },
    change = refuse,
  },
  {
    reason = "a parameter that nobody knows is a slip of the pen",
    cases = { "create a workspace with a parameter that does not exist" },
    change = refuse,
  },
  {
    reason = "an empty id would address another endpoint",
    cases = { "retrieve a workspace: an empty id", "revoke a key with an empty id" },
    change = refuse,
  },
  {
    reason = "no id has control characters: a line end was read along with it",
    cases = { "retrieve a workspace: control characters in the id" },
    change = refuse,
  },
  {
    reason = "null has no meaning in a query; the official client sends an empty text for it",
    cases = { "list workspaces by null as the name", "get with null in the query" },
    change = refuse,
  },
  {
    reason = "only a list has a spelling in a query that the API knows",
    cases = { "get with an object in the query" },
    change = refuse,
  },
  {
    reason = "a path is sent as it is written, so it must be written as it is to be sent; the"
      .. " official client encodes, resolves or cuts off what does not fit",
    cases = {
      "get with a path that is not encoded",
      "get with a path that climbs",
      "get with a fragment in the path",
    },
    change = refuse,
  },
  {
    reason = "a name that the path's query repeats is a list; the official client keeps only its"
      .. " last value",
    cases = { "get with a name twice in the path's query" },
    change = send_queries { "a=1", "a=2" },
  },
  {
    reason = "no parameters are the empty object that the endpoint expects; the official client"
      .. " announces JSON and sends nothing",
    cases = { "create a workspace without parameters", "update a workspace without parameters" },
    change = send_body "{}",
  },
  {
    reason = "a spending limit has one type and one currency, which need not be written",
    cases = { "set a spending limit whose type and currency are left out" },
    change = send_body '{"limit":{"amount":250000,"currency":"MILLI_USD"},"type":"lifetime"}',
  },
  {
    reason = "the same, inside another parameter",
    cases = { "create a workspace with a spending limit whose type and currency are left out" },
    change = send_body
      '{"spending_limit":{"limit":{"amount":5,"currency":"MILLI_USD"},"type":"lifetime"}}',
  },
  {
    reason = "a body is always JSON, as the API takes nothing else; the official client sends text"
      .. " with a content type of its own as bytes",
    cases = { "post with text and its content type" },
    change = send_body '"text"',
  },
  {
    reason = "what is given is sent; the official client takes false for no body",
    cases = { "post with false" },
    change = function(seen)
      send_body "false"(seen)
      seen.requests[1].headers["content-type"] = "application/json"
    end,
  },
  {
    reason = "Lua has no type for dates: a number is seconds since the epoch, as of os.time",
    cases = { "list usage, dates as seconds since the epoch" },
    change = send_queries {
      "ending_at=2026-04-08T00:00:00Z", "starting_at=2026-04-01T00:00:00Z", "window_size=DAY",
    },
  },
  {
    reason = "a range that is too long for one query is read in several",
    cases = { "list usage by hour, 32 days" },
    change = send_queries(
      { "ending_at=2026-05-02T00:00:00Z", "starting_at=2026-04-01T00:00:00Z", "window_size=HOUR" },
      { "ending_at=2026-05-03T00:00:00Z", "starting_at=2026-05-02T00:00:00Z", "window_size=HOUR" }
    ),
  },
  {
    reason = "the same by day",
    cases = { "list usage by day, 366 days" },
    change = send_queries(
      { "ending_at=2027-04-01T00:00:00Z", "starting_at=2026-04-01T00:00:00Z", "window_size=DAY" },
      { "ending_at=2027-04-02T00:00:00Z", "starting_at=2027-04-01T00:00:00Z", "window_size=DAY" }
    ),
  },
  {
    reason = "an extra query parameter is added; the official client sends it in place of them all",
    cases = { "an extra query parameter on a list" },
    change = send_queries { "expand=keys", "limit=5" },
  },
  {
    reason = "a header that is left out is not sent; fetch, in the official client, sends its own",
    cases = { "a header that is left out" },
    change = function(seen) seen.requests[1].headers.accept = nil end,
  },
}
