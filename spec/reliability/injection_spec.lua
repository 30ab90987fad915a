-- SPDX-License-Identifier: MIT
-- What could say more than it should: a line end in a request, a control character in an answer.

local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"
local wire = require "support.wire"

describe("a line end or a NUL", function()
  local server, client

  setup(function()
    server = wire.start "serve(function(c) record 'connected' c:request() c:send(answer '{}') end)"
    client = boltz.new { api_key = ("k"):rep(40), base_url = server.url, max_retries = 0 }
  end)
  teardown(function()
    client:close()
    wire.stop_all()
  end)

  local function assert_refused(call)
    local ok, message = pcall(call)
    assert.is_false(ok)
    assert.is_string(message)
    assert.is_nil(message:find("%c"), "the message has it too")
    assert.same({}, server:records())
  end

  local PLACES = {
    ["an id"] = function(bad) client.workspaces:retrieve("ws" .. bad .. "1") end,
    ["an id of a change"] = function(bad) client.workspaces:archive("ws_1" .. bad) end,
    ["an id of a list's key"] = function(bad) client.api_keys:revoke(bad .. "key") end,
    ["api_key"] = function(bad) boltz.new { api_key = "k" .. bad .. "X-Evil: 1" } end,
    ["bearer_token"] = function(bad) boltz.new { bearer_token = "t" .. bad .. "X-Evil: 1" } end,
    ["organization_id"] = function(bad)
      boltz.new { bearer_token = "t", organization_id = "o" .. bad .. "X-Evil: 1" }
    end,
    ["base_url"] = function(bad)
      boltz.new { api_key = "k", base_url = server.url .. bad .. "/x" }
    end,
    ["proxy"] = function(bad) boltz.new { api_key = "k", proxy = server.url .. bad .. "/x" } end,
    ["ca_file"] = function(bad) boltz.new { api_key = "k", ca_file = "/etc/ca.pem" .. bad } end,
    ["a header's name"] = function(bad)
      boltz.new { api_key = "k", headers = { ["X" .. bad .. "Y"] = "1" } }
    end,
    ["a header's value"] = function(bad)
      boltz.new { api_key = "k", headers = { X = "1" .. bad .. "X-Evil: 1" } }
    end,
    ["a secret header's value"] = function(bad)
      boltz.new { api_key = "k", headers = { Cookie = "1" .. bad .. "X-Evil: 1" } }
    end,
    ["a header's name of a call"] = function(bad)
      client.auth:me { headers = { ["X" .. bad .. "Y"] = "1" } }
    end,
    ["a header's value of a call"] = function(bad)
      client.workspaces:create({}, { headers = { X = "1" .. bad } })
    end,
    ["a path"] = function(bad) client:get("/compute" .. bad .. "/v1") end,
    ["a path's query"] = function(bad) client:get("/compute/v1?a=" .. bad) end,
  }
  for place, call in pairs(PLACES) do
    for name, bad in pairs { CR = "\r", LF = "\n", CRLF = "\r\n", NUL = "\0" } do
      it(("%s in %s is refused before anything is sent"):format(name, place), function()
        assert_refused(function() call(bad) end)
      end)
    end
  end
end)

describe("what a server sends", function()
  after_each(wire.stop_all)

  -- Colours, the window's title, one byte of Latin-1's C1 and the same in UTF-8, DEL, bell.
  local EVIL = "\27[31mred\27]0;title\7\155" .. "31m\194\155" .. "32m\127\8\8"

  local PLACES = {
    ["the message of an error"] = function(text)
      return ('c:send(answer(%s, "", "400 Bad"))'):format(text("message"))
    end,
    ["the code of an error"] = function(text)
      return ('c:send(answer(%s, "", "400 Bad"))'):format(text("code"))
    end,
    ["the request's id"] = function()
      return 'c:send(answer("{}", "X-Request-Id: " .. EVIL .. "\\r\\n", "400 Bad"))'
    end,
    ["the content type"] = function()
      return 'c:send(answer("<html>", "Content-Type: " .. EVIL .. "\\r\\n"))'
    end,
    ["the reason of a status"] = function()
      return 'c:send(answer("", "", "500 " .. EVIL))'
    end,
    ["a header"] = function()
      return 'c:send("HTTP/1.1 200 OK\\r\\n" .. EVIL .. "\\r\\n\\r\\n")'
    end,
    ["the status line"] = function() return 'c:send(EVIL .. "\\r\\n\\r\\n") c:close()' end,
    ["the encoding"] = function()
      return 'c:send(answer("{}", "Content-Encoding: " .. EVIL .. "\\r\\n"))'
    end,
    ["a body that is not JSON"] = function() return "c:send(answer(EVIL))" end,
    ["the place of a redirect"] = function()
      return 'c:send(answer("", "Location: /" .. EVIL .. "\\r\\n", "302 Found"))'
    end,
  }
  -- In JSON as bytes, which is malformed, and as escapes, which is not.
  local SPELLINGS = {
    bytes = function(field) return ([['{"message":"m","%s":"' .. EVIL .. '"}']]):format(field) end,
    escapes = function(field)
      return ([['{"message":"m","%s":"\\u001b[31m\\u009b32m\\u0007\\u007f\\r\\n"}']]):format(field)
    end,
  }

  for place, script in pairs(PLACES) do
    for spelling, text in pairs(SPELLINGS) do
      it(("in %s cannot command a terminal (%s)"):format(place, spelling), function()
        local server = wire.start((
          "local EVIL = %q serve(function(c) while c:request() do %s end end)"
        ):format(EVIL, script(text)))
        local output = child.run([[
          local client = require("boltz").new { max_retries = 0, timeout = 20 }
          local _, err = client.workspaces:retrieve("x")
          io.write(err.message, "|", tostring(err), "|", err .. "", "|", err.request_id or "")
          io.flush()
        ]], { BOLTZ_API_KEY = ("k"):rep(40), BOLTZ_BASE_URL = server.url, BOLTZ_LOG = "debug" })
        assert.matches("|", output)
        local lines = output:gsub("\n", "") -- the logger's own line ends
        assert.is_nil(lines:find("%c"), lines)
        assert.is_nil(lines:find("\127"), lines)
        assert.is_nil(lines:find("\194[\128-\159]"), lines)
        assert.is_number(core.utf8_length(lines), "a stray byte: " .. lines)
      end)
    end
  end
end)
