-- SPDX-License-Identifier: MIT
-- The options that say where requests go: `base_url` and `proxy`. Either may hold a password, so a
-- message does not show what came.

local ascii = require "boltz.ascii"
local core = require "boltz.core"
local message = require "boltz.check.message"

local base_url = {}

local PROXY_SCHEMES = {
  http = true, https = true, socks4 = true, socks4a = true, socks5 = true, socks5h = true,
}

-- A host's name ends in a dot where it is absolute.
local function is_loopback(host)
  host = ascii.lower(host):gsub("%.$", "")
  return host == "localhost" or host == "[::1]"
    or (core.ip_version(host) == 4 and host:sub(1, 4) == "127.")
end

local CONTROL_OR_BLANK = "[%z\1-\32\127]"

-- What a base URL is expected to be instead, or nil.
local function expected_of(text, url, allow_http, is_clear_to_near)
  if type(text) == "string" and text:find("[\128-\255]") then
    return "a host in ASCII: an international name in its form with xn--"
  elseif not url or not (url.scheme == "https" or url.scheme == "http") then
    return "an http or https URL"
  elseif url.user or url.password then
    return "a URL without a user name and password"
  elseif text:find("[?#]") then
    return "a URL without a query and a fragment"
  elseif text:find("/compute/*$") or text:find("/compute/v1/*$") then
    return "a base_url without /compute/v1, which each call's path begins with"
  elseif url.scheme == "http" and not allow_http and not is_loopback(url.host) then
    return "https, a loopback address, or the option allow_http"
  elseif url.scheme == "http" and not allow_http and not is_clear_to_near then
    return "https, no proxy beyond loopback, or the option allow_http"
  end
end

--- Checks a base URL.
-- @param text
-- @tparam boolean allow_http the option
-- @tparam boolean is_clear_to_near whether what goes out unencrypted stays on this machine as far
--   as a proxy is concerned
-- @treturn string|nil the URL without slashes at its end
-- @return whether its host is this machine; or the mistake
function base_url.check(text, allow_http, is_clear_to_near)
  local is_text = type(text) == "string"
  local url = is_text and not text:find(CONTROL_OR_BLANK) and core.parse_url(text)
  local expected = expected_of(text, url, allow_http, is_clear_to_near)
  if not expected then
    while text:sub(-1) == "/" do text = text:sub(1, -2) end
    return text, is_loopback(url.host)
  end
  local got = is_text and text:find("@", 1, true) and "a URL with something before an '@'"
    or message.describe(text)
  return nil, { path = "base_url", expected = expected, got = got }
end

--- Whether a proxy's URL, which `check_proxy` has passed, is on this machine, or is none.
function base_url.is_near(text)
  return text == "" or is_loopback(core.parse_url(text).host)
end

--- Checks a proxy's URL; an empty one is none at all.
-- @treturn userdata|nil the URL as a secret
-- @treturn nil|table the mistake
function base_url.check_proxy(text, path)
  local url = type(text) == "string" and not text:find(CONTROL_OR_BLANK) and core.parse_url(text)
  if text == "" or (url and PROXY_SCHEMES[url.scheme]) then return core.secret(text) end
  return nil, { path = path, expected = "the URL of an http, https or socks proxy",
    got = "a " .. type(text) }
end

return base_url
