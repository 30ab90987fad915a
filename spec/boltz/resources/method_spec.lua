-- SPDX-License-Identifier: MIT
local method = require "boltz.resources.method"
local boltz = require "boltz"
local core = require "boltz.core"
local mistake = require "support.mistake"
local stub = require "support.stub"

-- A resource that no service has: what a description says is all that a method needs.
local things = method.class("things", {
  { name = "make", method = "POST", path = "/things", creates = true, body = {
    name = { type = "string", min = 1, max = 10, required = true, null = true },
    size = { type = "object", fields = {
      unit = { type = "enum", values = { "m", "km" }, required = true },
      value = { type = "integer", min = 1, default = 5 },
    } },
    made_at = { type = "time" },
    tags = { type = "list", of = { type = "string" }, wire = "tags[]" },
  } },
  { name = "list", method = "GET", path = "/things", paged = "id", query = {
    after_id = { type = "string", min = 1, id = true },
    before_id = { type = "string", min = 1 },
    kinds = { type = "list", of = { type = "string", id = true }, single = true,
      wire = "kinds[]" },
    limit = { type = "integer", min = 1, max = 100 },
  } },
  { name = "look", method = "GET", path = "/things/{thing_id}/parts/{part_id}" },
  { name = "find", method = "GET", path = "/things/{thing_id}", query = {
    depth = { type = "integer" } } },
})

local client, server, object
before_each(function()
  client, server = stub.client(function() return '{"data":[]}' end)
  object = things.new(client._user)
end)

describe("a method made of a description", function()
  it("sends method, path and body", function()
    local value, err, response = object:make { name = "東", size = { unit = "km" },
      made_at = 0, tags = {} }
    assert.are.same({ data = {} }, value)
    assert.is_nil(err)
    assert.are.equal(200, response.status)
    local request = server:last()
    assert.are.equal("POST", request.method)
    assert.are.equal("/things", request.path)
    assert.are.equal("", request.query)
    local body = core.decode(request.body)
    assert.are.same({ name = "東", size = { unit = "km", value = 5 },
      made_at = "1970-01-01T00:00:00Z", ["tags[]"] = {} }, body)
    assert.is_true(core.is_array(body["tags[]"]))
  end)

  it("takes its ids in the path's order, then parameters, then options", function()
    assert(object:look("a/b", "c d", { query = { x = 1 } }))
    assert.are.equal("/things/a%2Fb/parts/c%20d", server:last().path)
    assert.are.equal("x=1", server:last().query)
    assert(object:find("t", { depth = 2 }, { headers = { ["X-A"] = "1" } }))
    assert.are.equal("depth=2", server:last().query)
    assert.are.equal("1", server:last().headers["x-a"])
    assert(object:find("t", nil, { query = { x = 1 } }))
    assert.are.equal("x=1", server:last().query)
  end)

  it("does not change its parameters", function()
    local params = { name = "n", size = { unit = "m" }, made_at = 0, tags = {} }
    assert(object:make(params))
    assert.are.same({ name = "n", size = { unit = "m" }, made_at = 0, tags = {} }, params)
    assert.is_nil(getmetatable(params.tags))
  end)

  it("sends an explicit null where one may stand", function()
    assert(object:make { name = boltz.null })
    assert.are.equal('{"name":null}', server:last().body)
  end)

  it("returns a pager for a page, and nothing is sent until an item is wanted", function()
    local pager, second, third, closing = object:list { kinds = "a" }
    assert.are.equal(pager, closing)
    assert.is_nil(second)
    assert.is_nil(third)
    assert.are.equal(0, #server.requests)
    assert.is_nil(pager:next())
    assert.are.equal("kinds%5B%5D=a", server:last().query)
  end)

  it("has its own name in every class", function()
    assert.are.equal("boltz.things", things.__name)
  end)

  local MISTAKES = {
    { function() object:make {} end, "bad parameter 'name' to 'things:make' (expected a string of "
      .. "1 to 10 characters, or boltz.null, got nothing)" },
    { function() object:make() end, "bad parameter 'name' to 'things:make' (expected a string of 1 "
      .. "to 10 characters, or boltz.null, got nothing)" },
    { function() object:make { nmae = "x" } end,
      "bad parameter 'nmae' to 'things:make' (unknown; did you mean 'name'?)" },
    { function() object:make { name = "n", size = { unit = "cm" } } end,
      "bad parameter 'size.unit' to 'things:make' (expected \"m\" or \"km\", got \"cm\")" },
    { function() object:make { name = "n", size = { unti = "m" } } end,
      "bad parameter 'size.unti' to 'things:make' (unknown; did you mean 'unit'?)" },
    { function() object:make { name = "n", tags = { "a", 5 } } end,
      "bad parameter 'tags[2]' to 'things:make' (expected a string, got 5)" },
    { function() object:make "n" end,
      "bad parameter 'params' to 'things:make' (expected a table, got a string)" },
    { function() object:make { name = "n", timeout = 5 } end, "bad parameter 'timeout' to "
      .. "'things:make' (unknown; an option goes into the table after the parameters)" },
    { function() object:list { max_items = 5 } end, "bad parameter 'max_items' to 'things:list' "
      .. "(unknown; an option goes into the table after the parameters)" },
    { function() object:make({ name = "n" }, { timout = 5 }) end,
      "bad option 'timout' to 'things:make' (unknown; did you mean 'timeout'?)" },
    { function() object:make({ name = "n" }, 5) end,
      "bad option 'options' to 'things:make' (expected a table, got 5)" },
    { function() object:list { after_id = "a", before_id = "b" } end,
      "bad parameter 'before_id' to 'things:list' (expected after_id or before_id, got both)" },
    { function() object:list { limit = 101 } end,
      "bad parameter 'limit' to 'things:list' (expected an integer from 1 to 100, got 101)" },
    { function() object:list { _skip = -1 } end,
      "bad parameter '_skip' to 'things:list' (expected an integer of at least 0, got -1)" },
    { function() object:make { name = "n", _skip = 1 } end,
      "bad parameter '_skip' to 'things:make' (unknown; known are made_at, name, size, tags)" },
    { function() object:look("a") end, "bad parameter 'part_id' to 'things:look' (expected an id "
      .. "as a non-empty string, got nothing)" },
    { function() object:look({ "a" }, "b") end, "bad parameter 'thing_id' to 'things:look' "
      .. "(expected an id as a non-empty string, got a table)" },
    { function() object:look("a", "..") end, "bad parameter 'part_id' to 'things:look' (expected "
      .. "an id as a non-empty string, got \"..\")" },
    { function() object:look("a", "b", {}, 1) end,
      "too many arguments to 'things:look' (3 expected, got 4)" },
    { function() object:make({ name = "n" }, {}, nil) end,
      "too many arguments to 'things:make' (2 expected, got 3)" },
    { function() object.make { name = "n" } end,
      "'things:make' is a method: call it with a colon" },
    { function() object.make() end, "'things:make' is a method: call it with a colon" },
    { function() object.look("a", "b") end, "'things:look' is a method: call it with a colon" },
  }
  for i, case in ipairs(MISTAKES) do
    it(("says at the caller's line: %s (%d)"):format(case[2], i), function()
      assert.are.equal(case[2], mistake(case[1]))
      assert.are.equal(0, #server.requests)
    end)
  end
end)

describe("a secret where an id belongs", function()
  local KEY, LENIENT = stub.KEY, { validate = false }
  local text = "bad parameter '%s' to 'things:%s' (expected an id, got a secret, as it begins with "
    .. "sk_bc_)"
  local CASES = {
    { "thing_id", "look", function() object:look(KEY, "b") end },
    { "part_id", "look", function() object:look("a", KEY, LENIENT) end },
    { "thing_id", "find", function() object:find("\t" .. KEY) end },
    { "after_id", "list", function() object:list { after_id = KEY } end },
    { "after_id", "list", function() object:list({ after_id = KEY }, LENIENT) end },
    { "kinds", "list", function() object:list { kinds = KEY } end },
    { "kinds[2]", "list", function() object:list { kinds = { "a", KEY } } end },
    { "kinds[2]", "list", function() object:list({ kinds = { "a", KEY } }, LENIENT) end },
  }
  for i, case in ipairs(CASES) do
    it(("is refused, and not shown: %s of %s (%d)"):format(case[1], case[2], i), function()
      assert.are.equal(text:format(case[1], case[2]), mistake(case[3]))
      assert.are.equal(0, #server.requests)
    end)
  end

  it("is one in every parameter of the service's that takes an id", function()
    local count = 0
    local function visit(fields)
      for name, each in pairs(fields) do
        local of = each.of or each
        if name:find("_ids?$") then
          assert.is_true(of.id, name)
          count = count + 1
        end
        if each.fields then visit(each.fields) end
      end
    end
    for _, resource in ipairs { "workspaces", "api_keys", "usage", "auth" } do
      for _, each in ipairs(require("boltz.resources." .. resource)) do
        visit(each.query or each.body or {})
      end
    end
    assert.is_true(count >= 7, count .. " parameters")
  end)

  it("is text like any other where a name belongs", function()
    assert(object:find("sk_b", { depth = 1 }))
    assert(object:make { name = "sk_bc_x" })
  end)
end)

describe("a method with validate = false", function()
  local LENIENT = { validate = false }

  it("sends what it is given, fills in defaults, writes times and uses the wire's names", function()
    assert(object:make({ size = { unit = "cm" }, made_at = 86400, tags = { 5 }, later = true },
      LENIENT))
    assert.are.same({ size = { unit = "cm", value = 5 }, made_at = "1970-01-02T00:00:00Z",
      ["tags[]"] = { 5 }, later = true }, core.decode(server:last().body))
    object:list({ kinds = "a", limit = 5000, newer = { "x", "y" } }, LENIENT):next()
    assert.are.equal("kinds%5B%5D=a&limit=5000&newer=x&newer=y", server:last().query)
  end)

  it("is the same as a client that has it, unless the call says otherwise", function()
    object = things.new(client:with(LENIENT)._user)
    assert(object:make { later = 1 })
    assert.are.equal("bad parameter 'later' to 'things:make' (unknown; known are made_at, name, "
      .. "size, tags)",
      mistake(function() object:make({ name = "n", later = 1 }, { validate = true }) end))
  end)

  local STILL_MISTAKES = {
    { function() object:make({ name = 0 / 0 }, LENIENT) end,
      "bad parameter 'name' to 'things:make' (expected a JSON value, got NaN)" },
    { function() object:make({ name = "\255" }, LENIENT) end,
      "bad parameter 'name' to 'things:make' (expected a JSON value, got text that is not UTF-8)" },
    { function() object:look("", "b", LENIENT) end, "bad parameter 'thing_id' to 'things:look' "
      .. "(expected an id as a non-empty string, got \"\")" },
    { function() object:list({ after_id = "a", before_id = "b" }, LENIENT) end, "bad parameter "
      .. "'before_id' to 'things:list' (expected after_id or before_id, got both)" },
    { function() object:make("n", LENIENT) end,
      "bad parameter 'params' to 'things:make' (expected a table, got a string)" },
    { function() object:make({}, { validate = false, timout = 1 }) end,
      "bad option 'timout' to 'things:make' (unknown; did you mean 'timeout'?)" },
  }
  for i, case in ipairs(STILL_MISTAKES) do
    it(("still says: %s (%d)"):format(case[2], i), function()
      assert.are.equal(case[2], mistake(case[1]))
      assert.are.equal(0, #server.requests)
    end)
  end

  it("calls a parameter that cannot be sent a parameter, by the name it has in Lua", function()
    assert.are.equal("bad parameter 'kinds' to 'things:list' (expected a string, a number, a "
      .. "boolean, or a list of such, got boltz.null)",
      mistake(function() object:list({ kinds = boltz.null }, LENIENT) end))
  end)
end)

describe("a query that makes a URL of more than 8,000 bytes", function()
  local function ids(count, length)
    local list = {}
    for i = 1, count do list[i] = ("k%0" .. length - 1 .. "d"):format(i) end
    return list
  end

  local function url_of(request)
    return client._user.settings.base_url .. request.path .. "?" .. request.query
  end

  it("is a mistake before anything is sent, which says how many values of the list fit", function()
    local message = mistake(function() object:list { kinds = ids(400, 30), limit = 100 } end)
    local most = message:match("^bad parameter 'kinds' to 'things:list' %(expected at most (%d+) "
      .. "values that fit into a URL of 8,000 bytes, got 400%)$")
    assert(most, message)
    assert.are.equal(0, #server.requests)
    assert(object:list({ kinds = ids(tonumber(most), 30), limit = 100 }):all())
    local length = #url_of(server:last())
    assert.is_true(length <= 8000 and length + #"&kinds%5B%5D=" + 30 > 8000, length)
    mistake(function() object:list { kinds = ids(tonumber(most) + 1, 30), limit = 100 } end)
  end)

  it("calls ids what are ids", function()
    assert.matches("^bad parameter 'workspace_ids' to 'usage:list' %(expected at most %d+ ids that "
      .. "fit into a URL of 8,000 bytes, got 500%)$", mistake(function() client.usage:list({
        starting_at = 0, ending_at = 1, window_size = "DAY", workspace_ids = ids(500, 30) }) end))
  end)

  it("is blamed on the longest of its values, a parameter or an option", function()
    local long = ("x"):rep(8000)
    assert.are.equal("bad parameter 'after_id' to 'things:list' (expected text that fits into a "
      .. "URL of 8,000 bytes, got 8009 bytes)",
      mistake(function() object:list { after_id = long, kinds = ids(9, 30) } end))
    assert.are.equal("bad option 'query.x' to 'things:look' (expected text that fits into a URL of "
      .. "8,000 bytes, got 8002 bytes)",
      mistake(function() object:look("a", "b", { query = { x = long, y = "z" } }) end))
    assert.matches("^bad option 'query.limit' to 'things:list' %(expected text that fits",
      mistake(function() object:list({ limit = 1 }, { query = { limit = long } }) end))
    assert.matches("^bad option 'query.x' to 'client:get' %(expected text that fits",
      mistake(function() client:get("/things", { query = { x = long } }) end))
    assert.matches("^bad option 'query.x' to 'client:paginate' %(expected at most %d+ values that",
      mistake(function() client:paginate("/things", { query = { x = ids(300, 40) } }) end))
    assert.are.equal("bad option 'query' to 'things:list' (expected names and values that fit "
      .. "into a URL of 8,000 bytes, got 16012 bytes)",
      mistake(function() object:list({ after_id = long }, { query = { x = long } }) end))
    assert.are.equal(0, #server.requests)
  end)

  it("shows no key that stands in a name", function()
    local name = "sk_bc_admin_live_0123456789"
    local message = mistake(function() client:get("/", { query = { [name] = ("x"):rep(8e3) } }) end)
    assert.is_nil(message:find("0123456789", 1, true))
  end)

  it("goes out as it is without validate, and on later pages, where the cursor is the server's",
    function()
      assert(object:find("t", nil, { query = { x = ("x"):rep(8000) }, validate = false }))
      assert.are.equal(8002, #server:last().query)
      local pages = { ('{"data":[{"id":"1"}],"has_more":true,"last_id":"%s"}'):format(
        ("c"):rep(8000)), '{"data":[{"id":"2"}]}' }
      local paged = stub.client(pages)
      assert.are.equal(2, #assert(things.new(paged._user):list():all()))
    end)
end)
