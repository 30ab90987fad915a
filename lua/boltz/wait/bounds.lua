-- SPDX-License-Identifier: MIT
-- The bounds of an answer that comes from this process: those that csrc/http/transfer.c and head.c
-- put to one that comes over the network, and their words.

local tables = require "boltz.tables"

local bounds = {}

local HEAD = 256 * 1024 -- bytes
local LINES = 5000 -- of the head, its first and its last too
local LINE = 100 * 1024 -- bytes
local FAILURE = 1024 * 1024 -- bytes of the body of an answer that is no success
local SHOWN = 8192 -- bytes of a body that is too large

local HEAD_TOO_LARGE =
  "the answer's headers are larger than 256 KiB, more than 5,000, or one of them than 100 KiB"

--- Whether a number is a status: three digits.
function bounds.is_status(number)
  return number >= 100 and number <= 999 and number % 1 == 0
end

--- What is wrong with header fields, or nil.
-- @tparam table fields name -> text
function bounds.head_problem(fields)
  local bytes, lines = 0, 2
  for name, value in tables.each(fields) do
    local line = #name + #": " + #value + #"\r\n"
    bytes, lines = bytes + line, lines + 1
    if line > LINE or bytes > HEAD or lines > LINES then return HEAD_TOO_LARGE end
    if name:find("[%z\r\n:]") or value:find("[%z\r\n]") then
      return "a header of the answer is malformed"
    end
  end
end

--- A body within its bounds; of one beyond them the beginning, and what is wrong with it.
-- @tparam integer status
-- @tparam string body
-- @tparam integer most max_response_bytes
function bounds.body(status, body, most)
  local limit = status >= 300 and math.min(most, FAILURE) or most
  if #body <= limit then return body end
  return body:sub(1, math.min(limit, SHOWN)), limit < most
    and "the body of a failure is larger than 1 MiB"
    or "the answer is larger than max_response_bytes"
end

return bounds
