-- SPDX-License-Identifier: MIT
-- The emulator's own endpoints, for tests that reach it only over HTTP. They ask for no key, so a
-- carrier offers them to its own machine alone.
--
--   POST   /_emulator/faults   adds the fault in the body (the fields of `Emulator:fault`)
--   DELETE /_emulator/faults   takes all faults away
--   POST   /_emulator/uses     adds the use in the body (the fields of `Emulator:use`)
--   GET    /_emulator/state    what is stored, and which requests came

local core = require "boltz.core"
local api_keys = require "boltz.emulator.api_keys"
local workspaces = require "boltz.emulator.workspaces"

local control = {}

local function list_of(collection, view)
  local list = core.array{}
  for i, record in collection:each() do list[i] = view(record) end
  return list
end

-- Calls a method of the emulator with the object in a body.
local function pass_on(name)
  return function(emulator, body)
    local value, message = core.decode(body or "")
    if type(value) ~= "table" then
      return 400, { code = "bad_request", message = message or "expected an object" }
    end
    local ok, mistake = pcall(emulator[name], emulator, value)
    if not ok then return 400, { code = "bad_request", message = mistake } end
    return 200, {}
  end
end

local function reset_faults(emulator)
  emulator:reset_faults()
  return 200, {}
end

-- A value with its texts in UTF-8, which is all that JSON can hold; bytes that are not become "?".
local function printable(value)
  if type(value) == "string" then
    return core.encode(value) and value or (value:gsub("[\128-\255]", "?"))
  end
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value)) -- which marks an array
  for key, item in pairs(value) do copy[printable(key)] = printable(item) end
  return copy
end

local function state(emulator)
  local store = emulator.store
  local requests, total = emulator:requests()
  return 200, {
    counts = {
      workspaces = store.workspaces:count(),
      api_keys = store.keys:count(),
      requests = total,
    },
    workspaces = list_of(store.workspaces, workspaces.view),
    api_keys = list_of(store.keys, function(key) return api_keys.view(store, key) end),
    requests = printable(requests),
  }
end

local CALLS = {
  ["POST /_emulator/faults"] = pass_on "fault",
  ["DELETE /_emulator/faults"] = reset_faults,
  ["POST /_emulator/uses"] = pass_on "use",
  ["GET /_emulator/state"] = state,
}

--- Answers a request to the emulator itself.
-- @return status, headers, body
function control.handle(emulator, method, path, body)
  local call = CALLS[method .. " " .. path]
  local status, value = 404, { code = "not_found", message = "Unknown route" }
  if call then status, value = call(emulator, body) end
  return status, { ["content-type"] = "application/json" }, core.encode(value)
end

return control
