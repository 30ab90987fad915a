-- SPDX-License-Identifier: MIT
local child = require "support.child"
local core = require "boltz.core"
local wire = require "support.wire"

-- What libcurl says of a URL that a proxy's variable has.
local function message_with(variable, proxy)
  return child.run([[
    local wire = require "support.wire"
    io.write(wire.exchange(wire.request("https://api.example.invalid")).message)
  ]], { [variable] = proxy, no_proxy = "", NO_PROXY = "" })
end

describe("a failure's message", function()
  after_each(wire.stop_all)

  local proxies = {
    "http://user:hunter2@host:99999", "user:hunter2@host:99999", "foo://user:hunter2@host:1",
    "http://us er:hunter2@host:1", "http://user:hu@hunter2@host:99999",
    "http://user:hunter2'@host:99999", "us er:x//hunter2@host:1",
    "http://user:" .. ("p@"):rep(50) .. ("hunter2"):rep(50) .. "@host:99999",
    "http://user:" .. ("hunter2"):rep(50) .. "@host:99999",
  }
  for i, proxy in ipairs(proxies) do
    it(("has no password of a proxy of the environment (%d)"):format(i), function()
      for _, variable in ipairs { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
        local message = message_with(variable, proxy)
        assert.matches("proxy", message)
        assert.is_nil(message:find("hunter2", 1, true), message)
        assert.is_nil(message:find("user", 1, true), message)
      end
    end)
  end

  it("keeps the proxy's address", function()
    assert.matches("http://...@host:99999'",
      message_with("https_proxy", "http://user:hunter2@host:99999"), 1, true)
  end)

  it("has a hint for http where the port wants TLS", function()
    local server = wire.start [[
      serve(function(c)
        c:request()
        c:send("\21\3\1\0\2\2\70") -- TLS's alert: no such message is expected
        c:close()
      end)
    ]]
    local result = wire.exchange(wire.request(server.url))
    assert.equal("invalid_response", result.failure)
    assert.matches("; does the server want https on this port%?$", result.message)
  end)

  it("has the opposite hint for TLS where the port does not speak it", function()
    local server = wire.start [[
      serve(function(c)
        c:_take(1)
        c:send("HTTP/1.1 400 No\r\n")
        c:close()
      end)
    ]]
    local result = wire.exchange(wire.request((server.url:gsub("^http:", "https:"))))
    assert.equal("tls", result.failure)
    assert.matches("; does the server speak TLS on this port%?$", result.message)
  end)

  it("may be of a proxy that was given", function()
    local result = wire.exchange(wire.request("https://api.example.invalid",
      { proxy = core.secret "foo://user:hunter2@127.0.0.1:1" }))
    assert.matches("'foo://...@127.0.0.1:1'", result.message, 1, true)
  end)
end)
