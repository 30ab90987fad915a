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

  it("raises for what is no text or no secret", function()
    assert.has_error(function() core.conceal({}, secret) end)
    assert.has_error(function() core.conceal("a", KEY) end)
  end)
end)
