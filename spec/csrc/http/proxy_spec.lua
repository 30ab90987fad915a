-- SPDX-License-Identifier: MIT
-- Which proxy the environment names, as libcurl reads it: it is asked, too, by a request that goes
-- nowhere.

local child = require "support.child"
local core = require "boltz.core"
local libcurl = require "support.libcurl"
local wire = require "support.wire"

local NONE = { https_proxy = "", HTTPS_PROXY = "", http_proxy = "", HTTP_PROXY = "",
  all_proxy = "", ALL_PROXY = "", no_proxy = "", NO_PROXY = "" }

-- What a script writes with these variables, and no other of a proxy.
local function run(script, variables)
  local environment = {}
  for name, value in pairs(NONE) do environment[name] = value end
  for name, value in pairs(variables) do environment[name] = value end
  return child.run(script, environment)
end

-- Of each URL, in a line: the proxy, or "none"; what became of a request; and its message.
local function ask(urls, variables)
  local lines = run([[
    local core = require "boltz.core"
    local wire = require "support.wire"
    for url in ("]] .. table.concat(urls, " ") .. [["):gmatch("%S+") do
      local proxy = core.environment_proxy(url)
      local result = wire.exchange(wire.request(url, { connect_timeout = 10 }))
      print((proxy and core.reveal(proxy) or "none") .. " " .. result.message)
    end
  ]], variables)
  local answers = {}
  for proxy, message in lines:gmatch("(%S+) ([^\n]+)\n") do
    answers[#answers + 1] = { proxy = proxy, message = message }
  end
  assert.equal(#urls, #answers, lines)
  return answers
end

local A, B, C, D = "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3",
  "http://127.0.0.1:4"
local SECURE, PLAIN = "https://api.example.invalid", "http://api.example.invalid"

describe("the proxy of the environment", function()
  local cases = {
    { "https_proxy before all", SECURE, "https_proxy", A,
      { https_proxy = A, HTTPS_PROXY = B, all_proxy = C, ALL_PROXY = D, http_proxy = B } },
    { "then HTTPS_PROXY", SECURE, "HTTPS_PROXY", B,
      { HTTPS_PROXY = B, all_proxy = C, ALL_PROXY = D, http_proxy = A } },
    { "then all_proxy", SECURE, "all_proxy", C, { all_proxy = C, ALL_PROXY = D, http_proxy = A } },
    { "then ALL_PROXY", SECURE, "ALL_PROXY", D, { ALL_PROXY = D, http_proxy = A } },
    { "http_proxy for http", PLAIN, "http_proxy", A,
      { http_proxy = A, https_proxy = B, all_proxy = C } },
    { "all_proxy for http, but never HTTP_PROXY", PLAIN, "all_proxy", C,
      { HTTP_PROXY = A, https_proxy = B, all_proxy = C, ALL_PROXY = D } },
  }
  for _, case in ipairs(cases) do
    it("is " .. case[1] .. ", and a failed connection says so", function()
      local answer = ask({ case[2] }, case[5])[1]
      assert.equal(case[4], answer.proxy)
      local address = case[4]:gsub("^http://", "")
      assert.matches("^[^(]*127.0.0.1 port " .. address:match("%d$"), answer.message)
      assert.matches((" (through the proxy %s of %s)"):format(address, case[3]), answer.message, 1,
        true)
    end)
  end

  -- Libcurl is the judge: without the proxy it looks for the host itself.
  local HOSTS = { "https://api.example.invalid", "https://API.Example.INVALID",
    "https://an.api.example.invalid", "https://notapi.example.invalid", "https://api.invalid",
    "https://127.0.0.2:9", "https://127.1.0.2:9", "https://[::1]:9" }
  for _, list in ipairs { "", "*", "api.example.invalid", ".example.invalid", "example.invalid:443",
    "x, api.example.invalid,127.0.0.2", "api.example.invalid. ::1", "127.0.0.0/16,invalid",
    "127.0.0.0/7", "[::1]", "::/16", "::1 x", "127.0.0.2/33", "a*", ",", "0.0.2" } do
    it(("is none for the hosts of a list as libcurl has it: %q"):format(list), function()
      if (list:find "/" or list:find "%. ") and libcurl.before(7, 86) then
        return pending "libcurl knows networks and the last dot of a name since 7.86"
      end
      for _, name in ipairs { "no_proxy", "NO_PROXY" } do
        for i, answer in ipairs(ask(HOSTS, { https_proxy = A, [name] = list })) do
          local is_used = answer.message:find("127.0.0.1 port 1 ", 1, true) ~= nil
          assert.equal(is_used and A or "none", answer.proxy, HOSTS[i] .. ": " .. answer.message)
          assert.equal(is_used, answer.message:find("(through", 1, true) ~= nil, answer.message)
        end
      end
    end)
  end

  it("is exempted by no_proxy, and by NO_PROXY only without that", function()
    local lists = { no_proxy = "other.invalid", NO_PROXY = "*", https_proxy = A }
    assert.equal(A, ask({ SECURE }, lists)[1].proxy)
  end)

  it("is shown without user and password, and with a scheme if it has none", function()
    local cases_of_urls = {
      ["http://user:hunter2@127.0.0.1:1"] = "127.0.0.1:1",
      ["user:hunter2@127.0.0.1:1"] = "127.0.0.1:1",
      ["user:hu@nter2@127.0.0.1:1/x"] = "127.0.0.1:1",
      ["127.0.0.1:1"] = "127.0.0.1:1",
    }
    for url, address in pairs(cases_of_urls) do
      local answer = ask({ SECURE }, { ALL_PROXY = url })[1]
      assert.equal((url:find "://" and "" or "http://") .. url, answer.proxy)
      assert.matches(("(through the proxy %s of ALL_PROXY)"):format(address), answer.message, 1,
        true)
    end
    -- libcurl's idea of the host may be a part of the password.
    local message = ask({ SECURE }, { ALL_PROXY = "http://us/er:hunter2@127.0.0.1:1" })[1].message
    assert.matches(" (through the proxy of ALL_PROXY)", message, 1, true)
    assert.is_nil(message:find("hunter2", 1, true), message)
  end)
end)

describe("a proxy that is given", function()
  it("is named as the option's where the connection fails, and an empty one is none", function()
    local function message_of(proxy)
      return wire.exchange(wire.request(SECURE, { proxy = core.secret(proxy), no_proxy = "" }))
        .message
    end
    assert.matches(" (through the proxy 127.0.0.1:1 of the option proxy)",
      message_of("http://user:hunter2@127.0.0.1:1"), 1, true)
    assert.is_nil(message_of(""):find("proxy", 1, true))
  end)
end)
