-- SPDX-License-Identifier: MIT
-- Whether a failed attempt is made again, and after how long. Pure: clocks and random numbers are
-- passed in, waiting is the caller's.

local ascii = require "boltz.ascii"
local core = require "boltz.core"

local retry = {}

local LONGEST_WAIT = 60 -- seconds that a server may ask for; beyond, the caller decides
local FIRST_BACKOFF, LONGEST_BACKOFF, JITTER = 0.5, 8, 0.25 -- as the official SDKs

local TRANSIENT = { [408] = true, [409] = true, [429] = true } -- and every 5xx
local NOT_ACTED = { [429] = true, [503] = true } -- by these a server says that it did nothing

local function is_server_error(status)
  return status >= 500 and status <= 599
end

-- `x-should-retry`: the server's own word, or nil. Beside a success it says nothing: that has been
-- done, whatever became of its answer.
local function advice(result)
  if result.status >= 200 and result.status <= 299 then return nil end
  local word = result.headers["x-should-retry"]
  if word == "true" then return true elseif word == "false" then return false end
end

--- Whether the same attempt may succeed later.
-- @tparam table result of the attempt
function retry.is_retryable(result)
  if not result.failure and result.status >= 200 and result.status <= 299 then return false end
  local said = advice(result)
  if said ~= nil then return said end
  if result.status >= 300 then
    return TRANSIENT[result.status] == true or is_server_error(result.status)
  end
  return result.transient == true
end

--- Whether a second attempt could do a thing twice: the call makes something, and the server may
-- have seen it.
local function could_double(call, result)
  return call.once and result.sent and not NOT_ACTED[result.status] and advice(result) ~= true
    and not call.options.retry_unsafe
end

--- Whether the server may have carried out the request although its answer is no success.
-- @tparam string method of HTTP
-- @tparam table result of the attempt
function retry.maybe_applied(method, result)
  if method == "GET" or not result.sent then return false end
  if result.status < 300 then return true end -- none, or a 2xx that cannot be read
  return result.status == 408
    or (is_server_error(result.status) and not NOT_ACTED[result.status])
end

local LONGEST_FIELD = 64 -- bytes of such a header; what is longer is no number and no date

-- A field that is not too long to be looked at, without blanks around it.
local function short_field(text)
  return text and #text <= LONGEST_FIELD and ascii.trim(text) or nil
end

local function plain_number(text)
  if not text or not text:find("^[0-9]") or text:find("[^0-9.]") then return nil end
  local number = tonumber(text)
  return number and number < math.huge and number or nil
end

-- Seconds to a date. By the answer's own clock, if it says what that is: this machine's may be off.
local function seconds_to(text, fields, wall)
  local date = core.parse_date(text)
  local sent = fields.date and #fields.date <= LONGEST_FIELD and core.parse_date(fields.date)
  return date and math.max(0, date - (sent or wall))
end

--- What the server asks to wait: `retry-after-ms`, or else `Retry-After` as seconds or as a date
-- (RFC 9110, section 10.2.3).
-- @tparam table fields header fields of the answer
-- @tparam number wall seconds since the epoch
-- @treturn number|nil seconds
function retry.requested_delay(fields, wall)
  local milliseconds = plain_number(short_field(fields["retry-after-ms"]))
  if milliseconds then return milliseconds / 1000 end
  local text = short_field(fields["retry-after"])
  return plain_number(text) or text and seconds_to(text, fields, wall) or nil
end

--- What the server asks to wait where that is too long to be waited out, or nil.
-- @tparam table result of the attempt
-- @tparam number wall seconds since the epoch
function retry.long_delay(result, wall)
  local requested = retry.is_retryable(result) and retry.requested_delay(result.headers, wall)
  return requested and requested > LONGEST_WAIT and requested or nil
end

--- The delay before the next attempt.
-- @tparam table call see call.lua
-- @tparam table result of the attempt
-- @tparam integer attempt its number, from 1
-- @tparam table clock wall() -> seconds since the epoch, random() -> [0, 1)
-- @treturn number|nil seconds; nil: no further attempt
function retry.delay(call, result, attempt, clock)
  if not retry.is_retryable(result) or could_double(call, result) then return nil end
  local requested = retry.requested_delay(result.headers, clock.wall())
  if requested then return requested <= LONGEST_WAIT and requested or nil end
  local backoff = math.min(FIRST_BACKOFF * 2 ^ (attempt - 1), LONGEST_BACKOFF)
  return backoff * (1 - JITTER * clock.random())
end

return retry
