-- SPDX-License-Identifier: MIT
-- Who takes part. A candidate is a process that does one task and prints one line of figures:
--
--   candidate TASK BASE_URL COUNT
--   wall=103.200 cpu=41.700 rss=9120        microseconds for each of COUNT operations; peak in KiB
--
-- It warms up before it measures, with a connection of its own, and fails when it did not get what
-- it should have got. For https the variable BENCH_CA_FILE names the authority to trust.

local build = require "bench.harness.build"
local sdk = require "spec.conformance.sdk"
local shell = require "bench.harness.shell"

local candidates = {}

local URL = "/compute/v1/admin/workspaces/ws_0000000000000001"

-- Not the settings of the person who measures, neither for the service nor for the network.
candidates.ENVIRONMENT = "env -u BOLTZ_API_KEY -u BOLTZ_BASE_URL -u BOLTZ_CUSTOM_HEADERS"
  .. " -u BOLTZ_LOG -u BENCH_CA_FILE -u NODE_EXTRA_CA_CERTS"
  .. " no_proxy=127.0.0.1 NO_PROXY=127.0.0.1 "

--- The variables that have candidates trust an authority. Node.js knows only its own.
function candidates.trusting(ca_file)
  return ("BENCH_CA_FILE=%s NODE_EXTRA_CA_CERTS=%s "):format(ca_file, ca_file)
end

local function process(program)
  return function(task, url, count)
    return ("%s %s %s %d"):format(program, task, url, count)
  end
end

-- As in a shell script: one process, one connection, COUNT requests.
local function curl_command(_, url, count)
  return ("%s/launch 1 %d curl --silent --show-error --fail --fail-early --compressed"
    .. " -H 'Accept: application/json' -H 'x-api-key: sk_bc_admin_test_bench0000000000000000'"
    .. " -o /dev/null '%s%s?[1-%d]'"):format(build.folder, count, url, URL, count)
end

local function needs(command, why)
  return function()
    if not select(2, shell.run(command .. " >/dev/null 2>&1")) then return why end
  end
end

local function needs_file(path, why)
  return function()
    if not shell.read(path) then return why end
  end
end

local function needs_sdk()
  local ready, why = sdk.ready()
  if not ready then return why end
end

local function libcurl(lua, options)
  local program = ("%s/libcurl-%s"):format(build.folder, lua)
  return process(program .. options), needs_file(program, "no headers of this Lua")
end

local function lua(version, script, modules)
  local command = ("tools/lua %s bench/candidates/%s.lua"):format(version, script)
  local check = {}
  for _, name in ipairs(modules) do check[#check + 1] = ('require "%s"'):format(name) end
  return process(command), needs(("tools/lua %s -e '%s'"):format(version, table.concat(check, " ")),
    "not installed: " .. table.concat(modules, ", "))
end

local function add(id, name, command, missing)
  candidates[id] = { id = id, name = name, command = command, missing = missing }
end

add("socket", "a C socket", process(build.folder .. "/socket"), function() end)
add("libcurl", "libcurl", libcurl("5.4", ""))
add("decode_54", "libcurl + cjson, Lua 5.4", libcurl("5.4", " --decode"))
add("decode_luajit", "libcurl + cjson, LuaJIT", libcurl("luajit", " --decode"))
add("boltz_54", "boltz, Lua 5.4", lua("5.4", "boltz", { "boltz" }))
add("boltz_luajit", "boltz, LuaJIT", lua("luajit", "boltz", { "boltz" }))
add("luasocket_54", "luasocket + cjson, Lua 5.4", lua("5.4", "luasocket", { "socket", "cjson" }))
add("luasocket_luajit", "luasocket + cjson, LuaJIT",
  lua("luajit", "luasocket", { "socket", "cjson" }))
add("luasec_54", "luasec by hand + cjson, Lua 5.4",
  lua("5.4", "luasocket", { "socket", "ssl", "cjson" }))
add("luasec_luajit", "luasec by hand + cjson, LuaJIT",
  lua("luajit", "luasocket", { "socket", "ssl", "cjson" }))
add("lua_http", "lua-http + cjson, LuaJIT",
  lua("luajit", "lua_http", { "http.client", "cjson", "socket" }))
add("typescript", "TypeScript SDK", process("node bench/candidates/typescript.mjs"), needs_sdk)
add("curl", "curl command (with its start)", curl_command,
  needs("command -v curl", "not installed"))

-- Its threads compile and collect garbage while it goes on: on one core it took 1.3 times as long.
candidates.typescript.threads = true
candidates.typescript.slow = true -- since its warming up takes seconds

return candidates
