-- SPDX-License-Identifier: MIT
-- Misbehaviour on request. A fault waits for requests that match it, lets the first `after` of them
-- pass, and spoils the next `times`, or as many in all of which each is the `every`-th. Every fault
-- counts every request that matches it; when several are due, the one added first has its way.

local Faults = {}
Faults.__index = Faults

local FIELDS = {
  method = "string",
  path = "string",
  after = "number",
  times = "number",
  every = "number",
  status = "number",
  headers = "table",
  body = "string or table",
  retry_after = "number",
  latency = "number",
  drop = "boolean",
  truncate = "number",
  malformed = "boolean",
  repeat_cursor = "boolean",
  acted = "boolean",
}

local CODES = {
  [400] = "bad_request",
  [401] = "unauthorized",
  [403] = "forbidden",
  [404] = "not_found",
  [409] = "conflict",
  [429] = "rate_limited",
}

function Faults.new()
  return setmetatable({ _list = {} }, Faults)
end

-- The numbers: their least value, and whether they are whole; `times` may be math.huge.
local NUMBERS = {
  after = { least = 0, whole = true },
  times = { least = 1, whole = true },
  every = { least = 1, whole = true },
  status = { least = 100, most = 999, whole = true },
  retry_after = { least = 0 },
  latency = { least = 0 },
  truncate = { least = 0, whole = true },
}

local KNOWN = {}
for name in pairs(FIELDS) do KNOWN[#KNOWN + 1] = name end
table.sort(KNOWN)

--- What a field of a fault is, such as "number"; nil: there is none of that name.
function Faults.kind_of(name)
  return FIELDS[name]
end

-- What a number had to be, or nil where it is that.
local function number_problem(bounds, value)
  local is_whole = not bounds.whole or value == math.huge or value % 1 == 0
  if is_whole and value >= bounds.least and value <= (bounds.most or math.huge) then return nil end
  return ("a %snumber %s"):format(bounds.whole and "whole " or "",
    bounds.most and ("from %d to %d"):format(bounds.least, bounds.most)
      or ("of at least %d"):format(bounds.least))
end

-- What is wrong with a field, or nil.
local function mistake_in(name, value)
  local kind = FIELDS[name]
  if not kind then
    return ("unknown field in a fault: %s (known: %s)")
      :format(tostring(name), table.concat(KNOWN, ", "))
  end
  local expected, got = kind, type(value)
  if kind:find(type(value), 1, true) then
    expected = NUMBERS[name] and number_problem(NUMBERS[name], value)
    got = tostring(value)
  elseif type(value) == "string" then
    got = ("%q"):format(value)
  end
  return expected and ("bad '%s' in a fault (expected %s, got %s)"):format(name, expected, got)
end

--- Adds a fault; see `Emulator:fault`.
function Faults:add(wanted, level)
  local fault = { seen = 0 }
  for name, value in pairs(wanted) do
    local mistake = mistake_in(name, value)
    if mistake then error(mistake, level) end
    fault[name] = value
  end
  fault.after = fault.after or 0
  fault.times = fault.times or 1
  fault.every = fault.every or 1
  if fault.acted == nil then fault.acted = not (fault.status or fault.drop) end
  if not fault.acted and not fault.drop then fault.status = fault.status or 500 end
  self._list[#self._list + 1] = fault
end

--- Takes all faults away.
function Faults:clear()
  self._list = {}
end

function Faults:count()
  return #self._list
end

--- The cursor that a request carries, or nil.
local function cursor_of(query)
  local values = query.after_id or query.before_id or query.page
  return values and values[1]
end

local function matches(fault, request)
  if fault.method and fault.method ~= request.method then return false end
  local path = fault.path
  if path and path ~= request.template and path ~= request.path then return false end
  return not fault.repeat_cursor or cursor_of(request.query) ~= nil
end

local function is_due(fault)
  local turn = fault.seen - fault.after - 1
  return turn >= 0 and turn % fault.every == 0 and turn / fault.every < fault.times
end

--- Counts a request and says which fault, if any, befalls it.
-- @param request method, path, template (of its route, or nil) and query
function Faults:befall(request)
  local due
  for _, fault in ipairs(self._list) do
    if matches(fault, request) then
      fault.seen = fault.seen + 1
      if is_due(fault) then due = due or fault end
    end
  end
  return due
end

local function replace(fault, answer)
  if fault.status then
    local code = CODES[fault.status] or (fault.status >= 500 and "internal_error" or "unexpected")
    answer.status = fault.status
    answer.value = { code = code, message = "A fault that was asked for" }
  end
  if type(fault.body) == "table" then answer.value = fault.body end
  if type(fault.body) == "string" then answer.text = fault.body end
  if fault.malformed then answer.text = '{"data": [{"id": "ws_' end
end

local function repeat_cursor(query, page)
  local cursor = cursor_of(query)
  page.has_more = true
  if query.page then
    page.next_page = cursor
  elseif query.before_id then
    page.first_id = cursor
  else
    page.last_id = cursor
  end
end

--- Spoils an answer.
-- @param answer status, headers and `value` (to be encoded) or `text`; is changed
-- @return what the carrier must do on the wire (latency, drop, truncate), or nil
function Faults.spoil(fault, request, answer)
  if fault.repeat_cursor and type(answer.value) == "table" then
    repeat_cursor(request.query, answer.value)
  end
  replace(fault, answer)
  for name, value in pairs(fault.headers or {}) do
    answer.headers[name:lower()] = tostring(value)
  end
  if fault.retry_after then answer.headers["retry-after"] = tostring(fault.retry_after) end
  if fault.drop then answer.status, answer.text = 0, "" end
  if fault.latency or fault.drop or fault.truncate then
    return { latency = fault.latency, drop = fault.drop, truncate = fault.truncate }
  end
end

return Faults
