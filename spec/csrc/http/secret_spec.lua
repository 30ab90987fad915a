-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local wire = require "support.wire"

local KEY = "sk_bc_admin_test_0123456789abcdef"

describe("secret", function()
  local shown = {
    { "the first 12 characters of a long one", core.secret(KEY), "sk_bc_admin_..." },
    { "those of what follows its prefix", core.secret(KEY, "Bearer "), "sk_bc_admin_..." },
    { "those of one of 24 characters", core.secret(("x"):rep(24)), ("x"):rep(12) .. "..." },
    { "nothing of one of 23", core.secret(("x"):rep(23)), "..." },
    { "nothing of a short one with a long prefix", core.secret("x", ("p"):rep(50)), "..." },
    { "nothing of a URL with a password", core.secret "http://a:pw@host.example:3128", "..." },
    { "the start of a URL without one", core.secret "http://host.example:3128", "http://host...." },
    { "nothing of an empty one", core.secret "", "..." },
  }
  for _, case in ipairs(shown) do
    local what, secret, text = case[1], case[2], case[3]
    it("shows " .. what, function()
      assert.equal(text, tostring(secret))
      assert.equal(text, ("%s"):format(secret))
    end)
  end

  -- Each raises, or returns no more than `tostring` does.
  local ways = {
    pairs = function(secret)
      local iterate, state = pairs(secret)
      return select(2, iterate(state))
    end,
    ["next"] = next,
    ["#"] = function(secret) return #secret end,
    [".."] = function(secret) return secret .. "" end,
    ["string.sub"] = string.sub,
    ["string.rep"] = function(secret) return string.rep(secret, 1) end,
    ["string.byte"] = function(secret) return string.char(string.byte(secret, 1, -1)) end,
    ["string.format's %q"] = function(secret) return ("%q"):format(secret) end,
    ["table.concat"] = function(secret) return table.concat { secret } end,
    ["a field"] = function(secret) return secret.bytes or secret[1] end,
    ["core.encode"] = function(secret) return core.encode { secret } end,
  }
  for what, read in pairs(ways) do
    it("cannot be read by " .. what, function()
      local _, got = pcall(read, core.secret(KEY))
      assert.is_nil(tostring(got):find(KEY:sub(13), 1, true))
    end)
  end

  it("is not written by io.write", function()
    assert.has_error(function() io.stderr:write(core.secret(KEY)) end)
  end)

  it("leads to its text by no way that the debug library knows", function()
    local attached = rawget(debug, "getuservalue") or rawget(debug, "getfenv")
    local seen = { [_G] = true } -- what LuaJIT gives a userdata as its environment
    local function search(value)
      if type(value) == "string" then assert.is_nil(value:find(KEY:sub(13), 1, true)) end
      if seen[value] or (type(value) ~= "table" and type(value) ~= "userdata") then return end
      seen[value] = true
      search(debug.getmetatable(value))
      if type(value) == "userdata" then return search((attached(value))) end
      for key, member in next, value do
        search(key)
        search(member)
      end
    end
    local secret = core.secret(KEY)
    search(secret)
    assert.is_true(seen[getmetatable(secret).__index])
  end)

  it("arrives whole in a header", function()
    local server = wire.start [[
      local c = accept()
      local headers = c:request().headers
      record(headers["x-api-key"])
      record(headers["authorization"])
      c:send(answer "")
    ]]
    local headers = { "x-api-key", core.secret(KEY), "Authorization", core.secret(KEY, "Bearer ") }
    wire.exchange(wire.request(server.url, { headers = headers }))
    local records = server:records()
    server:stop()
    assert.same({ KEY, "Bearer " .. KEY }, { records[2], records[3] })
  end)

  it("is overwritten when it is collected", function()
    local secret = core.secret(KEY, "Bearer ")
    getmetatable(secret).__gc(secret)
    assert.equal(("\0"):rep(#"Bearer " + #KEY), core.reveal(secret))
  end)

  it("is made of text only", function()
    assert.has_error(function() core.secret() end)
    assert.has_error(function() core.secret {} end)
    assert.has_error(function() core.secret("a", {}) end)
  end)
end)

describe("reveal", function()
  it("returns prefix and text, whatever bytes they hold", function()
    assert.equal("a\0b", core.reveal(core.secret "a\0b"))
    assert.equal("Bearer abc", core.reveal(core.secret("abc", "Bearer ")))
    assert.equal("", core.reveal(core.secret ""))
  end)

  it("raises for what is no secret", function()
    for _, value in ipairs { "abc", {}, core.null, io.stdout } do
      assert.has_error(function() core.reveal(value) end)
    end
  end)
end)

describe("conceal", function()
  local secret = core.secret(KEY, "Bearer ")
  local cases = {
    { "a text without it", "nothing to see", "nothing to see" },
    { "an empty text", "", "" },
    { "the text that it is", KEY, "sk_bc_admin_..." },
    { "a text with it in the middle", "a " .. KEY .. " b", "a sk_bc_admin_... b" },
    { "a text with it twice", KEY .. KEY, "sk_bc_admin_...sk_bc_admin_..." },
    { "a text with its prefix", "Bearer " .. KEY, "Bearer sk_bc_admin_..." },
    { "a text with a NUL in front", "\0" .. KEY .. "\0", "\0sk_bc_admin_...\0" },
    { "a text with another key", "sk_bc_admin_test_other", "sk_bc_admin_test_other" },
  }
  for _, case in ipairs(cases) do
    local what, text, expected = case[1], case[2], case[3]
    it("leaves of " .. what .. " what may be shown", function()
      assert.equal(expected, core.conceal(text, secret))
    end)
  end

  it("shows nothing of a secret too short to show its start", function()
    assert.equal("a ... b", core.conceal("a 12345678 b", core.secret "12345678"))
  end)

  it("leaves a secret that may be a word where it is", function()
    assert.equal("a 1234567 b", core.conceal("a 1234567 b", core.secret "1234567"))
    assert.equal("abc", core.conceal("abc", core.secret ""))
  end)

  -- The private part is 0123456789abcdef.
  local pieces = {
    { "its end", "x 3456789abcdef y", "x ... y" },
    { "its start, beyond what all such keys begin with", "sk_bc_admin_test_0123456789abc",
      "sk_bc_admin_test_..." },
    { "a piece of 13", "x123456789abcdx", "x...x" },
    { "pieces that overlap", "0123456789abcde123456789abcdef", "..." },
    { "pieces apart", "0123456789abcd 123456789abcdef", "... ..." },
    { "no piece of 12", "x123456789abcx", "x123456789abcx" },
    { "not what all such keys begin with", "sk_bc_admin_test_other", "sk_bc_admin_test_other" },
  }
  for _, case in ipairs(pieces) do
    local what, text, expected = case[1], case[2], case[3]
    it("finds " .. what, function()
      assert.equal(expected, core.conceal(text, secret))
    end)
  end

  local written = core.secret 'ab/cd"ef+gh=ij'
  local escaped = {
    ["JSON"] = [[ab\/cd\"ef+gh=ij]], ["JSON in numbers"] = [[ab\u002Fcd\u0022ef\u002bgh=ij]],
    ["a URL"] = "ab%2Fcd%22ef%2bgh%3Dij",
  }
  for what, text in pairs(escaped) do
    it("finds a secret as it is written in " .. what, function()
      assert.equal("x ... y", core.conceal("x " .. text .. " y", written))
    end)
  end

  it("finds a secret that has escapes of its own, as it is and escaped once more", function()
    local cookie = core.secret "a%2Fb/c%20d-e-f-g-h"
    for _, text in ipairs { "a%2Fb/c%20d-e-f-g-h", [[a%2Fb\/c%20d-e-f-g-h]],
      "a%252Fb%2Fc%2520d-e-f-g-h" } do
      assert.equal("x ... y", core.conceal("x " .. text .. " y", cookie))
    end
  end)

  it("leaves escapes of other things as they are, also at the text's end", function()
    for _, text in ipairs { [[a\/b]], "a%2", "a%", "a\\", [[\u00]], [[\u00ff]], [[\u2028]],
      "%zz" } do
      assert.equal(text, core.conceal(text, secret))
    end
  end)

  it("finds a token without its scheme and its blanks", function()
    for _, given in ipairs { "Bearer tok/3456789", "Bearer   tok/3456789 ", " tok/3456789  " } do
      assert.equal("x ... y", core.conceal("x tok/3456789 y", core.secret(given)), given)
    end
  end)

  it("finds each secret and piece that a slow search finds, and no more", function()
    local state = 1
    local function letter()
      state = state * 48271 % 2147483647
      return ("abc"):sub(state % 3 + 1, state % 3 + 1)
    end
    for length = 13, 60 do
      local letters = {}
      for i = 1, length do letters[i] = letter() end
      local hidden = table.concat(letters)
      local at = length % (length - 12) + 1
      local text = "abc" .. hidden:sub(at, at + 12) .. "cba" .. letter()
      local expected, covered = {}, 0
      for i = 1, #text do
        if hidden:find(text:sub(i, i + 12), 1, true) and i + 12 <= #text then
          if covered < i - 1 or covered == 0 then expected[#expected + 1] = "..." end
          covered = i + 12
        end
        if i > covered then expected[#expected + 1] = text:sub(i, i) end
      end
      if not text:find(hidden, 1, true) then
        assert.equal(table.concat(expected), core.conceal(text, core.secret(hidden)))
      end
    end
  end)

  it("finds pieces of a long secret in a long text, however alike they are", function()
    local long = ("a"):rep(64 * 1024)
    local hidden = core.secret(long:sub(1, 30000) .. "c")
    assert.equal("...b...", core.conceal(long .. "b" .. long, hidden))
  end)

  it("raises for what is no text or no secret", function()
    assert.has_error(function() core.conceal({}, secret) end)
    assert.has_error(function() core.conceal("a", KEY) end)
  end)
end)

describe("userinfo", function()
  local function of(url)
    local texts = {}
    for i, secret in ipairs(core.userinfo(core.secret(url))) do texts[i] = core.reveal(secret) end
    return texts
  end

  it("is a proxy's user and password, and what the proxy is sent", function()
    assert.same({ "Aladdin", "open%20sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
      of "http://Aladdin:open%20sesame@proxy.example:3128/")
    assert.same({ "user", "p@:w", "dXNlcjpwQDp3" }, of "socks5://user:p@:w@[::1]:1")
    assert.same({ "user", "dXNlcg==" }, of "http://user@h")
    assert.same({ "", "p", "OnA=" }, of "http://:p@h")
  end)

  it("shows not even the start of these", function()
    local secrets = core.userinfo(core.secret("http://" .. KEY .. ":" .. KEY .. "@h"))
    assert.equal(3, #secrets)
    for _, secret in ipairs(secrets) do
      assert.equal("...", tostring(secret))
      assert.equal("x ... y", core.conceal("x " .. core.reveal(secret) .. " y", secret))
    end
  end)

  it("is hidden however short it is, where it is a word of its own", function()
    local secrets = core.userinfo(core.secret "http://me:pw@h") -- and bWU6cHc=
    local function conceal(text)
      for _, secret in ipairs(secrets) do text = core.conceal(text, secret) end
      return text
    end
    assert.equal("you are ..., ...", conceal "you are me, pw")
    assert.equal("...:...@h: no method, no pwd", conceal "me:pw@h: no method, no pwd")
    assert.equal("Basic ...\r\n...", conceal "Basic bWU6cHc=\r\npw")
    assert.equal("pw", core.conceal("pw", core.secret "pw"))
    secrets = core.userinfo(core.secret "http://m%65:p%40w@h")
    assert.equal("..., ..., ..., ...", conceal "m%65, me, p%40w, p@w")
    secrets = core.userinfo(core.secret "http://u:p@h") -- and dTpw
    assert.equal("Basic ... ... ...", conceal "Basic dTpw u p")
    assert.equal("up dTpwo", conceal "up dTpwo")
  end)

  it("is nothing of a URL without a user", function()
    for _, url in ipairs { "", "http://h:1", "http://h/a@b", "http://h?a@b", "h", "http://@h" } do
      assert.same({}, of(url), url)
    end
  end)

  it("raises for what is no secret", function()
    assert.has_error(function() core.userinfo "http://user:password@h" end)
  end)
end)
