-- SPDX-License-Identifier: MIT
-- Nothing here is a matter of time: the server counts, by its own number of each connection.

local boltz = require "boltz"
local certificates = require "support.certificates"
local nginx = require "support.nginx"
local shell = require "bench.harness.shell"
local texts = require "bench.harness.texts"

local CALLS = 1000

local LOCATIONS = [[
    access_log off;
    ssl_certificate CERTIFICATE;
    ssl_certificate_key KEY;
    ssl_session_cache shared:sessions:1m;
    keepalive_requests 100000;
    default_type application/json;
    add_header X-Connection $connection;
    add_header X-Reused $ssl_session_reused;
    add_header X-Protocol $server_protocol;
    location /compute/ { return 200 'WORKSPACE'; }
    location /together/ {
      content_by_lua_block { require("answers").together([==[WORKSPACE]==]) }
    }
    location = /peak { content_by_lua_block { require("answers").peak() } }
]]

local function start(set, listen)
  local names = { CERTIFICATE = set:file "valid", KEY = set.key_file,
    WORKSPACE = texts.workspace(1) }
  local server = nginx.start {
    listen = listen,
    http = "  http2_max_concurrent_streams 2000;",
    locations = LOCATIONS:gsub("%u%u%u+", names),
    files = {
      ["answers.lua"] = shell.read("bench/server/answers.lua"),
      ["page-.json"] = texts.page(1, 2),
    },
  }
  server.url = server.url:gsub("^http:", "https:")
  return server
end

local function client_of(server, set, path)
  return boltz.new {
    api_key = "sk_bc_admin_test_bench0000000000000000",
    base_url = server.url .. path,
    ca_file = set.ca_file,
  }
end

-- Counts what each answer says of its connection.
local function counter()
  local seen = { connections = 0, resumed = 0, calls = 0, protocol = "" }
  local known = {}
  return seen, function(response)
    local number = response.headers["x-connection"]
    seen.calls, seen.protocol = seen.calls + 1, response.headers["x-protocol"]
    if known[number] then return end
    known[number] = true
    seen.connections = seen.connections + 1
    if response.headers["x-reused"] == "r" then seen.resumed = seen.resumed + 1 end
  end
end

-- 1,000 calls one after the other, then a create, which always has a connection of its own. That
-- one can resume the session of the first: plain libcurl with a shared session cache does so here,
-- with HTTP/1.1 and HTTP/2 (7.88.1). After a GOAWAY it does not, so that is no way to ask.
local function in_turn(set, listen)
  local client = client_of(start(set, listen), set, "")
  local seen, count = counter()
  local function check(workspace, err, response)
    if not workspace then error(err, 0) end
    count(response)
  end
  for _ = 1, CALLS do check(client.workspaces:retrieve(texts.id(1))) end
  local handshakes = seen.connections
  check(client.workspaces:create {})
  client:close()
  return handshakes, seen
end

local function at_once(set)
  local server = start(set, "ssl http2")
  local client = client_of(server, set, "/together")
  local seen, count = counter()
  local calls = {}
  for i = 1, CALLS do
    calls[i] = function()
      local workspace, err, response = client.workspaces:retrieve(texts.id(i))
      if not workspace then return nil, err end
      count(response)
      return workspace
    end
  end
  local _, errors = boltz.gather(calls, { concurrency = CALLS })
  local peak = assert(client_of(server, set, ""):get("/peak"))
  client:close()
  return seen, peak, errors
end

local function measure(bench, set)
  local rows = {}
  for _, listen in ipairs { "ssl", "ssl http2" } do
    local handshakes, seen = in_turn(set, listen)
    rows[#rows + 1] = { ("%d calls in turn, %s"):format(CALLS, seen.protocol), handshakes, "" }
    rows[#rows + 1] = { "  and a create after them", seen.connections - handshakes, seen.resumed }
    bench.wanted(("8 connections for 1,000 calls over TLS, %s"):format(seen.protocol), "1",
      handshakes, handshakes == 1)
    bench.wanted("8 session resumed by the fresh connection of a create, " .. seen.protocol, "yes",
      seen.resumed == 1 and "yes" or "no", seen.connections == 2 and seen.resumed == 1)
  end
  local seen, peak, errors = at_once(set)
  rows[#rows + 1] = { ("%d calls at once, %s (%d at once at the server)")
    :format(CALLS, seen.protocol, peak), seen.connections, seen.resumed }
  bench.table { title = "Connections, as the server counts them",
    columns = { "", "connections", "sessions resumed" }, rows = rows }
  if errors then error(select(2, next(errors)), 0) end
  bench.wanted("8 connections for 1,000 calls at once, " .. seen.protocol, "1", seen.connections,
    seen.connections == 1 and seen.calls == CALLS and peak == CALLS)
end

local function run(bench)
  local set = certificates.make()
  local done, problem = xpcall(measure, debug.traceback, bench, set)
  set:remove()
  if not done then error(problem, 0) end
end

return { title = "8. Connections", run = run }
