-- SPDX-License-Identifier: MIT
-- API.md, "Requests", says which bytes go out as they are.

local core = require "boltz.core"

local SEGMENT = "^[A-Za-z0-9%-._~!$&'()*+,;=:@]$"
local UNRESERVED = "^[A-Za-z0-9%-._~]$"

local function expected_form(byte, kept)
  local character = string.char(byte)
  return character:find(kept) and character or ("%%%02X"):format(byte)
end

describe("escape_path", function()
  it("encodes each byte but those that a segment may hold", function()
    for byte = 0, 255 do
      assert.equal(expected_form(byte, SEGMENT), core.escape_path(string.char(byte)))
    end
  end)

  local cases = {
    [""] = "",
    ["a/b"] = "a%2Fb",
    ["a b"] = "a%20b",
    ["%2e%2e"] = "%252e%252e",
    ["é?#"] = "%C3%A9%3F%23",
    ["a\0b"] = "a%00b",
    ["ws_123"] = "ws_123",
  }
  for text, expected in pairs(cases) do
    it(("turns %q into %s"):format(text, expected), function()
      assert.equal(expected, core.escape_path(text))
    end)
  end

  it("encodes a megabyte", function()
    assert.equal(("%2F"):rep(1024 * 1024), core.escape_path(("/"):rep(1024 * 1024)))
  end)

  it("raises for something that is no text", function()
    assert.has_error(function() core.escape_path {} end)
  end)
end)

describe("query", function()
  it("encodes each byte but the unreserved ones, in names and values", function()
    for byte = 0, 255 do
      local form = expected_form(byte, UNRESERVED)
      local character = string.char(byte)
      assert.equal(form .. "=" .. form, core.query { character, character })
    end
  end)

  local cases = {
    { "no pair", {}, "" },
    { "one pair", { "limit", "10" }, "limit=10" },
    { "pairs in their order", { "b", "1", "a", "2" }, "b=1&a=2" },
    { "a repeated name with brackets", { "applications[]", "adme", "applications[]", "x y" },
      "applications%5B%5D=adme&applications%5B%5D=x%20y" },
    { "an empty value", { "a", "", "b", "1" }, "a=&b=1" },
    { "what separates pairs", { "a&b", "c=d" }, "a%26b=c%3Dd" },
    { "a plus sign", { "name", "a+b" }, "name=a%2Bb" },
    { "an instant", { "starting_at", "2026-01-01T00:00Z" }, "starting_at=2026-01-01T00%3A00Z" },
  }
  for _, case in ipairs(cases) do
    local what, list, expected = case[1], case[2], case[3]
    it("writes " .. what, function()
      assert.equal(expected, core.query(list))
    end)
  end

  it("writes a thousand long pairs", function()
    local list, expected = {}, {}
    for i = 1, 1000 do
      list[2 * i - 1], list[2 * i] = "name" .. i, (" "):rep(500)
      expected[i] = "name" .. i .. "=" .. ("%20"):rep(500)
    end
    assert.equal(table.concat(expected, "&"), core.query(list))
  end)

  it("raises for what is not a list of texts", function()
    for _, list in ipairs { { 1, "a" }, { "a", 1 }, { "a", false }, { "a", {} }, "a=b" } do
      assert.has_error(function() core.query(list) end)
    end
    assert.has_error(function() core.query() end)
  end)
end)

describe("parse_url", function()
  local cases = {
    ["https://api.boltz.bio"] =
      { scheme = "https", host = "api.boltz.bio", port = "443", path = "/" },
    ["http://127.0.0.1:8080/"] =
      { scheme = "http", host = "127.0.0.1", port = "8080", path = "/" },
    ["http://[::1]:8080/a"] = { scheme = "http", host = "[::1]", port = "8080", path = "/a" },
    ["HTTPS://API.example/A"] =
      { scheme = "https", host = "API.example", port = "443", path = "/A" },
    ["https://h/a?c=d&e#f"] =
      { scheme = "https", host = "h", port = "443", path = "/a", query = "c=d&e", fragment = "f" },
    ["https://me:pw@h"] =
      { scheme = "https", host = "h", port = "443", path = "/", user = "me", password = "pw" },
    ["ftp://h/x"] = { scheme = "ftp", host = "h", port = "21", path = "/x" },
  }
  for text, expected in pairs(cases) do
    it("takes " .. text .. " apart", function()
      assert.same(expected, core.parse_url(text))
    end)
  end

  local malformed = { "", "api.boltz.bio", "/path", "https://", "http://h:99999", "http://h:x",
    "http://a b/", "http://[::1", "://h" }
  for _, text in ipairs(malformed) do
    it(("returns nil and a message for %q"):format(text), function()
      local url, message = core.parse_url(text)
      assert.is_nil(url)
      assert.equal("string", type(message))
    end)
  end

  it("refuses a NUL, behind which another host could stand", function()
    assert.is_nil(core.parse_url "https://api.boltz.bio\0.example.com/")
  end)

  it("raises for something that is no text", function()
    assert.has_error(function() core.parse_url {} end)
  end)
end)

describe("ip_version", function()
  local versions = {
    [4] = { "127.0.0.1", "0.0.0.0", "255.255.255.255" },
    [6] = {
      "::", "::1", "2001:db8::ff00:42:8329", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8", "FE80::1",
    },
    none = {
      "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/8", " 1.2.3.4", "1.2.3.4 ",
      "01.2.3.4", "[::1]", "::1%lo", ":::", "1:2:3:4:5:6:7:8:9", "g::1", "1.2.3.4\0", "0x7f.1",
    },
  }
  for version, addresses in pairs(versions) do
    for _, address in ipairs(addresses) do
      it(("is %s for %q"):format(version, address), function()
        assert.equal(version ~= "none" and version or nil, core.ip_version(address))
      end)
    end
  end
end)
