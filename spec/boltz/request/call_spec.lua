-- SPDX-License-Identifier: MIT
local call = require "boltz.request.call"
local core = require "boltz.core"

local TEMPLATE = "/w/{workspace_id}/limit"

-- The path of a template with these ids.
local function path_of(template, ...)
  local parts, names = call.template(template)
  return call.path("w:x", parts, names, { ... })
end

describe("call.path", function()
  local IDS = {
    { "ws_1", "ws_1" }, { "a/b", "a%2Fb" }, { "a b", "a%20b" }, { "%2e%2e", "%252e%252e" },
    { "...", "..." }, { ".a", ".a" }, { "?x=1#y", "%3Fx=1%23y" }, { "ä東", "%C3%A4%E6%9D%B1" },
    { "-._~!$&'()*+,;=:@", "-._~!$&'()*+,;=:@" }, { "%1", "%251" }, { "\\", "%5C" },
  }
  for _, case in ipairs(IDS) do
    it(("puts the id %q in as %s"):format(case[1], case[2]), function()
      assert.are.equal("/w/" .. case[2] .. "/limit",
        path_of(TEMPLATE, case[1]))
    end)
  end

  local REFUSED = {
    { "", '""' }, { ".", '"."' }, { "..", '".."' }, { nil, "nothing" }, { 5, "5" },
    { {}, "a table" }, { true, "true" }, { "a\nb", "one with a control character" },
    { "a\0", "one with a control character" }, { "\255", "text that is not UTF-8" },
    { core.null, "boltz.null" },
  }
  for _, case in pairs(REFUSED) do
    it("refuses an id that is " .. case[2], function()
      local path, mistake = path_of(TEMPLATE, case[1])
      assert.is_nil(path)
      assert.are.equal("bad parameter 'workspace_id' to 'w:x' (expected an id as a non-empty "
        .. "string, got " .. case[2] .. ")", mistake)
    end)
  end

  it("fills several ids, in their order, or none", function()
    assert.are.equal("/1/x/2", path_of("/{a}/x/{b}", "1", "2"))
    assert.are.equal("/1/2", path_of("/{a}/{b}", "1", "2"))
    assert.are.equal("/x", path_of("/x"))
  end)
end)

describe("call.raw_path", function()
  local PATHS = {
    { "/", "/", {} }, { "/a/b", "/a/b", {} }, { "/a?x=1&y=2", "/a", { x = "1", y = "2" } },
    { "/a?", "/a", {} }, { "/a%2Fb", "/a%2Fb", {} }, { "/a?x=/../", "/a", { x = "/../" } },
    { "/.a/...", "/.a/...", {} }, { "//a", "//a", {} }, { "/a?x=?", "/a", { x = "?" } },
  }
  for _, case in ipairs(PATHS) do
    it(("takes %q apart"):format(case[1]), function()
      assert.are.same({ case[2], case[3] }, { call.raw_path("client:get", case[1]) })
    end)
  end

  local REFUSED = { "", "a", "https://x.example/", "/a b", "/ä", "/a#b", "/a\nb", 5, {} }
  for _, path in ipairs(REFUSED) do
    local shown = type(path) == "string" and ("%q"):format(path) or type(path)
    it("refuses " .. shown, function()
      local plain, mistake = call.raw_path("client:get", path)
      assert.is_nil(plain)
      assert.is_truthy(mistake:find(
        "bad parameter 'path' to 'client:get' (expected a path that begins with '/'", 1, true))
    end)
  end

  it("refuses a query that is not UTF-8", function()
    local _, mistake = call.raw_path("client:get", "/a?x=%FF")
    assert.is_truthy(mistake:find("bad parameter 'path.x' to 'client:get'", 1, true))
  end)

  for _, path in ipairs { "/..", "/a/../b", "/a/./b", "/.", "/a/%2e%2E", "/a/.%2e/b", "/%2E" } do
    it("refuses " .. path .. ", which a server would resolve", function()
      local plain, mistake = call.raw_path("client:get", path)
      assert.is_nil(plain)
      assert.are.equal("bad parameter 'path' to 'client:get' (expected a path without '.' and "
        .. '\'..\', got "' .. path .. '")', mistake)
    end)
  end
end)

describe("call.to_wire", function()
  it("renames what has another name on the wire and drops a cursor's own part", function()
    local fields = { group_by = { wire = "group_by[]" }, limit = {} }
    assert.are.same({ ["group_by[]"] = { "x" }, limit = 1, later = 2 },
      call.to_wire(fields, { group_by = { "x" }, limit = 1, later = 2, _skip = 3 }))
  end)
end)

describe("call.body", function()
  it("is nothing where there is neither a value nor extra fields", function()
    assert.are.same({ n = 1 }, { n = select("#", call.body("c", "", nil, nil)) })
    assert.is_nil((call.body("c", "", nil, nil)))
  end)

  it("is the value as JSON, false and null included", function()
    assert.are.equal("{}", call.body("c", "", {}))
    assert.are.equal('{"a":1}', call.body("c", "", { a = 1 }))
    assert.are.equal("[]", call.body("c", "", core.array {}))
    assert.are.equal("false", call.body("c", "", false))
    assert.are.equal("null", call.body("c", "", core.null))
  end)

  it("puts extra fields over the value without changing it", function()
    local value = { a = 1, b = 2 }
    assert.are.same({ a = 1, b = 3, c = 4 },
      core.decode(call.body("c", "", value, { b = 3, c = 4 })))
    assert.are.same({ a = 1, b = 2 }, value)
    assert.are.equal('{"c":1}', call.body("c", "", nil, { c = 1 }))
  end)

  it("names the field that is no JSON", function()
    local text, mistake = call.body("w:create", "", { a = { b = { 1, 0 / 0 } } })
    assert.is_nil(text)
    assert.are.equal("bad parameter 'a.b[2]' to 'w:create' (expected a JSON value, got NaN)",
      mistake)
    assert.are.equal("bad parameter 'body.a' to 'client:post' (expected a JSON value, got NaN)",
      (select(2, call.body("client:post", "body.", { a = 0 / 0 }))))
    assert.are.equal("bad parameter 'body[1]' to 'client:post' (expected a JSON value, got NaN)",
      (select(2, call.body("client:post", "body.", { 0 / 0 }))))
    assert.are.equal("bad parameter 'body' to 'client:post' (expected a JSON value, got NaN)",
      (select(2, call.body("client:post", "body.", 0 / 0))))
  end)
end)
