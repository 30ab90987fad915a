-- SPDX-License-Identifier: MIT
-- The official TypeScript SDK, for specs: installed once into build/conformance, never part of
-- this tree.

local sdk = {}

local VERSION = "0.57.0"
local NODE = 18 -- the first major version whose fetch is on by default
local FOLDER = "build/conformance"

-- No scripts of packages are run, and a machine without a network is told so at once.
local INSTALL = "npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund"
  .. " --prefer-offline --fetch-retries=0 --fetch-timeout=30000 --loglevel=error"
  .. " --prefix " .. FOLDER .. " boltz-api@" .. VERSION

--- Runs a shell command.
-- @treturn string what it wrote to standard output
-- @treturn integer its exit status, which a pipe's close does not tell on 5.1
function sdk.run(command)
  local pipe = assert(io.popen(command .. '; echo "exit $?"'))
  local output, status = pipe:read("*a"):match("^(.*)exit (%d+)\n$")
  pipe:close()
  return output, tonumber(status)
end

local function installed()
  local file = io.open(FOLDER .. "/node_modules/boltz-api/package.json")
  if not file then return false end
  local text = file:read("*a")
  file:close()
  return text:find('"version": "' .. VERSION .. '"', 1, true) ~= nil
end

--- Installs the SDK where that was not done yet.
-- @treturn boolean whether it can be used
-- @treturn string why not
function sdk.ready()
  local version = sdk.run("node --version 2>/dev/null"):match("^v(%d+)")
  if not version then return false, "node is not installed" end
  if tonumber(version) < NODE then
    return false, ("node %s is too old, %d or later is needed"):format(version, NODE)
  end
  if installed() then return true end
  if select(2, sdk.run("npm --version >/dev/null 2>&1")) ~= 0 then
    return false, "npm is not installed"
  end
  local output, status = sdk.run(INSTALL .. " 2>&1")
  if status == 0 and installed() then return true end
  -- npm's own stack trace follows the reason.
  local why = output:gsub("npm error ", ""):gsub("%s+", " "):gsub(" at .*", "")
  return false, ("npm could not install boltz-api %s: %s"):format(VERSION, why)
end

return sdk
