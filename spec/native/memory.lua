-- SPDX-License-Identifier: MIT
-- What memory.c runs while memory is refused to it: a client from beginning to end.

local boltz = require "boltz"

return function(port)
  local client = boltz.new {
    api_key = "sk_bc_admin_test_0123456789abcdef",
    base_url = ("http://127.0.0.1:%d"):format(port),
    headers = { ["X-Who"] = "memory" },
    max_retries = 0, -- a refusal shall show
    log_level = "off",
  }
  local workspace, err = client.workspaces:retrieve("ws_7")
  if err then error(err, 0) end
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
  if err then error(err, 0) end
  assert(workspace.id == "ws_new")

  workspace, err = client.workspaces:retrieve("missing")
  assert(workspace == nil)
  if err.kind ~= "not_found" then error(err, 0) end
  -- The status counts even where the rest of the answer found no memory.
  assert(err.message == "no such workspace" or err.message:find("^the server answered 404"))
  client:close()
end
