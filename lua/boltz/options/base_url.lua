-- SPDX-License-Identifier: MIT
-- The options that say where requests go: `base_url` and `proxy`. Either may hold a password, so a
-- message does not show what came.

local core = require "boltz.core"
local message = require "boltz.check.message"

local base_url = {}

local PROXY_SCHEMES = {
  http = true, https = true, socks4 = true, socks4a = true, socks5 = true, socks5h = true,
}

local function is_loopback(host)
  return host == "localhost" or host == "[::1]"
    or (core.ip_version(host) == 4 and host:sub(1, 4) == "127.")
end

-- What a base URL is expected to be instead, or nil.
local function expected_of(text, url, allow_http)
  if not url or not (url.scheme == "https" or url.scheme == "http") then
    return "an http or https URL"
  elseif url.user or url.password then
    return "a URL without a user name and password"
  elseif text:find("[?#]") then
    return "a URL without a query and a fragment"
  elseif url.scheme == "http" and not allow_http and not is_loopback(url.host) then
    return "https, a loopback address, or the option allow_http"
  end
end

--- Checks a base URL.
-- @param text
-- @tparam boolean allow_http the option
-- @treturn string|nil the URL without slashes at its end
-- @return whether its host is this machine; or the mistake
function base_url.check(text, allow_http)
  local is_text = type(text) == "string"
  local url = is_text and not text:find("[%c%s]") and core.parse_url(text)
  local expected = expected_of(text, url, allow_http)
  if not expected then return (text:gsub("/+$", "")), is_loopback(url.host) end
  local got = is_text and text:find("@", 1, true) and "a URL with something before an '@'"
    or message.describe(text)
  return nil, { path = "base_url", expected = expected, got = got }
end

--- Checks a proxy's URL; an empty one is none at all.
-- @treturn userdata|nil the URL as a secret
-- @treturn nil|table the mistake
function base_url.check_proxy(text, path)
  local url = type(text) == "string" and not text:find("[%c%s]") and core.parse_url(text)
  if text == "" or (url and PROXY_SCHEMES[url.scheme]) then return core.secret(text) end
  return nil, { path = path, expected = "the URL of an http, https or socks proxy",
    got = "a " .. type(text) }
end

return base_url
