-- SPDX-License-Identifier: MIT
-- A whole script: once.lua BASE_URL ID

local boltz = require "boltz"

local client = boltz.new{ api_key = "sk_bc_admin_test_bench0000000000000000", base_url = arg[1] }
local workspace = assert(client.workspaces:retrieve(arg[2]))
assert(workspace.id == arg[2])
print(workspace.name)
