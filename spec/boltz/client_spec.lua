-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local book = require "support.book"
local mistake = require "support.mistake"
local stub = require "support.stub"

local KEY = stub.KEY
local RAW = { get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

describe("a client", function()
  it("has the four resources, and under admin the same tables", function()
    local client = stub.client()
    for _, name in ipairs { "workspaces", "api_keys", "usage" } do
      assert.are.equal("table", type(client[name]))
      assert.are.equal(client[name], client.admin[name])
    end
    assert.are.equal("table", type(client.auth))
    assert.is_nil(rawget(client.admin, "auth"))
  end)

  it("calls the same through admin", function()
    local client, server = stub.client()
    assert(client.admin.workspaces:retrieve("w"))
    assert.are.equal("/compute/v1/admin/workspaces/w", server:last().path)
  end)

  it("says where it goes, and of its key only the start", function()
    local client = stub.client(nil, { base_url = "https://other.example/" })
    assert.are.equal("boltz.client (https://other.example, sk_bc_admin_...)", tostring(client))
    client = stub.client(nil, { bearer_token = "token-0123456789-abcdefg" })
    assert.are.equal("boltz.client (https://api.boltz.bio, token-012345...)", tostring(client))
  end)
end)

describe("a client's resource", function()
  it("says what it is of, on every Lua", function()
    local client = stub.client(nil, { base_url = "https://other.example/" })
    assert.are.equal("boltz.workspaces (https://other.example)", tostring(client.workspaces))
    assert.are.equal("boltz.auth (https://other.example)", tostring(client.auth))
  end)
end)

describe("a name that a client does not have", function()
  local client = stub.client()
  local KNOWN = "known are admin, api_keys, auth, close, delete, get, "

  local MISTAKES = {
    { function() client.workspace:list() end,
      "client has no 'workspace'; did you mean 'workspaces'?" },
    { function() client.apiKeys:list() end, "client has no 'apiKeys'; did you mean 'api_keys'?" },
    { function() client:psot("/x") end, "client has no 'psot'; did you mean 'post'?" },
    { function() client:copy {} end, "client has no 'copy'; did you mean 'with'?" },
    { function() client.admin.workspace:list() end,
      "client.admin has no 'workspace'; did you mean 'workspaces'?" },
    { function() client.admin.auth:me() end,
      "client.admin has no 'auth'; did you mean 'client.auth'?" },
    { function() client.workspaces:get("w") end,
      "workspaces has no 'get'; did you mean 'retrieve'?" },
    { function() client.workspaces:delete("w") end,
      "workspaces has no 'delete'; did you mean 'archive'?" },
    { function() client.workspaces:get_spending_limit("w") end,
      "workspaces has no 'get_spending_limit'; did you mean 'retrieve_spending_limit'?" },
    { function() client.api_keys:delete("k") end,
      "api_keys has no 'delete'; did you mean 'revoke'?" },
    { function() client.usage:lst {} end, "usage has no 'lst'; did you mean 'list'?" },
    { function() client.auth:whoami() end, "auth has no 'whoami'; did you mean 'me'?" },
  }
  for _, case in ipairs(MISTAKES) do
    it("raises at the caller's line: " .. case[2], function()
      assert.are.equal(case[2], mistake(case[1]))
    end)
  end

  it("raises with all that there are where none is near, and shows no key", function()
    local text = mistake(function() local _ = client.retries end)
    assert.are.equal("client has no 'retries'; " .. KNOWN, text:sub(1, 25 + #KNOWN))
    text = mistake(function() local _ = client[KEY] end)
    assert.are.equal("client has no '(an API key)'; " .. KNOWN, text:sub(1, 30 + #KNOWN))
  end)

  it("is nil where it begins with _, as tools look for such, and where it is no text", function()
    for _, object in ipairs { client, client.admin, client.workspaces } do
      assert.is_nil(object._type)
      assert.is_nil(object.__name_of_nothing)
      assert.is_nil(object[1])
      assert.is_nil(object[true])
    end
  end)

  it("can be given to it, and what it has can be replaced, as tests do", function()
    local own = stub.client()
    own.label = "mine"
    own.workspaces.retrieve = function(_, id) return { id = id } end
    assert.are.equal("mine", own.label)
    assert.are.equal("w", own.workspaces:retrieve("w").id)
    assert.has_error(function() return client.label end)
    local stubbed = require("luassert.stub")(own.api_keys, "revoke")
    own.api_keys:revoke("k")
    assert.stub(stubbed).was.called(1)
    stubbed:revert()
  end)

  it("is not asked for by what compares, prints and copies tables", function()
    assert.are.same(client, client)
    assert.are.same(client.workspaces, client:with({}).workspaces)
    local shown = select(2, pcall(assert.is_nil, client))
    assert.is_truthy(tostring(shown):find("Expected objects to be the same", 1, true), shown)
    for _, object in ipairs { client, client.workspaces } do
      local count = 0
      for _ in pairs(object) do count = count + 1 end
      for _ in ipairs(object) do count = 0 end
      assert.is_true(count > 0)
    end
  end)
end)

describe("client:with", function()
  it("is a copy with changes, and leaves the client as it was", function()
    local client, server = stub.client(nil, { query = { a = 1 }, headers = { ["X-A"] = "1" } })
    local copy = client:with { query = { b = 2 }, headers = { ["X-B"] = "2" }, timeout = 5,
      base_url = "https://other.example" }
    assert(copy.auth:me())
    assert.are.equal("a=1&b=2", server:last().query)
    assert.are.same({ "1", "2", KEY }, { server:last().headers["x-a"], server:last().headers["x-b"],
      server:last().headers["x-api-key"] })
    assert.is_truthy(tostring(copy):find("https://other.example", 1, true))
    assert(client.auth:me())
    assert.are.equal("a=1", server:last().query)
    assert.is_nil(server:last().headers["x-b"])
    assert.is_truthy(tostring(client):find("https://api.boltz.bio", 1, true))
  end)

  it("has resources of its own", function()
    local client = stub.client()
    local copy = client:with {}
    assert.are_not.equal(client.workspaces, copy.workspaces)
    assert.are.equal(copy.workspaces, copy.admin.workspaces)
  end)

  it("replaces one kind of credential by another", function()
    local client, server = stub.client()
    local user = client:with { bearer_token = "token" }
    assert(user.auth:me())
    assert.are.equal("Bearer token", server:last().headers.authorization)
    assert.is_nil(server:last().headers["x-api-key"])
    assert(user:with({ api_key = "other" }).auth:me())
    assert.are.equal("other", server:last().headers["x-api-key"])
    assert.is_nil(server:last().headers.authorization)
  end)

  it("can leave out a header of the client's, and bring it back", function()
    local client, server = stub.client(nil, { headers = { ["X-A"] = "1" } })
    local without = client:with { headers = { ["x-a"] = false } }
    assert(without.auth:me())
    assert.is_nil(server:last().headers["x-a"])
    assert(without:with({ headers = { ["X-A"] = "2" } }).auth:me())
    assert.are.equal("2", server:last().headers["x-a"])
  end)

  it("can switch the checks off and on", function()
    local client = stub.client():with { validate = false }
    assert(client.workspaces:create { data_retention = { unit = "weeks", value = 1 } })
    client = client:with { validate = true }
    assert.is_truthy(mistake(function() client.workspaces:create { nam = "x" } end))
  end)

  it("goes to another transport when it is given one", function()
    local client, server = stub.client()
    local other = stub.server(function() return "{}" end)
    assert(client:with({ transport = other }).auth:me())
    assert.are.equal(0, #server.requests)
    assert.are.equal(1, #other.requests)
  end)

  it("checks its options as boltz.new does, at the caller's line", function()
    local client = stub.client()
    assert.are.equal("bad option 'timout' to 'client:with' (unknown; did you mean 'timeout'?)",
      mistake(function() client:with { timout = 5 } end))
    assert.are.equal("bad option 'timeout' to 'client:with' (expected a number of at least 0.001, "
      .. "got 0)", mistake(function() client:with { timeout = 0 } end))
    assert.are.equal("bad argument to 'client:with' (expected a table of options, got nothing)",
      mistake(function() client:with() end))
  end)

  it("does not show a key that it is given in place of options", function()
    local client = stub.client()
    assert.is_nil(mistake(function() client:with(KEY) end):find(KEY:sub(1, 13), 1, true))
  end)
end)

describe("client:close", function()
  it("ends the client: its calls raise at the caller's line", function()
    local client, server = stub.client()
    local workspaces = client.workspaces
    client:close()
    client:close()
    local function is_closed(name, call)
      assert.are.equal("'" .. name .. "' was called on a closed client", mistake(call))
    end
    is_closed("auth:me", function() client.auth:me() end)
    is_closed("workspaces:create", function() workspaces:create() end)
    is_closed("usage:list", function() client.usage:list() end)
    is_closed("client:get", function() client:get("/x") end)
    is_closed("client:paginate", function() client:paginate("/x") end)
    is_closed("client:with", function() client:with {} end)
    assert.are.equal(0, #server.requests)
  end)

  it("leaves copies their session, whose connections it frees", function()
    local released = 0
    local client = stub.client()
    local carrier = client._user.session.transport
    local release = carrier.release
    function carrier.release(...)
      released = released + 1
      return release(...)
    end
    local first, second = client:with {}, client:with { timeout = 1 }
    client:close()
    client:close()
    assert.are.equal(1, released)
    first:close()
    assert.are.equal(2, released)
    assert(second.auth:me())
    second:close()
    assert.are.equal(3, released)
  end)

  it("does not close what a copy with another transport uses", function()
    local client = stub.client()
    local copy = client:with { transport = stub.server(function() return "{}" end) }
    client:close()
    assert(copy.auth:me())
  end)

  it("ends a list that is being read with an error, and not inside the module", function()
    local client = stub.client(function(request) return book.by_id(4, 2, request) end)
    local pager = client.workspaces:list()
    assert.are.equal("1", pager:next().id)
    assert.are.equal("2", pager:next().id)
    client:close()
    local done, item, err = pcall(pager.next, pager)
    assert.is_true(done, tostring(item)) -- rather than raise something about our own fields
    assert.is_nil(item)
    assert.are.equal("cancelled", err.kind)
    assert.are.equal(0, err.attempts)
    assert.is_nil(err.status)
    assert.is_false(err.retryable)
    assert.is_false(err.maybe_applied)
    assert.are.equal("/compute/v1/admin/workspaces", err.path)
  end)

  local chunk = (loadstring or load)([[
    local client, fail = ...
    local scoped <close> = client
    if fail then error("mine", 0) end
  ]])
  if chunk then -- from Lua 5.4 on
    it("happens at the end of a scope that says so", function()
      for _, fail in ipairs { false, true } do
        local client = stub.client()
        assert.are.equal(not fail, (pcall(chunk, client, fail)))
        assert.is_truthy(mistake(function() client.auth:me() end):find("closed client", 1, true))
      end
    end)
  end
end)

describe("a call to any path", function()
  it("sends each method, with query, headers and body", function()
    for name, method in pairs(RAW) do
      local client, server = stub.client()
      local options = { query = { a = { "1", "2" } }, headers = { ["X-A"] = "1" } }
      if name ~= "get" then options.body = { x = boltz.null } end
      local value, err, response = client[name](client, "/compute/v2/things/a%2Fb?b=3", options)
      assert.are.same({}, value)
      assert.is_nil(err)
      assert.are.equal(200, response.status)
      local request = server:last()
      assert.are.equal(method, request.method)
      assert.are.equal("/compute/v2/things/a%2Fb", request.path)
      assert.are.equal("a=1&a=2&b=3", request.query)
      assert.are.equal("1", request.headers["x-a"])
      assert.are.equal(name ~= "get" and '{"x":null}' or nil, request.body)
    end
  end)

  it("needs no options, and sends no body then", function()
    for name in pairs(RAW) do
      local client, server = stub.client()
      assert(client[name](client, "/x"))
      assert.are.equal("", server:last().query)
      assert.is_nil(server:last().body)
      assert.is_nil(server:last().headers["content-type"])
    end
  end)

  it("has the client's query under its own", function()
    local client, server = stub.client(nil, { query = { a = 1, b = 1 } })
    assert(client:get("/x", { query = { b = 2 } }))
    assert.are.equal("a=1&b=2", server:last().query)
  end)

  it("takes a body of any kind", function()
    local client, server = stub.client()
    for _, case in ipairs { { "text", '"text"' }, { false, "false" }, { boltz.null, "null" },
      { boltz.array {}, "[]" }, { {}, "{}" }, { 2 ^ 53 - 1, "9007199254740991" } } do
      assert(client:post("/x", { body = case[1] }))
      assert.are.equal(case[2], server:last().body)
    end
  end)

  it("is boltz.null where it succeeds without an answer, so that assert takes it", function()
    local client = stub.client { "null", { status = 204 }, { status = 205 },
      { status = 202, headers = { ["Content-Length"] = 0 } } }
    for _, method in ipairs { "get", "post", "put", "delete" } do
      assert.are.equal(boltz.null, assert(client[method](client, "/x")))
    end
  end)

  it("takes a text that is JSON already for a text, and warns of it once", function()
    local lines = {}
    local client, server = stub.client(nil, { logger = function(level, message, fields)
      lines[#lines + 1] = { level = level, message = message, fields = fields }
    end })
    for _, text in ipairs { "text", "[not JSON", "{}}", "5", "" } do
      assert(client:post("/x", { body = text }))
    end
    assert.are.equal(0, #lines)
    for _, text in ipairs { ' {"a":1}', "[]" } do
      assert(client:post("/things", { body = text }))
      assert.are.equal(text, core.decode('{"body":' .. server:last().body .. "}").body)
    end
    assert.are.equal(1, #lines)
    assert.are.equal("warn", lines[1].level)
    assert.is_truthy(lines[1].message:find("goes out as a JSON string", 1, true))
    assert.is_truthy(lines[1].fields.where:find("client_spec.lua:%d+$"))
    lines[1].fields.where = nil
    assert.are.same({ method = "POST", path = "/things" }, lines[1].fields)
    assert(client:with({}):put("/things", { body = "{}" }))
    assert.are.equal(2, #lines)
  end)

  it("reports its errors with the path that was written, without the query", function()
    local client = stub.client { { status = 404, body = '{"code":"not_found","message":"m"}' } }
    local _, err = client:patch("/compute/v1/x/1?key=" .. KEY, { body = {} })
    assert.are.equal("not_found", err.kind)
    assert.are.equal("PATCH", err.method)
    assert.are.equal("/compute/v1/x/1", err.path)
    assert.is_nil(tostring(err):find(KEY:sub(1, 13), 1, true))
  end)

  it("is refused at the caller's line where it cannot be meant", function()
    local client, server = stub.client()
    local A_PATH = "(expected a path that begins with '/', percent-encoded, got "
    assert.are.equal("bad parameter 'path' to 'client:get' " .. A_PATH .. '"https://x.example/")',
      mistake(function() client:get("https://x.example/") end))
    assert.are.equal("bad parameter 'path' to 'client:delete' " .. A_PATH .. "nothing)",
      mistake(function() client:delete() end))
    assert.are.equal("bad parameter 'path' to 'client:paginate' " .. A_PATH .. '"x")',
      mistake(function() client:paginate("x") end))
    assert.are.equal("bad parameter 'path' to 'client:put' (expected a path without '.' and '..', "
      .. 'got "/a/../b")', mistake(function() client:put("/a/../b") end))
    assert.are.equal("bad parameter 'path' to 'client:get' (expected a path of ids, got text with "
      .. "an API key)", mistake(function() client:get("/keys/" .. KEY .. "/x") end))
    assert.are.equal("bad option 'bdy' to 'client:post' (unknown; did you mean 'body'?)",
      mistake(function() client:post("/x", { bdy = {} }) end))
    assert.are.equal("bad parameter 'body.a[2].b' to 'client:post' (expected a JSON value, got "
      .. "NaN)",
      mistake(function() client:post("/x", { body = { a = { 1, { b = 0 / 0 } } } }) end))
    assert.are.equal("bad option 'options' to 'client:get' (expected a table, got a string)",
      mistake(function() client:get("/x", "x") end))
    assert.are.equal("bad option 'query.a' to 'client:get' (expected a string, a number, a "
      .. "boolean, or a list of such, got a table)",
      mistake(function() client:get("/x", { query = { a = { {} } } }) end))
    assert.are.equal("'client:get' is a method: call it with a colon",
      mistake(function() client.get("/x") end))
    assert.are.equal("'client:paginate' is a method: call it with a colon",
      mistake(function() client.paginate("/x") end))
    assert.are.equal(0, #server.requests)
  end)

  it("has its path and its options, and too many arguments are a mistake", function()
    local client = stub.client()
    assert.are.equal("too many arguments to 'client:post' (2 expected, got 3)",
      mistake(function() client:post("/x", { body = {} }, { timeout = 1 }) end))
    assert.are.equal("too many arguments to 'client:paginate' (2 expected, got 3)",
      mistake(function() client:paginate("/x", {}, { max_items = 1 }) end))
  end)
end)

describe("client:paginate", function()
  local function ids(pager)
    return book.ids(assert(pager:all()))
  end

  it("reads pages with id cursors, forward and backward", function()
    local client, server = stub.client(function(request) return book.by_id(7, 3, request) end)
    assert.are.equal("1 2 3 4 5 6 7", ids(client:paginate("/x", { query = { limit = 2 } })))
    assert.are.equal("limit=2", server.requests[1].query)
    assert.are.equal("after_id=2&limit=2", server.requests[2].query)
    assert.are.equal("5 6 7 2 3 4 1", ids(client:paginate("/x", { query = { before_id = "8" } })))
  end)

  it("reads pages with opaque cursors", function()
    local client, server = stub.client(function(request)
      return book.by_page(1, 3, 0, 7, request)
    end)
    assert.are.equal("0 1 2 3 4 5 6", ids(client:paginate("/x")))
    assert.are.equal("page=6", server:last().query)
  end)

  it("takes the options of a list", function()
    local pages = 0
    local client = stub.client(function(request) return book.by_id(7, 3, request) end)
    local pager = client:paginate("/x", { max_items = 4,
      on_page = function() pages = pages + 1 end })
    assert.are.equal("1 2 3 4", ids(pager))
    assert.are.equal(2, pages)
  end)

  it("keeps the query of its path and the client's, and puts cursors over both", function()
    local client, server = stub.client(function(request) return book.by_id(4, 2, request) end,
      { query = { tag = "t" } })
    assert.are.equal("1 2 3 4", ids(client:paginate("/x?kind=k", { query = { limit = 3 } })))
    assert.are.equal("kind=k&limit=3&tag=t", server.requests[1].query)
    assert.are.equal("after_id=3&kind=k&limit=3&tag=t", server.requests[2].query)
  end)

  it("goes on from a cursor in its path as from one in its query", function()
    local client, server = stub.client(function(request) return book.by_id(7, 2, request) end)
    assert.are.equal("3 4 5 6 7", ids(client:paginate("/x?after_id=2")))
    assert.are.equal("after_id=4", server.requests[2].query)
    assert.are.equal("3 4 1 2", ids(client:paginate("/x?before_id=5")))
  end)

  it("refuses both cursors at once", function()
    local client = stub.client()
    local query = { after_id = "1", before_id = "2" }
    assert.are.equal("bad option 'query.before_id' to 'client:paginate' (expected after_id or "
      .. "before_id, got both)", mistake(function() client:paginate("/x", { query = query }) end))
  end)

  it("resumes from its cursor", function()
    local client = stub.client(function(request) return book.by_id(7, 3, request) end)
    for taken = 0, 7 do
      local pager = client:paginate("/x", { query = { limit = 2 } })
      for _ = 1, taken do assert(pager:next()) end
      assert.are.equal(book.span(taken + 1, 7),
        ids(client:paginate("/x", { query = pager:cursor() })))
    end
  end)

  for _, skip in ipairs { "x", -1, 1.5 } do
    it(("refuses a cursor that skips %s items"):format(tostring(skip)), function()
      local client = stub.client()
      assert.are.equal("bad option 'query._skip' to 'client:paginate' (expected an integer of at "
        .. "least 0, got " .. (type(skip) == "string" and '"x"' or tostring(skip)) .. ")",
        mistake(function() client:paginate("/x", { query = { _skip = skip } }) end))
    end)
  end

  it("leaves the query that it was given as it is", function()
    local client = stub.client(function(request) return book.by_id(4, 2, request) end)
    local query = { limit = 2 }
    assert.are.equal("1 2 3 4", ids(client:paginate("/x", { query = query })))
    assert.are.same({ limit = 2 }, query)
  end)

  it("does not follow changes that are made to its query later", function()
    local client, server = stub.client(function(request) return book.by_id(4, 2, request) end)
    local query = { limit = 2 }
    local pager = client:paginate("/x", { query = query })
    query.limit = "changed"
    assert(pager:next())
    assert.are.equal("limit=2", server.requests[1].query)
  end)
end)
