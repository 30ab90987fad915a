-- SPDX-License-Identifier: MIT
-- Every status from 300 to 599 over a real socket, each with every kind of body.

local boltz = require "boltz"
local patience = require "support.patience"
local run = require "reliability.run"
local wire = require "support.wire"

-- The id in a request's path says what to answer: /compute/v1/admin/workspaces/404-html
local SERVER = [[
  local BODIES = {
    json = '{"code":"c_1","message":"said so","details":{"field":"name"}}',
    text = "not now",
    html = "<html><body>Nope</body></html>",
    empty = "",
    invalid = '{"code": "c_1", "mess',
  }
  while true do
    local c = accept()
    local request = c:request()
    while request do
      local status, kind = request.target:match("/(%d+)-(%l+)$")
      if status == "304" then -- never has a body
        c:send("HTTP/1.1 304 Not Modified\r\n\r\n")
      else
        c:send(answer(BODIES[kind], "X-Request-Id: r-" .. status .. "\r\n", status .. " Word"))
      end
      request = c:request()
    end
    c:close()
  end
]]

local KINDS = {
  [400] = "bad_request", [401] = "authentication", [403] = "permission_denied",
  [404] = "not_found", [409] = "conflict", [422] = "unprocessable_entity", [429] = "rate_limit",
}
local AGAIN = { [408] = true, [409] = true, [429] = true }

local function kind_of(status)
  return KINDS[status] or (status < 400 and "redirect") or (status >= 500 and "internal_server")
    or "status"
end

describe("a status", function()
  local server

  setup(function() server = wire.start(SERVER) end)
  teardown(function() server:stop() end)

  local function ask(status, kind)
    -- A client of its own: the retry budget of one would be used up.
    local client = boltz.new { api_key = run.KEY, base_url = server.url, timeout = 30,
      log_level = "error" }
    patience.skip(client)
    local value, err = client.workspaces:retrieve(("%d-%s"):format(status, kind))
    client:close()
    return value, err
  end

  for hundred = 300, 500, 100 do
    for _, kind in ipairs { "json", "text", "html", "empty", "invalid" } do
      it(("from %d to %d with %s comes back as its kind"):format(hundred, hundred + 99, kind),
        function()
          for status = hundred, hundred + 99 do
            local value, err = ask(status, kind)
            local about = tostring(err)
            assert.is_nil(value)
            assert.equal(kind_of(status), err.kind, about)
            assert.equal(status, err.status, about)
            local again = AGAIN[status] or status >= 500
            assert.equal(again and 3 or 1, err.attempts, about)
            assert.equal(again or false, err.retryable, about)
            assert.is_false(err.maybe_applied, about) -- a read
            if kind == "json" and status ~= 304 then
              assert.equal("said so", err.message)
              assert.equal("c_1", err.code)
              assert.same({ field = "name" }, err.details)
            else
              assert.is_nil(err.code)
              assert.matches(status < 400 and "not followed" or tostring(status), err.message)
            end
            if status ~= 304 then assert.equal("r-" .. status, err.request_id) end
          end
        end)
    end
  end
end)
