-- SPDX-License-Identifier: MIT
-- What churn.c repeats: a client that is made, used once and forgotten. Every other one is closed.

local boltz = require "boltz"

return function(port, number)
  local who = ("churn %d"):format(number)
  local client = boltz.new {
    api_key = "sk_bc_admin_test_0123456789abcdef",
    base_url = ("http://127.0.0.1:%d"):format(port),
    headers = { ["X-Who"] = who },
  }
  assert(assert(client.workspaces:retrieve("ws_1")).name == who)
  if number % 2 == 0 then client:close() end
end
