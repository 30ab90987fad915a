-- SPDX-License-Identifier: MIT
-- The program that secrets_spec.lua runs in a process of its own: it does all that can go wrong
-- with a client, under each way to give it a credential ($MODE), and prints and dumps all that it
-- can reach. It must not keep a secret in a variable: the dump would find it there.

local boltz = require "boltz"
local core = require "boltz.core"
local leaks = require "reliability.leaks"
io.stdout:setvbuf("full")
local function out(text) io.write(text, "\n") end
local function logger(level, message, fields)
  out("log " .. level .. " " .. message)
  leaks.print(out, fields)
end
local function on_attempt(event) leaks.print(out, event) end
local kinds = {}
local function shows(_, err, response)
  if err then
    kinds[err.kind] = true
    out(err .. "")
    leaks.print(out, err)
    leaks.dump(out, err)
  end
  if response then
    leaks.print(out, response)
    leaks.dump(out, response)
  end
end
local function drive(options, call_options)
  local client = boltz.new(options)
  out(tostring(client))
  leaks.print(out, client)
  local function get(word) shows(client.workspaces:retrieve(word, call_options)) end
  for _, status in ipairs { 302, 400, 401, 403, 404, 409, 418, 422, 429, 500 } do
    get(tostring(status))
  end
  for _, word in ipairs { "html", "nonsense", "garbage", "bad-header", "drop" } do get(word) end
  local brief = { timeout = 0.1 }
  for name, value in pairs(call_options or {}) do brief[name] = value end
  shows(client.workspaces:retrieve("hang", brief))
  for _, word in ipairs { "made", "made-cut", "made-short", "made-500", "made-details", "drop" } do
    local _, err, response = client.api_keys:create({ name = word }, call_options)
    shows(nil, err, response)
  end
  local other = client:with { ca_file = "/nonexistent/ca.pem",
    base_url = client._user.settings.base_url:gsub("^http:", "https:") }
  shows(other.workspaces:retrieve("x", call_options))
  shows(client:with { max_response_bytes = 10 }.workspaces:retrieve("html"))
  local pager = client:paginate("/page")
  local _, err = pager:all()
  shows(nil, err)
  leaks.dump(out, pager, client, other)
  out(tostring(debug.traceback()))
  return client
end
local function common(more)
  more.max_retries = 0
  more.on_attempt = on_attempt
  return more
end
local environment = os.getenv
if environment "MODE" == "key" then
  drive(common { api_key = environment "ADMIN_KEY" })
  drive(common { api_key = environment "ADMIN_KEY", logger = logger })
elseif environment "MODE" == "environment" then
  drive(common { logger = logger })
elseif environment "MODE" == "bearer" then
  drive(common { bearer_token = environment "BEARER", organization_id = "org_1" })
  drive(common { bearer_token = environment "BEARER", logger = logger })
elseif environment "MODE" == "header" then
  drive(common { headers = { ["x-api-key"] = environment "ADMIN_KEY" }, logger = logger })
  drive(common { headers = { Authorization = "Bearer " .. environment "BEARER" } })
  drive(common { api_key = ("k"):rep(40), logger = logger },
    { headers = { ["x-api-key"] = environment "ADMIN_KEY" } })
elseif environment "MODE" == "proxy" then
  local password = "user:" .. environment "PROXY_PASSWORD" .. "@"
  for _, proxy in ipairs { "http://%s127.0.0.1:9", "http://%sproxy.invalid:1",
    "foo://%s127.0.0.1:1", "http://%s127.0.0.1:99999", "http://%s%s127.0.0.1:1",
    "socks5://%s127.0.0.1:9", "%s127.0.0.1:9", "http://%s", "http://%s[::1" } do
    local given = common { api_key = environment "ADMIN_KEY", logger = logger }
    given.proxy = proxy:gsub("%%s", password)
    given.base_url = "https://api.example.invalid"
    local made, client = pcall(boltz.new, given)
    if made then
      shows(client.workspaces:retrieve("x"))
      leaks.dump(out, client)
      leaks.print(out, client)
    else
      out("raised " .. tostring(client))
    end
  end
  local client = boltz.new(common { api_key = environment "ADMIN_KEY", logger = logger,
    proxy = environment("BOLTZ_BASE_URL"):gsub("//", "//" .. password),
    base_url = "https://api.example.invalid" })
  shows(client.workspaces:retrieve("x"))
  leaks.dump(out, client)
elseif environment "MODE" == "mistakes" then
  (function(key, token)
    local function raises(call)
      local _, message = pcall(call)
      out("raised " .. tostring(message))
    end
    for _, secret in ipairs { key, token } do
      for _, bad in ipairs { secret .. "\n", secret .. "\0", { secret } } do
        local names = { "api_key", "bearer_token", "proxy" }
        if secret == key then -- an API key is known as such wherever it stands
          names = { "api_key", "bearer_token", "proxy", "headers", "base_url", "organization_id",
            "ca_file", "log_level", "timeout", "query" }
        end
        for _, name in ipairs(names) do
          raises(function() boltz.new { [name] = bad } end)
          raises(function() boltz.new({ api_key = "k" }):with { [name] = bad } end)
        end
        for _, field in ipairs { "x-api-key", "Authorization", "Cookie" } do
          raises(function() boltz.new { api_key = "k", headers = { [field] = bad } } end)
          raises(function()
            boltz.new { api_key = "k" }.workspaces:retrieve("x", { headers = { [field] = bad } })
          end)
        end
      end
      raises(function() boltz.new { api_kye = secret } end)
      raises(function() boltz.new { api_key = secret, bearer_token = secret } end)
      raises(function()
        boltz.new { api_key = "k", base_url = "https://user:" .. secret .. "@h" }
      end)
      raises(function() boltz.new(secret) end)
      raises(function() core.secret(secret)() end)
      raises(function() return core.secret(secret) .. "" end)
      raises(function() return #core.secret(secret) end)
      raises(function() return core.secret(secret).bytes end)
      raises(function() core.engine():start { headers = { "a", core.secret(secret) } } end)
    end
    raises(function() boltz.new { api_key = "k", headers = { key } } end)
  end)(environment "ADMIN_KEY", environment "BEARER")
end
local met = {}
for kind in pairs(kinds) do met[#met + 1] = kind end
table.sort(met)
-- All that is left in this Lua, from its globals and its registry on.
leaks.dump(out, _G, debug.getregistry())
out("KINDS " .. table.concat(met, " "))
