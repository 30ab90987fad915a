-- SPDX-License-Identifier: MIT
-- Which libcurl runs here, for what its versions do differently.

local core = require "boltz.core"

local libcurl = {}

--- Whether it is older than a version.
-- @tparam number major
-- @tparam number minor
function libcurl.before(major, minor)
  local own_major, own_minor = core.versions().libcurl:match("^(%d+)%.(%d+)%.")
  own_major, own_minor = tonumber(own_major), tonumber(own_minor)
  return own_major < major or own_major == major and own_minor < minor
end

return libcurl
