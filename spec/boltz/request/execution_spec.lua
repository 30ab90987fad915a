-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local core = require "boltz.core"
local carrier = require "support.carrier"
local child = require "support.child"
local stub = require "support.stub"

local KEY = stub.KEY
local TOKEN = "token-0123456789-abcdefghijkl"
local NEW_KEY = "sk_bc_ws_live_0123456789abcdefghijklmnopqrstuv"

describe("the response to a call", function()
  it("says how many attempts it took and how long", function()
    local client = stub.client()
    local started = core.now()
    local _, _, response = client.auth:me()
    assert.are.equal(1, response.attempts)
    assert.is_true(response.elapsed >= 0 and response.elapsed <= core.now() - started)
  end)
end)

describe("an answer within max_response_bytes", function()
  local function list_of(count) return "[" .. ("[],"):rep(count - 2) .. "[]]" end

  local function check(most, max_response_bytes)
    local client = stub.client({ list_of(most), list_of(most + 1) },
      { max_response_bytes = max_response_bytes })
    assert.are.equal(most - 1, #client:get("/x"))
    local value, err = client:get("/x")
    assert.is_nil(value)
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal(("the answer has more than %d JSON values"):format(most), err.message)
  end

  it("has no more JSON values than one for 64 bytes of it", function()
    check(2000, 2000 * 64)
    check(1048576, nil)
  end)

  it("may have 1,024 JSON values, however little that is", function()
    check(1024, 4000)
    check(1024, 1024 * 64)
  end)
end)

describe("an attempt that may be made again at once", function()
  -- What becomes of a call of which the first `failures` attempts fail so; and how many it made.
  local function call(failures)
    local client, attempts = stub.client(nil, { max_retries = 0 }), 0
    client._user.session.transport = carrier(function()
      attempts = attempts + 1
      if attempts > failures then
        return { status = 200, headers = {}, body = '{"id":"x"}', sent = true, elapsed = 0 }
      end
      return { status = 0, headers = {}, body = "", sent = false, elapsed = 0, transient = true,
        failure = "connection", message = "none left", may_go_at_once = true }
    end)
    local value, err = client:post("/x", { body = {} })
    return value and value.id or err.kind, attempts
  end

  it("is, also where none is to be retried, and a create", function()
    assert.same({ "x", 2 }, { call(1) })
  end)

  it("is so only once", function()
    assert.same({ "connection", 2 }, { call(2) })
  end)
end)

describe("a logger", function()
  local function lines_at(level, answers)
    local lines = {}
    local client = stub.client(answers, { log_level = level,
      logger = function(...) lines[#lines + 1] = { ... } end })
    client.workspaces:retrieve("ws_1")
    return lines
  end

  it("gets the request at debug, and the attempt at info", function()
    assert.are.same({}, lines_at("warn"))
    local lines = lines_at("info")
    assert.are.equal(1, #lines)
    assert.are.same({ "info", "attempt" }, { lines[1][1], lines[1][2] })
    assert.are.equal(200, lines[1][3].status)
    lines = lines_at("debug")
    assert.are.equal(2, #lines)
    assert.are.same({ "debug", "request" }, { lines[1][1], lines[1][2] })
    assert.are.equal("GET", lines[1][3].method)
    assert.are.equal("/compute/v1/admin/workspaces/{workspace_id}", lines[1][3].path)
  end)
end)

describe("a client that is closed by its own logger or on_attempt", function()
  it("ends the call with an error, and not inside the module", function()
    for _, when in ipairs { "request", "attempt" } do
      local client
      client = stub.client(nil, { log_level = "debug", logger = function(_, message)
        if message == when then client:close() end
      end })
      local done, value, err = pcall(client.auth.me, client.auth)
      assert.is_true(done, tostring(value))
      if when == "request" then assert.are.equal("cancelled", err.kind) end
    end
  end)
end)

describe("a secret", function()
  -- Everything that loggers, on_attempt, the error and the client show of some calls.
  local function shown(options)
    local words, seen = {}, {}
    local function walk(value)
      words[#words + 1] = tostring(value)
      if type(value) ~= "table" or seen[value] then return end
      seen[value] = true
      for name, field in pairs(value) do
        walk(name)
        walk(field)
      end
    end
    options.log_level = "debug"
    options.logger = function(...) walk { ... } end
    options.on_attempt = walk
    local client, server = stub.client({
      '{"key":"' .. NEW_KEY .. '","key_details":{"id":"k"}}',
      { body = '{"key":"' .. NEW_KEY },
      { status = 401, headers = { ["Set-Cookie"] = "session=cookie-0123456789",
        ["X-Api-Key"] = KEY }, body = '{"code":"unauthorized","message":"no ' .. KEY .. '"}' },
      { wire = { drop = true } },
    }, options)
    local made = assert(client.api_keys:create { name = "n" })
    assert.are.equal(NEW_KEY, made.key)
    for _ = 1, 3 do
      local _, err = client.api_keys:create { name = "n" }
      assert.is_true(boltz.is_error(err))
      walk(err)
    end
    seen[server] = true -- it stands for the network, and has the requests
    walk(client)
    walk(client:with { headers = { ["x-other"] = "1" } })
    walk(client.workspaces:list())
    return table.concat(words, "\n")
  end

  it("is never shown beyond its first 12 characters: the key", function()
    local text = shown {}
    assert.is_nil(text:find(KEY:sub(1, 13), 1, true))
    assert.is_truthy(text:find("x-api-key: sk_bc_admin_...", 1, true))
  end)

  it("is never shown beyond its first 12 characters: the bearer token", function()
    local text = shown { bearer_token = TOKEN }
    assert.is_nil(text:find(TOKEN:sub(1, 13), 1, true))
    assert.is_truthy(text:find("Authorization: token-012345...", 1, true))
  end)

  it("is never shown beyond its first 12 characters: one in a header of the program's", function()
    local text = shown { headers = { authorization = "Basic bWU6c2VjcmV0LXBhc3N3b3Jk",
      cookie = "session=abcdefghijklmnopqrst",
      ["proxy-authorization"] = "Basic cHJveHk6c2VjcmV0" } }
    assert.is_nil(text:find("Basic bWU6c2V", 1, true))
    assert.is_nil(text:find("session=abcde", 1, true))
    assert.is_nil(text:find("Basic cHJveHk", 1, true))
  end)

  it("is never shown: a key that the service has just made", function()
    assert.is_nil(shown({}):find(NEW_KEY:sub(1, 13), 1, true))
  end)

  it("is never shown: a cookie of the service, and a key that it sends back", function()
    assert.is_nil(shown({}):find("cookie-0123456789", 1, true))
  end)

  it("is never shown: the proxy's password", function()
    local text = shown { proxy = "http://me:secret-password@proxy.example:8080" }
    assert.is_nil(text:find("secret-password", 1, true))
  end)

  it("shows nothing at all when it is short", function()
    local client = stub.client(nil, { api_key = "short-key" })
    assert.are.equal("boltz.client (https://api.boltz.bio, ...)", tostring(client))
  end)

  it("does not reach standard error at debug level", function()
    local output = child.run([[
      local boltz = require "boltz"
      local client = boltz.new { transport = { handle = function()
        return 200, {}, '{"key":"]] .. NEW_KEY .. [["}'
      end } }
      assert(client.api_keys:create { name = "n" })
    ]], { BOLTZ_LOG = "debug", BOLTZ_API_KEY = KEY })
    assert.is_truthy(output:find("boltz debug: request ", 1, true))
    assert.is_truthy(output:find("boltz info: attempt ", 1, true))
    assert.is_nil(output:find(KEY:sub(1, 13), 1, true))
    assert.is_nil(output:find(NEW_KEY:sub(1, 13), 1, true))
  end)
end)
