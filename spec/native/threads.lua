-- SPDX-License-Identifier: MIT
-- What each thread of threads.c runs in its own Lua state: 1,000 calls, each answer checked.

local boltz = require "boltz"

return function(port, number)
  local client = boltz.new {
    api_key = "sk_bc_admin_test_0123456789abcdef",
    base_url = ("http://127.0.0.1:%d"):format(port),
  }
  for i = 1, 250 do
    local who, id = ("thread %d, call %d"):format(number, i), ("ws_%d_%d"):format(number, i)
    local options = { headers = { ["X-Who"] = who } }
    local workspace = assert(client.workspaces:retrieve(id, options))
    assert(workspace.id == id and workspace.name == who)
    workspace = assert(client.workspaces:create({ name = "new" }, options))
    assert(workspace.id == "ws_new" and workspace.name == who)
    local ids = {} -- of two pages, a call each
    for item in client.workspaces:list() do ids[#ids + 1] = item.id end
    assert(table.concat(ids, " ") == "ws_1 ws_2 ws_3")
  end
  client:close()
end
