-- SPDX-License-Identifier: MIT
-- The latest requests, so that a test can ask what arrived. Older ones are forgotten, and of a
-- large one only the beginning is kept: an emulator that serves a benchmark must not grow.

local core = require "boltz.core"
local body_reader = require "boltz.emulator.body"

local Journal = {}
Journal.__index = Journal

local KEPT = 1000 -- requests
local BODY, TEXT = 16384, 1024 -- bytes of a body, and of any other text, that are kept
local FIELDS = 100 -- headers or query parameters of a request that are kept
local SHOWN = 12 -- characters of a credential, which are its public prefix

local CREDENTIALS = { ["x-api-key"] = true, authorization = true, ["proxy-authorization"] = true,
  cookie = true }

function Journal.new()
  return setmetatable({ total = 0, _ring = {} }, Journal)
end

local function masked(text)
  local scheme, secret = text:match("^(%a+ +)(.*)$")
  secret = secret or text
  return (scheme or "") .. (#secret > 2 * SHOWN and secret:sub(1, SHOWN) or "") .. "..."
end

-- A table of texts, cut to what is kept of it.
local function cut(fields, convert)
  local kept, count = {}, 0
  for name, value in pairs(fields or {}) do
    count = count + 1
    if count > FIELDS then break end
    kept[tostring(name):sub(1, TEXT)] = convert(name, value)
  end
  return kept
end

local function header(name, value)
  local text = tostring(value)
  return CREDENTIALS[name] and masked(text) or text:sub(1, TEXT)
end

-- The one value of a parameter, or a list where it came several times or is one by its name.
local function parameter(name, values)
  if #values == 1 and not name:find("%[%]$") then return values[1]:sub(1, TEXT) end
  local list = core.array{}
  for i = 1, math.min(#values, FIELDS) do list[i] = values[i]:sub(1, TEXT) end
  return list
end

--- Notes a request.
-- @param request method, path, query (name to list), headers (by lower-case name), body (text)
-- @param status of the answer; 0: the connection was dropped
function Journal:note(request, status)
  self._ring[self.total % KEPT + 1] = {
    method = request.method,
    path = request.path,
    query = cut(request.query, parameter),
    headers = cut(request.headers, header),
    body = request.body and request.body ~= "" and request.body:sub(1, BODY) or nil,
    status = status,
  }
  self.total = self.total + 1
end

-- A copy with a body that is JSON decoded.
local function shown(noted)
  local copy = {}
  for name, value in pairs(noted) do copy[name] = value end
  if noted.body then
    local value, message = body_reader.decode(noted.body)
    if value == nil and not message then value = core.null end
    if value ~= nil then copy.body = value end
  end
  return copy
end

--- The latest requests, oldest first.
function Journal:list()
  local list = core.array{}
  for i = math.max(self.total - KEPT, 0), self.total - 1 do
    list[#list + 1] = shown(self._ring[i % KEPT + 1])
  end
  return list
end

return Journal
