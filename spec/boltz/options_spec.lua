-- SPDX-License-Identifier: MIT
local options = require "boltz.options"
local boltz = require "boltz"
local core = require "boltz.core"
local child = require "support.child"
local mistake = require "support.mistake"
local stub = require "support.stub"

local KEY = stub.KEY
local OTHER_KEY = "sk_bc_admin_live_zyxwvutsrqponmlkjihgfedcba"

describe("the options of a client", function()
  it("have these defaults", function()
    local settings = options.client { api_key = KEY }
    assert.are.equal("https://api.boltz.bio", settings.base_url)
    assert.are.equal(60, settings.timeout)
    assert.are.equal(10, settings.connect_timeout)
    assert.are.equal(64 * 1024 * 1024, settings.max_response_bytes)
    assert.are.equal("warn", settings.log_level)
    assert.is_true(settings.validate)
    assert.is_false(settings.allow_http)
  end)

  it("do not change what they are made of", function()
    local given = { api_key = KEY, headers = { A = "1" }, query = { a = 1 } }
    options.client(given)
    assert.are.same({ api_key = KEY, headers = { A = "1" }, query = { a = 1 } }, given)
  end)

  it("hold credentials and proxies as secrets only", function()
    local settings = options.client { api_key = KEY, proxy = "http://user:password@proxy.example" }
    assert.are.equal("userdata", type(settings.api_key))
    assert.are.equal("userdata", type(settings.proxy))
    assert.are.equal(KEY, core.reveal(settings.api_key))
    settings = options.client { bearer_token = "token-0123456789-0123456789" }
    assert.are.equal("Bearer token-0123456789-0123456789", core.reveal(settings.bearer_token))
  end)

  local URLS = {
    ["https://api.example"] = "https://api.example",
    ["https://api.example/"] = "https://api.example",
    ["https://api.example/boltz//"] = "https://api.example/boltz",
    ["https://api.example:8443"] = "https://api.example:8443",
    ["HTTPS://api.example"] = "HTTPS://api.example",
    ["http://127.0.0.1:8080"] = "http://127.0.0.1:8080",
    ["http://127.8.9.10"] = "http://127.8.9.10",
    ["http://localhost:1"] = "http://localhost:1",
    ["http://[::1]:1"] = "http://[::1]:1",
    ["http://LOCALHOST"] = "http://LOCALHOST",
    ["http://localhost.:1"] = "http://localhost.:1",
  }
  for url, kept in pairs(URLS) do
    it("take the base_url " .. url, function()
      assert.are.equal(kept, options.client({ api_key = KEY, base_url = url }).base_url)
    end)
  end

  it("take plain http to elsewhere when that is asked for", function()
    local url = "http://gateway.example"
    assert.are.equal(url,
      options.client({ api_key = KEY, base_url = url, allow_http = true }).base_url)
  end)

  local NOT_LOCAL = {
    "http://api.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
    "http://10.0.0.1", "http://[2001:db8::1]", "http://1270.0.0.1", "http://128.0.0.1",
  }
  for _, url in ipairs(NOT_LOCAL) do
    it("refuse plain http to " .. url, function()
      assert.are.equal("bad option 'base_url' to 'boltz.new' "
        .. '(expected https, a loopback address, or the option allow_http, got "' .. url .. '")',
        mistake(function() boltz.new { api_key = KEY, base_url = url } end))
    end)
  end

  local HTTP = "an http or https URL"
  local BARE = "a URL without a query and a fragment"
  local HIDDEN = "a URL with something before an '@'"
  local URL_MISTAKES = {
    { "api.example", HTTP, '"api.example"' }, { "", HTTP, '""' },
    { "https://", HTTP, '"https://"' },
    { "ftp://api.example", HTTP, '"ftp://api.example"' }, { "file:///etc", HTTP, '"file:///etc"' },
    { "https://api example", HTTP, '"https://api example"' }, { 5, HTTP, "5" },
    { "https://api.example\n", HTTP, '"https://api.example?"' }, { false, HTTP, "false" },
    { "https://api.example?a=1", BARE, '"https://api.example?a=1"' },
    { "https://api.example?", BARE, '"https://api.example?"' },
    { "https://api.example/#a", BARE, '"https://api.example/#a"' },
    { "https://api.example#", BARE, '"https://api.example#"' },
    { "https://me:secret@api.example", "a URL without a user name and password", HIDDEN },
    { "https://me@api.example", "a URL without a user name and password", HIDDEN },
  }
  for _, case in ipairs(URL_MISTAKES) do
    it(("refuse the base_url %s"):format(case[3]), function()
      assert.are.equal(("bad option 'base_url' to 'boltz.new' (expected %s, got %s)")
        :format(case[2], case[3]),
        mistake(function() boltz.new { api_key = KEY, base_url = case[1] } end))
    end)
  end

  local SECONDS = "a number of at least 0.001"
  local MISTAKES = {
    { { timeout = 0 }, "timeout", SECONDS, "0" },
    { { timeout = -1 }, "timeout", SECONDS, "-1" },
    { { timeout = "60" }, "timeout", SECONDS, '"60"' },
    { { timeout = math.huge }, "timeout", SECONDS, "inf" },
    { { connect_timeout = 0 / 0 }, "connect_timeout", SECONDS, "NaN" },
    { { max_response_bytes = 0 }, "max_response_bytes", "an integer of at least 1", "0" },
    { { max_response_bytes = 1.5 }, "max_response_bytes", "an integer of at least 1", "1.5" },
    { { log_level = "loud" }, "log_level", '"off", "error", "warn", "info" or "debug"', '"loud"' },
    { { logger = "print" }, "logger", "a function", '"print"' },
    { { on_attempt = {} }, "on_attempt", "a function", "a table" },
    { { allow_http = "yes" }, "allow_http", "a boolean", '"yes"' },
    { { validate = 0 }, "validate", "a boolean", "0" },
    { { transport = print }, "transport", "a table", "a function" },
    { { transport = {} }, "transport", "an object with a method 'handle'", "a table" },
    { { ca_file = "" }, "ca_file", "a non-empty string", '""' },
    { { organization_id = "" }, "organization_id", "a non-empty string", '""' },
    { { organization_id = 7 }, "organization_id", "a non-empty string", "7" },
    { { organization_id = KEY }, "organization_id", "an id", "a secret, as it begins with sk_bc_" },
    { { headers = "X: 1" }, "headers", "a table", '"X: 1"' },
    { { query = "a=1" }, "query", "a table", '"a=1"' },
    { { headers = { ["X\r\nY"] = "1" } }, 'headers["X??Y"]',
      "a header's name and text for it, or false", "a name that is not a header's" },
    { { headers = { ["X-Y"] = "1\r\nZ: 2" } }, 'headers["X-Y"]',
      "a header's name and text for it, or false", "a value with a control character" },
    { { api_key = "" }, "api_key", "a key as a string", "an empty one" },
    { { api_key = KEY .. "\n" }, "api_key", "a key as a string", "one that ends in a line break" },
    { { api_key = "a\nb" }, "api_key", "a key as a string", "one with a control character" },
    { { api_key = 5 }, "api_key", "a key as a string", "a number" },
    { { api_key = false }, "api_key", "a key as a string", "a boolean" },
    { { bearer_token = {} }, "bearer_token", "a key as a string", "a table" },
    { { bearer_token = "a\r\nb" }, "bearer_token", "a key as a string",
      "one with a control character" },
    { { proxy = 5 }, "proxy", "the URL of an http, https or socks proxy", "a number" },
    { { proxy = "ftp://host" }, "proxy", "the URL of an http, https or socks proxy", "a string" },
    { { proxy = "http://me:secret@a b" }, "proxy", "the URL of an http, https or socks proxy",
      "a string" },
  }
  for i, case in ipairs(MISTAKES) do
    it(("refuse %s = %s (%d)"):format(case[2], case[4], i), function()
      local given = { api_key = KEY }
      for name, value in pairs(case[1]) do given[name] = value end
      if given.bearer_token then given.api_key = nil end
      assert.are.equal(("bad option '%s' to 'boltz.new' (expected %s, got %s)")
        :format(case[2], case[3], case[4]), mistake(function() boltz.new(given) end))
    end)
  end

  it("refuse an organization_id that would end its header and begin another", function()
    local text = mistake(function() boltz.new { api_key = KEY, organization_id = "a\r\nX: 1" } end)
    assert.is_truthy(text:find("bad option 'organization_id' to 'boltz.new'", 1, true))
  end)

  it("refuse a query that cannot be sent where it is given, not where it is used", function()
    local text = mistake(function() boltz.new { api_key = KEY, query = { x = print } } end)
    assert.are.equal("bad option 'query.x' to 'boltz.new' (expected a string, a number, a boolean, "
      .. "or a list of such, got a function)", text)
  end)

  local HINTS = {
    timout = "did you mean 'timeout'?", apikey = "did you mean 'api_key'?",
    baseurl = "did you mean 'base_url'?", bearer_tokn = "did you mean 'bearer_token'?",
    on_atempt = "did you mean 'on_attempt'?",
  }
  for name, hint in pairs(HINTS) do
    it("help whoever writes " .. name, function()
      assert.are.equal(("bad option '%s' to 'boltz.new' (unknown; %s)"):format(name, hint),
        mistake(function() boltz.new { api_key = KEY, [name] = "x" } end))
    end)
  end

  it("refuse two credentials at once", function()
    assert.are.equal("bad option 'bearer_token' to 'boltz.new' (expected api_key or bearer_token, "
      .. "got both)", mistake(function() boltz.new { api_key = KEY, bearer_token = "t" } end))
  end)

  it("must be a table, and a key that is given instead is not shown", function()
    assert.are.equal("bad argument to 'boltz.new' (expected a table of options, got 5)",
      mistake(function() boltz.new(5) end))
    local text = mistake(function() boltz.new(KEY) end)
    assert.is_nil(text:find(KEY:sub(1, 13), 1, true))
  end)

  it("never show a password that a base_url has in it", function()
    for _, url in ipairs { "https://me:secret@api.example", "https://me:secret word@api.example",
      "https://me:secret@" } do
      local text = mistake(function() boltz.new { api_key = KEY, base_url = url } end)
      assert.is_nil(text:find("secret", 1, true))
    end
  end)
end)

describe("what goes out unencrypted", function()
  local FAR, NEAR = "http://proxy.example:3128", "http://localhost:3128"
  local HOME = "http://127.0.0.1:9"

  it("goes through no proxy beyond this machine, unless that is allowed", function()
    assert.are.equal("bad option 'base_url' to 'boltz.new' (expected https, no proxy beyond "
      .. 'loopback, or the option allow_http, got "' .. HOME .. '")',
      mistake(function() boltz.new { api_key = KEY, base_url = HOME, proxy = FAR } end))
    local allowed = { { proxy = NEAR }, { proxy = "" }, { proxy = FAR, allow_http = true } }
    for _, given in ipairs(allowed) do
      given.api_key, given.base_url = KEY, HOME
      boltz.new(given):close()
    end
    boltz.new({ api_key = KEY, proxy = FAR }):close()
  end)

  it("is looked at again in a copy", function()
    local client = boltz.new { api_key = KEY, proxy = FAR }
    assert.is_truthy(mistake(function() client:with { base_url = HOME } end)
      :find("no proxy beyond loopback", 1, true))
    client:with({ base_url = HOME, proxy = NEAR }):close()
    client:close()
  end)
end)

describe("a base URL", function()
  for url, expected in pairs {
    ["https://api.boltz.bio/compute/v1"] = "a base_url without /compute/v1",
    ["https://api.boltz.bio/compute/v1/"] = "a base_url without /compute/v1",
    ["https://api.boltz.bio/compute"] = "a base_url without /compute/v1",
    ["https://bücher.example"] = "a host in ASCII: an international name in its form with xn--",
  } do
    it("is told why it is none: " .. url, function()
      assert.is_truthy(mistake(function() boltz.new { api_key = KEY, base_url = url } end)
        :find("expected " .. expected, 1, true))
    end)
  end
end)

describe("a bearer token", function()
  it("goes out with its scheme once, also where it came with that", function()
    for _, token in ipairs { "tok-1234567890", "Bearer tok-1234567890", "bearer tok-1234567890" } do
      local settings = options.client { bearer_token = token }
      assert.are.equal("Bearer tok-1234567890", core.reveal(settings.bearer_token))
    end
  end)
end)

describe("the environment of a client", function()
  -- Makes a client in a process with these variables and prints what its script prints.
  local function run(environment, script)
    return child.run([[
      local boltz = require "boltz"
      local sent = {}
      local transport = { handle = function(_, method, path, query, headers)
        for name, value in pairs(headers) do sent[name] = value end
        return 200, {}, "{}"
      end }
      local function new(options)
        options = options or {}
        options.transport = transport
        local client = boltz.new(options)
        client.auth:me()
        return client
      end
    ]] .. script, environment)
  end

  it("gives the key", function()
    assert.are.equal(KEY .. "\n", run({ BOLTZ_API_KEY = KEY }, 'new() print(sent["x-api-key"])'))
  end)

  it("does not come before a key or token that the program names", function()
    assert.are.equal("mine\n",
      run({ BOLTZ_API_KEY = KEY }, 'new{ api_key = "mine" } print(sent["x-api-key"])'))
    assert.are.equal("nil\tBearer mine\n", run({ BOLTZ_API_KEY = KEY },
      'new{ bearer_token = "mine" } print(sent["x-api-key"], sent.authorization)'))
  end)

  it("puts no header of its own beside a key or token that the program names", function()
    for _, line in ipairs { "Authorization: Bearer theirs", "X-Api-Key: theirs" } do
      local environment = { BOLTZ_CUSTOM_HEADERS = line }
      local script = 'print(sent["x-api-key"], sent.authorization)'
      assert.are.equal("mine\tnil\n", run(environment, 'new{ api_key = "mine" } ' .. script))
      assert.are.equal("nil\tBearer mine\n",
        run(environment, 'new{ bearer_token = "mine" } ' .. script))
    end
  end)

  it("is named by the message where no key is anywhere", function()
    for _, environment in ipairs { {}, { BOLTZ_API_KEY = "" }, { BOLTZ_API_KEY = " " } } do
      assert.is_truthy(run(environment, "new()"):find("bad option 'api_key' to 'boltz.new' "
        .. "(expected a key here or in the environment's BOLTZ_API_KEY, got neither)", 1, true))
    end
  end)

  it("is refused where it is needed and is no key", function()
    for key, got in pairs { ["a\nb"] = "one with a control character",
      [KEY .. "\n"] = "one that ends in a line break" } do
      assert.is_truthy(run({ BOLTZ_API_KEY = key }, "new()"):find(
        "bad environment variable 'BOLTZ_API_KEY' to 'boltz.new' (expected a key as a string, got "
        .. got, 1, true))
    end
  end)

  it("does not matter where the program says everything, also when it is unusable", function()
    local output = run({ BOLTZ_API_KEY = "a\nb" }, [[
      new { api_key = "mine" }
      print(sent["x-api-key"])
    ]])
    assert.are.equal("mine\n", output)
  end)

  it("may hold the key in a custom header instead", function()
    assert.are.equal("k\n", run({ BOLTZ_CUSTOM_HEADERS = "X-Api-Key: k" },
      'new() print(sent["x-api-key"])'))
  end)

  it("gives the base URL, which is checked and stands back behind the program's", function()
    local environment = { BOLTZ_API_KEY = KEY, BOLTZ_BASE_URL = "https://other.example/" }
    assert.are.equal("boltz.client (https://other.example, sk_bc_admin_...)\n",
      run(environment, "print(new())"))
    assert.are.equal("boltz.client (https://mine.example, sk_bc_admin_...)\n",
      run(environment, 'print(new{ base_url = "https://mine.example" })'))
    environment.BOLTZ_BASE_URL = "http://other.example"
    assert.is_truthy(run(environment, "new()")
      :find("bad environment variable 'BOLTZ_BASE_URL' to 'boltz.new'", 1, true))
    assert.is_truthy(run(environment, "new { base_url = 'http://other.example' }")
      :find("bad option 'base_url' to 'boltz.new'", 1, true))
  end)

  it("gives headers, one a line, under those of the program", function()
    local environment = { BOLTZ_API_KEY = KEY,
      BOLTZ_CUSTOM_HEADERS = "X-A: 1\r\n X-B :  2: 3 \n\nX-C: 4\nX-D:" }
    assert.are.equal("1\t2: 3\t4\t\n", run(environment,
      'new() print(sent["x-a"], sent["x-b"], sent["x-c"], sent["x-d"])'))
    assert.are.equal("nil\t5\t4\n", run(environment,
      'new{ headers = { ["x-a"] = false, ["x-b"] = "5" } } '
        .. 'print(sent["x-a"], sent["x-b"], sent["x-c"])'))
    environment.BOLTZ_CUSTOM_HEADERS = "X A: 1"
    assert.is_truthy(run(environment, "new()"):find(
      [[bad environment variable 'BOLTZ_CUSTOM_HEADERS["X A"]' to 'boltz.new']], 1, true))
    environment.BOLTZ_CUSTOM_HEADERS = "X-A: 1\nno colon here"
    assert.is_truthy(run(environment, "new()"):find(
      "bad environment variable 'BOLTZ_CUSTOM_HEADERS' to 'boltz.new' (expected `Name: value`", 1,
      true))
  end)

  it("gives the log level, which is checked and stands back behind the program's", function()
    local environment = { BOLTZ_API_KEY = KEY, BOLTZ_LOG = "info" }
    assert.is_truthy(run(environment, "new()"):find("boltz info: attempt", 1, true))
    assert.are.equal("", run(environment, 'new{ log_level = "warn" }'))
    environment.BOLTZ_LOG = " INFO "
    assert.is_truthy(run(environment, "new()"):find("boltz info: attempt", 1, true))
    environment.BOLTZ_LOG = "loud"
    assert.is_truthy(run(environment, "new()")
      :find("bad environment variable 'BOLTZ_LOG' to 'boltz.new'", 1, true))
  end)

  it("gives the file of the authorities to trust, as the curl tool has it", function()
    local here = debug.getinfo(1, "S").source:match("^@(.*)$")
    local function chosen(environment, given)
      environment.BOLTZ_API_KEY = KEY
      return run(environment, ("print(new(%s)._user.settings.ca_file)"):format(given or ""))
    end
    assert.are.equal(here .. "\n", chosen { SSL_CERT_FILE = here })
    assert.are.equal(here .. "\n", chosen { CURL_CA_BUNDLE = here, SSL_CERT_FILE = "/none" })
    assert.are.equal("mine\n", chosen({ CURL_CA_BUNDLE = "/none" }, "{ ca_file = 'mine' }"))
    assert.is_truthy(chosen { CURL_CA_BUNDLE = "/none" }:find("bad environment variable "
      .. [['CURL_CA_BUNDLE' to 'boltz.new' (expected a file that can be read, got "/none")]],
      1, true))
  end)

  it("is quiet by itself", function()
    assert.are.equal("", run({ BOLTZ_API_KEY = KEY }, "new()"))
  end)
end)

describe("the options of a request", function()
  local client, server
  before_each(function()
    client, server = stub.client(nil, { query = { a = "1", b = "2" },
      headers = { ["X-A"] = "1", ["X-B"] = "2" } })
  end)

  it("put its headers over the client's, in any case of their names", function()
    assert(client.auth:me { headers = { ["x-a"] = "3", ["X-C"] = 4, ["x-B"] = false } })
    local sent = server:last().headers
    assert.are.equal("3", sent["x-a"])
    assert.are.equal("4", sent["x-c"])
    assert.is_nil(sent["x-b"])
    assert(client.auth:me())
    assert.are.equal("1", server:last().headers["x-a"])
  end)

  it("can leave out every header of the client's own, the key included", function()
    assert(client.auth:me { headers = { ["X-API-Key"] = false, Accept = false,
      ["user-agent"] = false, ["X-A"] = false, ["X-B"] = false,
      ["x-stainless-retry-count"] = false } })
    assert.is_nil(next(server:last().headers))
  end)

  it("can send another key, which is a secret as well", function()
    local lines = {}
    client = client:with { log_level = "debug",
      logger = function(_, _, fields) lines[#lines + 1] = tostring(fields.headers) end }
    assert(client.auth:me { headers = { ["x-api-key"] = OTHER_KEY } })
    assert.are.equal(OTHER_KEY, server:last().headers["x-api-key"])
    assert.is_truthy(lines[1]:find("x-api-key: sk_bc_admin_...", 1, true))
    assert.is_nil(lines[1]:find(OTHER_KEY, 1, true))
  end)

  it("put its query over the method's parameters, and these over the client's", function()
    client = client:with { query = { name = "client", limit = 1 } }
    client.workspaces:list({ name = "params", limit = 5 }, { query = { limit = 7, a = {} } }):next()
    assert.are.equal("b=2&limit=7&name=params", server:last().query)
  end)

  it("put extra_body over the body, unchecked, at its top", function()
    assert(client.workspaces:create({ name = "n" },
      { extra_body = { name = "m", later = { x = boltz.null } } }))
    assert.are.same({ name = "m", later = {} }, core.decode(server:last().body))
    assert.is_truthy(server:last().body:find('"x":null', 1, true))
  end)

  it("give a body to a call that has none", function()
    assert(client.workspaces:archive("w", { extra_body = { reason = "r" } }))
    assert.are.equal('{"reason":"r"}', server:last().body)
    assert.are.equal("application/json", server:last().headers["content-type"])
  end)

  it("know each its own names and hint at them", function()
    assert.are.equal("bad option 'timout' to 'auth:me' (unknown; did you mean 'timeout'?)",
      mistake(function() client.auth:me { timout = 3 } end))
    local known = "unknown; known are context, deadline, extra_body, headers, max_retries, query, "
      .. "retry_unsafe, timeout, validate"
    assert.are.equal("bad option 'max_items' to 'auth:me' (" .. known .. ")",
      mistake(function() client.auth:me { max_items = 3 } end))
    assert.are.equal("bad option 'body' to 'client:get' (" .. known .. ")",
      mistake(function() client:get("/x", { body = {} }) end))
  end)

  it("are refused like a client's, at the caller's line, with the method's name", function()
    local function raised(given)
      return mistake(function() client.workspaces:retrieve("w", given) end)
    end
    assert.are.equal("bad option 'timeout' to 'workspaces:retrieve' (expected a number of at least "
      .. "0.001, got 0)", raised { timeout = 0 })
    assert.are.equal("bad option 'headers[\"a b\"]' to 'workspaces:retrieve' (expected a header's "
      .. "name and text for it, or false, got a name that is not a header's)",
      raised { headers = { ["a b"] = "1" } })
    assert.are.equal("bad option 'options' to 'workspaces:retrieve' (expected a table, got 5)",
      raised(5))
    assert.are.equal("bad option 'query.x' to 'workspaces:retrieve' (expected a string, a "
      .. "number, a boolean, or a list of such, got a function)", raised { query = { x = print } })
    assert.are.equal("bad option 'extra_body' to 'workspaces:retrieve' (expected none, as a GET "
      .. "has no body, got a table)", raised { extra_body = { x = 1 } })
    assert.are.equal("bad option 'extra_body' to 'client:get' (expected none, as a GET has no "
      .. "body, got a table)", mistake(function() client:get("/x", { extra_body = {} }) end))
    assert.are.equal("bad parameter 'x' to 'workspaces:create' (expected a JSON value, got NaN)",
      mistake(function() client.workspaces:create({}, { extra_body = { x = 0 / 0 } }) end))
    assert.are.equal(0, #server.requests)
  end)

  it("may not have a query without names", function()
    assert.are.equal("bad option 'query' to 'auth:me' (expected names as strings, got 1)",
      mistake(function() client.auth:me { query = { "x" } } end))
  end)

  it("show no control character of a query's name", function()
    local text = mistake(function() client.auth:me { query = { ["\27[31m"] = print } } end)
    assert.is_nil(text:find("%c"))
  end)

  it("of a list are max_items and on_page beside the others", function()
    local function raised(given)
      return mistake(function() client.workspaces:list({}, given) end)
    end
    assert.are.equal("bad option 'max_items' to 'workspaces:list' (expected an integer of at least "
      .. "0, got -1)", raised { max_items = -1 })
    assert.are.equal("bad option 'on_page' to 'workspaces:list' (expected a function, got true)",
      raised { on_page = true })
  end)
end)
