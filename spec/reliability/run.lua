-- SPDX-License-Identifier: MIT
-- Runs one case of the fault matrix over real sockets, and tells what became of the call.
--
-- A case says what the other side does: `each`, a script of wire.lua for every connection, which it
-- finds in `c`; or `serve`, the whole script. `base_url` replaces the server's address, `tls` names
-- a certificate, `h2` asks for HTTP/2. `options` and `with` are options of the client and of the
-- call. Retries are on, and are not waited for.

local boltz = require "boltz"
local certificates = require "support.certificates"
local patience = require "support.patience"
local tls = require "support.tls"
local wire = require "support.wire"

local run = {}

run.KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"

-- Seconds. PATIENT is for calls that come to an end by themselves, however slow the machine;
-- BRIEF for those that only a limit of the client's ends.
local PATIENT, BRIEF = 30, 0.2

local calls = {}

function calls.retrieve(client, with) return client.workspaces:retrieve("ws_1", with) end
function calls.create(client, with) return client.workspaces:create({ name = "new" }, with) end
function calls.create_key(client, with) return client.api_keys:create({ name = "new" }, with) end
function calls.update(client, with)
  return client.workspaces:update("ws_1", { name = "x" }, with)
end
function calls.archive(client, with) return client.workspaces:archive("ws_1", with) end
function calls.limit(client, with)
  return client.workspaces:retrieve_spending_limit("ws_1", with)
end

-- All items of a list: the error, if any, comes with those that were delivered before it.
function calls.list(client, with)
  local items, err, before = client.workspaces:list({}, with):all()
  return items or before, err
end

local made -- certificates cost most of a second: one set serves a whole run

local function authority()
  made = made or certificates.make()
  return made
end

--- Removes what `case` has left behind.
function run.clean()
  if made then made:remove() end
  made = nil
end

local function start(case)
  local script = case.serve or ("serve(function(c) %s end)"):format(case.each)
  if case.h2 then
    script = ("local http2 = require 'support.http2'"
      .. " local function session() return http2.open(secure(accept())) end %s"):format(script)
  end
  if not case.tls then return wire.start(script) end
  return wire.start(tls.script(authority(), case.tls, script, case.handshake
    or { alpn = case.h2 and "h2" or nil }))
end

local function address(case, server)
  if type(case.base_url) == "function" then return case.base_url(server) end
  return case.base_url or (case.tls and tls.url(server)) or server.url
end

local function client_for(case, server)
  local options = {
    api_key = run.KEY,
    base_url = address(case, server),
    ca_file = case.tls and authority().ca_file or nil,
    timeout = case.brief and BRIEF or PATIENT,
    log_level = "error",
  }
  for name, value in pairs(case.options or {}) do
    if type(value) == "function" then value = value(server) end
    options[name] = value
  end
  return boltz.new(options)
end

--- What a call has come to, in the terms of a case's `expect`.
local function outcome(value, err, response, waits)
  local seen = { value = value, waits = waits }
  for _, name in ipairs { "kind", "message", "status", "code", "attempts", "retryable",
    "maybe_applied", "request_id", "path" } do
    seen[name] = (err or response or {})[name]
  end
  if err then seen.text = tostring(err) end
  return seen
end

--- Runs a case.
-- @treturn table the outcome: value, kind, message, status, attempts, maybe_applied, retryable,
-- text (of the error), waits, arrivals (requests that came) and records (of the server)
function run.case(case)
  local server = (case.serve or case.each) and start(case)
  local client = client_for(case, server)
  local waits = patience.skip(client)
  if case.before then
    assert(calls[case.before](client))
    server:records() -- whatever the server does between the two calls, it has done
  end
  local seen = outcome(calls[case.call or "retrieve"](client, case.with))
  seen.waits = waits
  client:close()
  if server then
    seen.records = server:records()
    seen.arrivals = 0
    for _, record in ipairs(seen.records) do
      if record:find("^%u+ %S+ HTTP/1%.1\r\n") or record:find("^stream ") then
        seen.arrivals = seen.arrivals + 1
      else
        seen.noted = record
      end
    end
    server:stop()
  end
  return seen
end

return run
