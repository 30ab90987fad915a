-- SPDX-License-Identifier: MIT
-- A transport that answers what a spec tells it to, and remembers what it was asked.
--
--   local client, server = stub.client{ '{"id": "ws_1"}', { status = 404, body = "{}" } }
--   client.workspaces:retrieve("ws_1")
--   server.requests[1].method, .path, .query, .params, .headers (lower-case names), .body

local boltz = require "boltz"

local stub = { KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop" }

local Server = {}
Server.__index = Server

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function parse_query(query)
  local params = {}
  for name, value in query:gmatch("([^&=]+)=([^&]*)") do
    params[unescape(name)] = unescape(value)
  end
  return params
end

function Server:handle(method, path, query, headers, body)
  local request = { method = method, path = path, query = query, params = parse_query(query),
    headers = headers, body = body }
  table.insert(self.requests, request)
  local answers = self._answers
  local answer
  if type(answers) == "function" then
    answer = answers(request)
  else
    answer = answers[#self.requests]
  end
  if answer == nil then error("the stub has no answer left for " .. method .. " " .. path, 0) end
  if type(answer) == "string" then answer = { body = answer } end
  return answer.status or 200, answer.headers, answer.body, answer.wire
end

--- The latest request.
function Server:last()
  return self.requests[#self.requests]
end

--- Makes one.
-- @param answers a list, one a request, or function(request) -> answer. An answer is a body, or
-- {status = 200, headers =, body =, wire =}.
function stub.server(answers)
  return setmetatable({ requests = {}, _answers = answers }, Server)
end

--- A client of such a server, and the server.
-- @param answers[opt] as in `stub.server`; absent: `{}` to everything
-- @param options[opt] of the client; without a credential it has `stub.KEY`, and without a logger
--   no warnings on standard error
function stub.client(answers, options)
  local server = stub.server(answers or function() return "{}" end)
  local given = { transport = server, max_retries = 0 }
  for name, value in pairs(options or {}) do given[name] = value end
  if not given.logger then given.log_level = given.log_level or "error" end
  if not given.bearer_token then given.api_key = given.api_key or stub.KEY end
  return boltz.new(given), server
end

return stub
