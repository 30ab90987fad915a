-- SPDX-License-Identifier: MIT
-- The servers that candidates ask: one worker of nginx on loopback.
--
--   server.start()          what /static answers is the same bytes each time; the rest is made by
--                           bench/server/answers.lua
--   server.start(set)       the same over TLS, with the valid one of support.certificates
--   server.url              for BASE_URL: server:static(), server:late(), server:lists(50, 200),
--                           server:limits(50)

local cores = require "bench.harness.cores"
local nginx = require "support.nginx"
local shell = require "bench.harness.shell"
local texts = require "bench.harness.texts"

local server = {}

local Server = {}
Server.__index = Server

local PAGES = 200 -- of the static list

-- A page's file has the name of the cursor that leads to it.
local LOCATIONS = [[
    access_log off;
    keepalive_requests 1000000000;
    default_type application/json;
    sendfile on;
    open_file_cache max=1000 inactive=10m;
    open_file_cache_valid 10m;
    root .;

    location = /connection { return 200 $connection; }

    location = /static/compute/v1/admin/workspaces {
      rewrite ^ /page-$arg_after_id.json break;
    }
    location = /static/compute/v1/admin/workspaces/ID {
      rewrite ^ /workspace.json break;
    }
    location = /late/compute/v1/admin/workspaces {
      rewrite ^ /page-$arg_after_id.json break;
      access_by_lua_block { ngx.sleep(0.01) }
    }
    location = /late/compute/v1/admin/workspaces/ID {
      rewrite ^ /workspace.json break;
      access_by_lua_block { ngx.sleep(0.01) }
    }
    location ~ ^/lists/(?<delay>\d+)/(?<pages>\d+)/compute/v1/admin/workspaces$ {
      content_by_lua_block { require("answers").page() }
    }
    location ~ ^/limits/(?<delay>\d+)/compute/v1/admin/workspaces/[^/]+/spending-limit$ {
      content_by_lua_block { require("answers").limit() }
    }
]]

local function files()
  local result = {
    ["answers.lua"] = shell.read("bench/server/answers.lua"),
    ["workspace.json"] = texts.workspace(1),
  }
  for number = 1, PAGES do
    local cursor = number == 1 and "" or texts.id((number - 1) * texts.PAGE)
    result[("page-%s.json"):format(cursor)] = texts.page(number, PAGES)
  end
  return result
end

-- A client that speaks anything but HTTP/1.1 gets no answer to measure. With TLS 1.2, which alone
-- is nginx's default before 1.23.4, Node.js chose another cipher than the others.
local TLS = [[
    ssl_protocols TLSv1.3;
    if ($server_protocol != HTTP/1.1) { return 505; }
    ssl_certificate %s;
    ssl_certificate_key %s;
]]

--- Starts it; run.lua stops it after the question.
-- @tparam[opt] table set of certificates, for TLS
function server.start(set)
  local locations = LOCATIONS:gsub("ID", texts.id(1))
  local self = setmetatable({ _set = set, _nginx = nginx.start {
    main = cores.directive(),
    listen = set and "ssl", -- and not http2
    locations = set and TLS:format(set:file "valid", set.key_file) .. locations or locations,
    http = '  init_by_lua_block { require "answers" }',
    files = files(),
  } }, Server)
  if set then self._nginx.url = self._nginx.url:gsub("^http:", "https:") end
  return self
end

--- How many connections the server has had, with the one that asks.
function Server:connections()
  local answer = self._nginx:get("/connection", self._set and { ca_file = self._set.ca_file })
  return tonumber(answer.body)
end

--- A workspace, its page, and a list of 200 pages.
function Server:static()
  return self._nginx.url .. "/static"
end

--- The same after 10 ms, which everybody has to wait for.
function Server:late()
  return self._nginx.url .. "/late"
end

--- A list of so many pages, each `delay` milliseconds after it was asked for.
function Server:lists(delay, pages)
  return ("%s/lists/%d/%d"):format(self._nginx.url, delay, pages)
end

--- Spending limits that are set after `delay` milliseconds.
function Server:limits(delay)
  return ("%s/limits/%d"):format(self._nginx.url, delay)
end

return server
