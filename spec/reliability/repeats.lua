-- SPDX-License-Identifier: MIT
-- Which call is tried again on what, as data: repeats_spec.lua holds the client to it, and
-- docs/reliability.md shows it.
--
-- `results` are what attempts come to (see scripted.lua). `again` says whether the call is tried
-- again, and `maybe` whether the error that is left over says `maybe_applied`: for a call that only
-- reads, for one that changes something and may be done twice, and for one that makes something.
-- A create with `retry_unsafe` is tried again wherever a change is.

local scripted = require "reliability.scripted"

local answer, failure = scripted.answer, scripted.failure

local function answers(...)
  local results = {}
  for i, status in ipairs { ... } do results[i] = answer(status) end
  return results
end


local cut = answer(200)
cut.failure, cut.message, cut.transient = "invalid_response", "cut short", true

local useless = answer(200)
useless.failure, useless.message, useless.transient = "invalid_response", "too large", false

local NEVER = { read = false, change = false, create = false }
local ALWAYS = { read = true, change = true, create = true }
local NOT_TWICE = { read = true, change = true, create = false }
local NO, UNKNOWN = { change = false, create = false }, { change = true, create = true }

return {
  {
    what = "no connection was made: refused, no such host, a time-out, a proxy or TLS in the way",
    results = { failure("connection", false), failure("timeout", false), failure("tls", false) },
    again = ALWAYS, maybe = NO,
  },
  {
    what = "the certificate is refused",
    results = { failure("tls", false, false) },
    again = NEVER, maybe = NO,
  },
  {
    what = "no answer to the request: reset, closed, timed out",
    results = { failure("connection", true), failure("timeout", true) },
    again = NOT_TWICE, maybe = UNKNOWN,
  },
  {
    what = "an answer of success that is cut short",
    results = { cut },
    again = NOT_TWICE, maybe = UNKNOWN,
  },
  {
    what = "an answer of success that is useless: not JSON, larger than max_response_bytes",
    results = { useless, answer(200, nil, "<html>"), answer(200, nil, "") },
    again = NEVER, maybe = UNKNOWN,
  },
  {
    what = "408",
    results = answers(408),
    again = NOT_TWICE, maybe = UNKNOWN,
  },
  {
    what = "409",
    results = answers(409),
    again = NOT_TWICE, maybe = NO,
  },
  {
    what = "429, 503: the server says that it has done nothing",
    results = answers(429, 503),
    again = ALWAYS, maybe = NO,
  },
  {
    what = "500 and every other 5xx",
    results = answers(500, 501, 502, 504, 505, 520, 599),
    again = NOT_TWICE, maybe = UNKNOWN,
  },
  {
    what = "every other 4xx",
    results = answers(400, 401, 402, 403, 404, 405, 410, 418, 422, 451, 499),
    again = NEVER, maybe = NO,
  },
  {
    what = "3xx: no redirect is followed",
    results = answers(300, 301, 302, 303, 304, 307, 308),
    again = NEVER, maybe = NO,
  },
  {
    what = "`x-should-retry: true` beside a 4xx",
    results = { answer(404, { ["x-should-retry"] = "true" }) },
    again = ALWAYS, maybe = NO,
  },
  {
    what = "`x-should-retry: true` beside a 5xx",
    results = { answer(500, { ["x-should-retry"] = "true" }) },
    again = ALWAYS, maybe = UNKNOWN,
  },
  {
    what = "`x-should-retry: false` beside 429",
    results = { answer(429, { ["x-should-retry"] = "false" }) },
    again = NEVER, maybe = NO,
  },
  {
    what = "`Retry-After` of more than 60 s beside 429",
    results = { answer(429, { ["retry-after"] = "61" }) },
    again = NEVER, maybe = NO,
  },
  {
    what = "the call was cancelled before anything was sent",
    results = { failure("cancelled", false, false) },
    again = NEVER, maybe = NO,
  },
  {
    what = "the call was cancelled under way",
    results = { failure("cancelled", true, false) },
    again = NEVER, maybe = UNKNOWN,
  },
}
