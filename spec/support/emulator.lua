-- SPDX-License-Identifier: MIT
-- Starts bin/boltz-emulator for a spec. The emulator is a child of this process (`exec` keeps the
-- shell of popen out of the way), so it ends with it when it is killed; and it stops when its pipe
-- is collected, since then nobody reads what it prints.
--
--   local emulator = require("support.emulator").start{ tls = true }
--   emulator.base_url, emulator.api_key, emulator.ca_file, emulator.pid
--   emulator:fault{ status = 503, times = 2 }
--   emulator:stop()

local core = require "boltz.core"
local quote = require("support.system").quote

local Emulator = {}
Emulator.__index = Emulator

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/support/emulator%.lua$")
local PROGRAM = (ROOT == "" and "./" or ROOT) .. "bin/boltz-emulator"

local LINES = { BOLTZ_BASE_URL = "base_url", BOLTZ_API_KEY = "api_key", CA_FILE = "ca_file" }

--- The shell command that starts an emulator.
-- @param options tls = true, and port, latency (ms), workspaces, seed, admin_key
local function command(options)
  local words = { "exec", quote(PROGRAM) }
  for name, value in pairs(options) do
    words[#words + 1] = "--" .. name:gsub("_", "-")
    if value ~= true then words[#words + 1] = quote(value) end
  end
  return table.concat(words, " ")
end

--- Starts an emulator and waits until it listens. Stop it in a `teardown`.
-- @param options[opt] those of bin/boltz-emulator, see `command`
local function start(options)
  local pipe = assert(io.popen(command(options or {}), "r"))
  local self = setmetatable({ _pipe = pipe }, Emulator)
  for line in pipe:lines() do
    local name, value = line:match("^([A-Z_]+)=(.*)$")
    if LINES[name] then self[LINES[name]] = value end
    if name == "PID" then
      self.pid = tonumber(value)
      return self
    end
  end
  pipe:close()
  error("bin/boltz-emulator did not start", 2)
end

--- Stops it and waits until it has gone. A second time does nothing.
function Emulator:stop()
  if not self._pipe then return end
  os.execute("kill " .. self.pid)
  self._pipe:close()
  self._pipe = nil
end

--- Runs curl against it.
-- @param path from the slash on
-- @param ... curl's own arguments, each one word
-- @return what curl printed, and its exit status
function Emulator:curl(path, ...)
  local words = { "curl", "--silent" }
  if self.ca_file then
    words[#words + 1] = "--cacert"
    words[#words + 1] = quote(self.ca_file)
  end
  for _, word in ipairs{ ... } do words[#words + 1] = quote(word) end
  words[#words + 1] = quote(self.base_url .. path)
  -- The status is printed, because `close` does not return it on LuaJIT.
  local pipe = assert(io.popen(table.concat(words, " ") .. "; printf ' %d' $?", "r"))
  local output, status = pipe:read("*a"):match("^(.*) (%d+)$")
  pipe:close()
  return output, tonumber(status)
end

--- Asks for misbehaviour; the fields are those of `boltz.emulator`'s `fault`, except that for ever
-- is written as a large number of `times`.
function Emulator:fault(fault)
  local answer = self:curl("/_emulator/faults", "--data", assert(core.encode(fault)))
  assert(answer == "{}", answer)
end

--- Takes all faults away.
function Emulator:reset_faults()
  self:curl("/_emulator/faults", "--request", "DELETE")
end

--- What it has stored and which requests came: counts, workspaces, api_keys, requests.
function Emulator:state()
  return assert(core.decode((self:curl("/_emulator/state"))))
end

return { start = start }
