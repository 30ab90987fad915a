-- SPDX-License-Identifier: MIT
-- The folder that bin/boltz-emulator makes for one run: what lies in it, and how it goes away.

local files = {}

local NAMES = { "command", "descriptors", "faults", "key.pem", "launch.conf", "listen.conf",
  "nginx.pid", "scratch", "serve.conf" }
local CERTIFICATE = "certificate.pem"

function files.certificate(folder)
  return folder .. "/" .. CERTIFICATE
end

--- The text of one of them, or nil.
function files.read(folder, name)
  local file = io.open(folder .. "/" .. name, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

--- Removes what is needed only at the start, so that a kill leaves as little as can be.
-- @return true when nothing is left
function files.tidy(folder)
  for _, name in ipairs(NAMES) do os.remove(folder .. "/" .. name) end
  return os.remove(folder)
end

--- Removes the folder.
function files.remove(folder)
  os.remove(files.certificate(folder))
  files.tidy(folder)
end

return files
