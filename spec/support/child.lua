-- SPDX-License-Identifier: MIT
-- Runs a script in a Lua of its own, of this version unless another is named: for the environment,
-- which a running process cannot change, and for what goes to standard error.

local quote = require("support.system").quote

local child = {}

local LUA = jit and "luajit" or "lua" .. _VERSION:match("%d+%.%d+$")

--- Runs a script.
-- @param script Lua source
-- @param environment[opt] variables to set; those of the product are unset unless they are here
-- @param program[opt] the Lua to run it in, such as "lua5.1"
-- @return all that it wrote, to standard output and standard error
function child.run(script, environment, program)
  local words = { "env", "-u", "BOLTZ_API_KEY", "-u", "BOLTZ_BASE_URL", "-u", "SSL_CERT_FILE",
    "-u", "BOLTZ_CUSTOM_HEADERS", "-u", "BOLTZ_LOG", "-u", "CURL_CA_BUNDLE" }
  for name, value in pairs(environment or {}) do words[#words + 1] = quote(name .. "=" .. value) end
  words[#words + 1] = os.getenv("BOLTZ_UNDER") -- valgrind or a sanitizer's preload, see tools/lua
  words[#words + 1] = program or LUA
  words[#words + 1] = "-e " .. quote(script)
  local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1", "r"))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

return child
