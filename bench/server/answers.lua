-- SPDX-License-Identifier: MIT
-- Inside nginx: answers that take their time, or are too many to be files.

local answers = {}

local file = assert(io.open(ngx.config.prefix() .. "page-.json"))
local page = file:read("*a")
file:close()
local HEAD = assert(page:match('^(.*,"has_more":)'))
local PAGE = 100 -- items, of which the cursors count the last

local function send(text)
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

local function pause()
  local delay = tonumber(ngx.var.delay)
  if delay > 0 then ngx.sleep(delay / 1000) end
end

--- A page of a list of $pages: always the same items, and the cursor of the page after it.
function answers.page()
  local done = tonumber((ngx.var.arg_after_id or "ws_0"):match("%d+")) / PAGE
  local last = done + 1 >= tonumber(ngx.var.pages)
  pause()
  send(('%s%s,"last_id":"ws_%016d"}'):format(HEAD, tostring(not last), (done + 1) * PAGE))
end

--- The limit that was asked for, with what has been used of it.
function answers.limit()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  pause()
  send(body:gsub("}%s*$", ',"accrued_usage":{"amount":0,"currency":"MILLI_USD"}}', 1))
end

local active, peak = 0, 0

--- The text after 300 ms; /peak says how many of these were asked for at once.
function answers.together(text)
  active = active + 1
  peak = math.max(peak, active)
  ngx.sleep(0.3)
  active = active - 1
  send(text)
end

function answers.peak()
  send(("%d"):format(peak))
end

return answers
