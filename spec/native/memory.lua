-- SPDX-License-Identifier: MIT
-- What memory.c runs while memory is refused to it: a client from beginning to end.

local boltz = require "boltz"
local core = require "boltz.core"

local FILE = debug.getinfo(1, "S").source:sub(2) -- any that there is

-- A lack of memory is raised as such, or returned as a failure of the connection.
local function fail(err)
  if boltz.is_error(err) then assert(err.kind == "connection", tostring(err)) end
  error(err, 0)
end

local function watch()
  local watcher, reason = core.watcher()
  if watcher then return watcher:close() end
  if reason ~= "built without epoll" then error(reason, 0) end
end

return function(port)
  local client = boltz.new {
    api_key = "sk_bc_admin_test_0123456789abcdef",
    base_url = ("http://127.0.0.1:%d"):format(port),
    ca_file = FILE,
    headers = { ["X-Who"] = "memory" },
    max_retries = 0, -- a refusal shall show
    log_level = "off",
  }
  local workspace, err = client.workspaces:retrieve("ws_7")
  if err then fail(err) end
  assert(workspace.id == "ws_7" and workspace.name == "memory")
  assert(getmetatable(workspace.tags).__jsontype == "array")

  local ids = {}
  for item in client.workspaces:list({ limit = 2 }) do ids[#ids + 1] = item.id end
  assert(table.concat(ids, " ") == "ws_1 ws_2 ws_3")

  workspace, err = client.workspaces:create {
    name = "née \"new\"",
    data_retention = { unit = "days", value = 14 },
    spending_limit = { limit = { amount = boltz.UNLIMITED } },
  }
  if err then fail(err) end
  assert(workspace.id == "ws_new")

  workspace, err = client.workspaces:retrieve("missing")
  assert(workspace == nil)
  if err.kind ~= "not_found" then fail(err) end
  -- The status counts even where the rest of the answer found no memory.
  assert(err.message == "no such workspace" or err.message:find("^the server answered 404"))
  client:close()
  watch()
end
