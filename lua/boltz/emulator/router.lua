-- SPDX-License-Identifier: MIT
-- Finds the route of a request. Paths are split before they are decoded, so that `a%2Fb` is one id
-- and not two segments.

local query = require "boltz.emulator.query"

local Router = {}
Router.__index = Router

local function split(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do segments[#segments + 1] = segment end
  return segments
end

--- A router over a list of routes, each with `method` and `template`.
function Router.new(routes)
  local self = setmetatable({ _entries = {} }, Router)
  for i, route in ipairs(routes) do
    self._entries[i] = { route = route, pattern = split(route.template) }
  end
  return self
end

--- The ids in a path, or nil when the path is not of this pattern.
local function match(pattern, segments)
  if #pattern ~= #segments then return nil end
  local ids = {}
  for i, expected in ipairs(pattern) do
    local name = expected:match("^{(.*)}$")
    if name and segments[i] ~= "" then
      ids[name] = query.unescape(segments[i])
    elseif expected ~= segments[i] then
      return nil
    end
  end
  return ids
end

--- Looks a request up.
-- @return the route and its ids; or nil and the list of methods that the path knows
function Router:find(method, path)
  local segments, methods = split(path), {}
  for _, entry in ipairs(self._entries) do
    local ids = match(entry.pattern, segments)
    if ids and entry.route.method == method then return entry.route, ids end
    if ids then methods[#methods + 1] = entry.route.method end
  end
  return nil, methods
end

return Router
