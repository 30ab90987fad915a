-- SPDX-License-Identifier: MIT
-- HTTP/2 over TLS, as the nginx at hand wants it written: since 1.25.1 it warns of the parameter of
-- `listen` that there was before.

local function version()
  local pipe = assert(io.popen("PATH=$PATH:/usr/local/sbin:/usr/sbin nginx -v 2>&1", "r"))
  local major, minor, patch = pipe:read("*a"):match("nginx/(%d+)%.(%d+)%.(%d+)")
  pipe:close()
  return major and major * 1000000 + minor * 1000 + patch or 0
end

--- The lines of a `server` block.
-- @tparam string address what stands behind `listen`
return function(address)
  if version() < 1025001 then return ("listen %s ssl http2;"):format(address) end
  return ("listen %s ssl;\n    http2 on;"):format(address)
end
