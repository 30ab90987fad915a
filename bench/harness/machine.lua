-- SPDX-License-Identifier: MIT
-- What the figures were measured on and with.

local cores = require "bench.harness.cores"
local shell = require "bench.harness.shell"

local machine = {}

local SDK = "build/conformance/node_modules/boltz-api/package.json"

local function hardware()
  local cpus = shell.read("/proc/cpuinfo") or ""
  local model = cpus:match("model name%s*:%s*([^\n]+)") or "unknown processor"
  local count = shell.run("getconf _NPROCESSORS_ONLN")
  local load = (shell.read("/proc/loadavg") or "?"):match("^%S+")
  return ("%s, %s cores, load %s"):format(model, count, load)
end

-- What a command says of itself, as far as the pattern goes.
local function version(name, command, pattern)
  local found = shell.run("{ " .. command .. "; } 2>&1"):match(pattern)
  return found and name .. " " .. found
end

local CJSON = " -e 'print(require([[cjson]])._VERSION)'"

--- What the module consists of just now: two that differ were not the same module.
function machine.fingerprint()
  return (shell.run("find lua/boltz build/5.4/boltz build/luajit/boltz -type f | sort"
    .. " | xargs cksum | cksum"))
end

--- Three lines: the hardware, the versions of what is installed, and who runs where.
function machine.describe()
  local sdk = (shell.read(SDK) or ""):match('"version": "([^"]+)"')
  local found, names = {}, {
    version("libcurl", "curl --version", "libcurl/(%S+)") or false,
    version("Lua", "lua5.4 -v", "Lua (%S+)") or false,
    version("LuaJIT", "luajit -v", "LuaJIT (%S+)") or false,
    version("lua-cjson", "lua5.4" .. CJSON, "%S+") or false,
    version("nginx", "PATH=$PATH:/usr/sbin nginx -v", "nginx/(%S+)") or false,
    version("node", "node --version", "v(%S+)") or false,
    sdk and "boltz-api " .. sdk or false,
  }
  for _, name in ipairs(names) do
    if name then found[#found + 1] = name end
  end
  return table.concat({ hardware(), table.concat(found, ", "), cores.describe() }, "\n")
end

return machine
