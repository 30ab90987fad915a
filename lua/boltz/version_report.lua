-- SPDX-License-Identifier: MIT
-- What a bug report has to say of the versions that are in use.

local core = require "boltz.core"
local host = require "boltz.wait.host"

local HOMES = { "^/home/[^/]+", "^/Users/[^/]+", "^/root" }

-- A path without the name of the user.
local function without_home(path)
  if not path then return "in a place that is not known" end
  for _, pattern in ipairs(HOMES) do path = path:gsub(pattern .. "%f[/]", "~") end
  return path
end

local function lua_version()
  local jit = rawget(_G, "jit")
  return jit and jit.version or _VERSION:match("%d.*$")
end

local function cjson_version()
  local cjson = require "cjson"
  return ("%s, %s"):format(tostring(cjson._VERSION or "of no known version"),
    without_home(core.library_of(cjson.new)))
end

-- 1022001 as 1.22.1.
local function dotted(version)
  return ("%d.%d.%d"):format(math.floor(version / 1000000), math.floor(version / 1000) % 1000,
    version % 1000)
end

local function host_name()
  local name = host.name()
  if name ~= "nginx" then return name end
  local config = rawget(_G, "ngx").config
  return ("nginx %s, its Lua module %s"):format(dotted(config.nginx_version),
    config.ngx_lua_version and dotted(config.ngx_lua_version) or "of no known version")
end

--- The report.
-- @treturn string lines, without a line end after the last one
return function()
  local about = core.versions()
  return table.concat({
    ("boltz: %s, %s"):format(core.version, without_home(core.library_of(core.versions))),
    "Lua: " .. lua_version(),
    "libcurl: " .. about.libcurl .. (about.features ~= "" and " with " .. about.features or ""),
    "TLS: " .. (about.tls or "none"),
    "resolver: " .. about.resolver,
    "polling: " .. about.poller,
    "lua-cjson: " .. cjson_version(),
    "host: " .. host_name(),
    "system: " .. about.system,
  }, "\n")
end
