-- SPDX-License-Identifier: MIT
-- What is written down in several places, and not generated, says the same in each: the code,
-- lua/boltz/meta.lua, the README, the emulator (which was written from the service's documentation)
-- and the build. What `make generate` writes is held by spec/docs/generate.
local boltz = require "boltz"
local child = require "support.child"
local concurrent = require "boltz.concurrent"
local core = require "boltz.core"
local emulator = require "boltz.emulator"
local errors = require "boltz.request.errors"
local facts = require "generate.facts"
local faults = require "boltz.emulator.faults"
local ledger = require "boltz.emulator.ledger"
local loop = require "boltz.wait.host"
local meta = require "support.meta"
local options = require "boltz.options"
local stub = require "support.stub"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/parity_spec%.lua$")

local function read(path)
  local file = assert(io.open(ROOT .. path))
  local text = file:read("*a")
  file:close()
  return text
end

local META, README = read "lua/boltz/meta.lua", read "README.md"
local types = meta.read(META)
local one_line = README:gsub("%s+", " ")

-- A table that the code keeps to itself.
local function upvalue(fn, wanted)
  local i = 1
  while true do
    local name, value = debug.getupvalue(fn, i)
    if name == wanted then return value end
    assert(name, "there is no " .. wanted .. " any more")
    i = i + 1
  end
end

local function sorted(names)
  table.sort(names)
  return names
end

-- The public names in a table, less those in a list.
local function names_in(object, without)
  local names, hidden = {}, {}
  for _, name in ipairs(without or {}) do hidden[name] = true end
  for name in pairs(object) do
    if name:sub(1, 1) ~= "_" and not hidden[name] then names[#names + 1] = name end
  end
  return sorted(names)
end

local function names_between(text, first, last, pattern)
  local _, start = text:find(first, 1, true)
  assert(start, "the README has no " .. first)
  local names = {}
  for name in text:sub(start + 1, text:find(last, start + 1, true)):gmatch(pattern) do
    names[#names + 1] = name
  end
  assert(#names > 0, "the README names nothing after " .. first)
  return sorted(names)
end

local function output_of(command)
  local pipe = io.popen(command)
  local output = pipe:read("*a")
  pipe:close()
  return output
end

-- The description of an option (schema.lua) as meta.lua has to write it.
local function expected_type(description, written, path)
  local kind = description.type
  if kind == "enum" then
    assert.are.same(sorted { unpack(description.values) }, sorted(types:values(written)), path)
    return written
  elseif kind == "function" then
    return types:resolve(written):find("^fun%(") and written or "a function"
  elseif kind == "table" then
    local class = types.classes[written] and types.functions[written .. ":handle"]
    return (class or types:resolve(written):find("^table<")) and written or "a table"
  elseif kind == "any" then
    return written
  end
  return kind
end

-- Whether words stand in a text, and not as a part of others.
local function says(text, words)
  local pattern = words:gsub("%p", "%%%0")
  return (" " .. text .. " "):find("[^%w]" .. pattern .. "[^%w]") ~= nil
end

local function check_bounds(description, text, path)
  if description.max then
    local range = ("%d to %d"):format(description.min, description.max)
    assert.is_true(says(text, range), path .. ": " .. range)
  elseif description.type == "integer" then
    local from = tonumber(text:match("from (%d+)") or 0)
    assert.are.equal(description.min, from, path .. ": from")
  end
  if description.type == "number" then
    assert.is_true(says(text, "seconds"), path .. ": seconds")
  end
  if description.default ~= nil then
    local default = "default " .. tostring(description.default)
    assert.is_true(says(text, default), path .. ": " .. default)
  end
end

-- Holds descriptions against the fields of a class.
local function check_fields(fields, class, path)
  local written = types:fields(class)
  assert.are.same(names_in(fields), names_in(written), path)
  for name, description in pairs(fields) do
    local field, where = written[name], path .. "." .. name
    assert.are.equal(not description.required, field.optional, where .. " is optional")
    assert.are.equal(expected_type(description, field.type, where), field.type, where)
    check_bounds(description, field.text, where)
  end
end

describe("the calls", function()
  local all = facts.read()

  it("are the same in the client and in the emulator", function()
    local routes, addresses, client = {}, {}, stub.client()
    for _, name in ipairs { "workspaces", "api_keys", "usage", "me" } do
      for _, route in ipairs(require("boltz.emulator." .. name).routes) do
        routes[route.method .. " " .. route.template] = true
      end
    end
    for _, resource in ipairs(all.resources) do
      local names = {}
      for i, call in ipairs(resource.calls) do
        names[i], addresses[call.address] = call.method, true
      end
      assert.are.same(sorted(names), names_in(getmetatable(client[resource.name]).__index))
    end
    assert.are.same(addresses, routes)
  end)

  it("answer what meta.lua says", function()
    local service = emulator.new { bearer_token = "token" }
    local client = boltz.new { api_key = service.admin_key, transport = service }
    local user = client:with { bearer_token = "token" }
    local id = assert(client.workspaces:create { name = "n" }).id
    local key_id = assert(client.api_keys:create { name = "n", expires_in_days = 1 }).key_details.id
    local groups = { "workspace_id", "application" }
    local range = { starting_at = os.time() - 86400, ending_at = os.time(), window_size = "DAY" }
    local grouped = { group_by = groups }
    for name, value in pairs(range) do grouped[name] = value end
    local checked, classes = {}, {}
    for _, each in ipairs(all.resources) do classes[each.name] = "boltz." .. each.class end
    local function check(from, resource, method, ...)
      local name = classes[resource] .. ":" .. method
      local kind = types.functions[name].returns[1].type
      local value, err = from[resource][method](from[resource], ...)
      assert.is_nil(err)
      if method == "list" then
        local pager = types.classes[kind]
        local item = pager.calls[1]:match("^fun%(%): (.*)%?$")
        local page = pager.fields.pages.type:match("%(fun%(%): (.*)%?%)")
        assert.is_nil(types:misfit(item, assert(value:next()), name))
        kind, value = page, assert(from[resource]:list(...):pages()())
      end
      assert.is_nil(types:misfit(kind, value, name))
      checked[name] = true
    end
    check(client, "workspaces", "create", {})
    check(client, "workspaces", "list")
    check(client, "workspaces", "retrieve", id)
    check(client, "workspaces", "update", id, { name = "m" })
    check(client, "workspaces", "retrieve_spending_limit", id) -- none is set
    check(client, "workspaces", "set_spending_limit", id, { limit = { amount = 1 } })
    check(client, "workspaces", "retrieve_spending_limit", id)
    check(client, "api_keys", "create", { name = "n" })
    check(client, "api_keys", "list")
    check(client, "api_keys", "revoke", key_id)
    check(client, "usage", "list", range)
    check(client, "usage", "list", grouped)
    check(client, "auth", "me")
    check(user, "auth", "me")
    check(client, "workspaces", "archive", id)
    for _, resource in ipairs(all.resources) do
      for _, call in ipairs(resource.calls) do
        assert.is_true(checked[classes[resource.name] .. ":" .. call.method], call.name)
      end
    end
  end)
end)

describe("the public names", function()
  local client = stub.client()

  -- The functions of a class in meta.lua are those in a table of the code.
  local function same_functions(object, class, mark, without)
    local functions = {}
    for _, name in ipairs(names_in(object, without)) do
      if type(object[name]) == "function" then functions[#functions + 1] = name end
    end
    assert.are.same(functions, sorted(types:functions_of(class, mark)), class)
  end

  it("of the module are those of meta.lua", function()
    local written = types:functions_of("boltz", ".")
    same_functions(boltz, "boltz", ".")
    for name in pairs(types:fields("boltz")) do written[#written + 1] = name end
    local exported = {}
    for name in pairs(boltz) do exported[#exported + 1] = name end
    assert.are.same(sorted(exported), sorted(written))
    same_functions(emulator, "boltz.emulator", ".")
    same_functions(boltz.json, "boltz.Json", ".")
    same_functions(boltz.money, "boltz.Money", ".")
    same_functions(boltz.time, "boltz.TimeText", ".")
  end)

  it("of its objects are those of meta.lua", function()
    same_functions(getmetatable(client), "boltz.Client", ":", { "new" })
    same_functions(getmetatable(client.workspaces:list()), "boltz.Pager", ":", { "new" })
    same_functions(getmetatable((boltz.map({}, print))), "boltz.Map", ":")
    local service = emulator.new { bearer_token = "token" }
    same_functions(getmetatable(service), "boltz.Emulator", ":", { "new" })
    assert.are.same(names_in(service), names_in(types:fields("boltz.Emulator")))
    assert.are.same(names_in(client), names_in(types:fields("boltz.Client")))
    assert.are.same(names_in(client.admin), names_in(types:fields("boltz.Admin")))
  end)

  it("of the engine are in meta.lua as in docs/embedding/other.md", function()
    local documented, engine = {}, core.engine()
    for name in read("docs/embedding/other.md"):gmatch("| `engine:(%l+)%(%)` |") do
      documented[#documented + 1] = name
      assert.are.equal("function", type(engine[name]), name)
    end
    assert.are.same(sorted(documented), sorted(types:functions_of("boltz.Engine", ":")))
  end)

  it("have the arguments in meta.lua that their descriptions have", function()
    local count = 0
    for name, written in pairs(types.functions) do
      local arguments = {}
      for i, param in ipairs(written.params) do arguments[i] = param.name end
      assert.are.equal(table.concat(arguments, ", "), written.arguments, name)
      assert.is_true(written.text ~= "" or name == "boltz.Transport:handle", name)
      count = count + 1
    end
    assert.is_true(count > 30)
  end)

  it("stand for types that meta.lua has", function()
    local count = 0
    for name in META:gmatch("%f[%w_.](boltz%.[%w_]+)") do
      assert.is_truthy(types.classes[name] or types.aliases[name]
        or boltz[name:match("%.(.*)$")] ~= nil, name)
      count = count + 1
    end
    assert.is_true(count > 100)
  end)
end)

describe("the options", function()
  local for_client = options.descriptions.client

  it("of a client are the same in the code, in meta.lua and in the README", function()
    check_fields(for_client, "boltz.Options", "boltz.new")
    assert.are.same(names_in(for_client),
      names_between(README, "`boltz.new{ ... }`:", "From the environment", "`([%l_]+)`"))
  end)

  it("of a request and a list are the same in the code, in meta.lua and in the README", function()
    local for_request = options.descriptions.request
    local for_list = options.descriptions.list
    check_fields(for_request, "boltz.WriteOptions", "request")
    check_fields(options.descriptions.raw, "boltz.RawOptions", "body")
    check_fields(for_list, "boltz.ListOptions", "list")
    assert.are.same(names_in(for_request),
      names_between(README, "A request takes", "a list also", "`([%l_]+)`"))
    assert.are.same(names_in(for_list, names_in(for_request)),
      names_between(README, "a list also", "\n\n", "`([%l_]+)[`%(]"))
  end)

  it("of a request that reads have no extra_body", function()
    local for_request = names_in(types:fields("boltz.WriteOptions"), { "extra_body" })
    assert.are.same(for_request, names_in(types:fields("boltz.RequestOptions")))
    local client = stub.client()
    assert.has_error(function() client.auth:me { extra_body = {} } end)
    assert.has_no.errors(function() client.workspaces:archive("w", { extra_body = {} }) end)
  end)

  it("have the same defaults in the code, in meta.lua and in the README", function()
    local written, checked = types:fields("boltz.Options"), 0
    for name, default in pairs(options.descriptions.defaults) do
      local text = written[name].text
      if default == loop.automatic then default = "auto" end
      local shown = type(default) == "number" and ("%d"):format(default) or default
      assert.is_true(says(text:match("default (.*)$"), tostring(shown)), name)
      checked = checked + 1
      if name == "max_response_bytes" then shown = ("%d MiB"):format(default / 1024 / 1024) end
      if type(default) == "number" then
        assert.is_true(says(one_line, ("`%s` (%s"):format(name, shown)), name)
      end
    end
    assert.is_true(checked > 5)
  end)

  it("come from the same variables of the environment in all three", function()
    local variables, documented = {}, {}
    for name in read("lua/boltz/options/environment.lua"):gmatch('"(BOLTZ_[%u_]+)"') do
      variables[#variables + 1] = name
    end
    for name in META:gmatch("%$(BOLTZ_[%u_]+)") do documented[#documented + 1] = name end
    assert.are.same(sorted(variables), sorted(documented))
    assert.are.same(variables,
      names_between(README, "From the environment", "`client:with", "`(BOLTZ_[%u_]+)`"))
  end)

  it("of a loop name the same hosts", function()
    local names = { "auto" }
    for name in pairs(upvalue(loop.check, "NAMES")) do names[#names + 1] = name end
    assert.are.same(sorted(names), sorted(types:values("boltz.Loop")))
  end)

  it("of map, of an emulator and of its faults are those of meta.lua", function()
    check_fields(upvalue(concurrent.map, "FOR_MAP"), "boltz.MapOptions", "boltz.map")
    check_fields(upvalue(concurrent.gather, "FOR_GATHER"), "boltz.GatherOptions", "boltz.gather")
    assert.is_truthy(one_line:find(("`concurrency` (%d)"):format(
      upvalue(concurrent.map, "DEFAULT_CONCURRENCY")), 1, true))
    for class, known in pairs {
      ["boltz.EmulatorOptions"] = upvalue(upvalue(emulator.new, "check_options"), "OPTIONS"),
      ["boltz.Use"] = upvalue(ledger._mistake_in, "FIELDS"),
      ["boltz.Fault"] = upvalue(faults.kind_of, "FIELDS"),
    } do
      local written = types:fields(class)
      assert.are.same(names_in(known), names_in(written))
      for name, kind in pairs(known) do
        local found = written[name].type:gsub("^fun.*", "function"):gsub("^table<.*", "table")
        assert.are.equal((kind:gsub(" or ", "|")), found, name)
        assert.is_true(written[name].optional, name)
      end
    end
  end)
end)

describe("what a call comes back with", function()
  it("fails in the same kinds in the code, in meta.lua and in the README", function()
    local seen, kinds, wire = {}, {}, {}
    for status = 100, 999 do
      if status < 200 or status > 299 then seen[errors.kind_of_status(status)] = true end
    end
    for kind in read("csrc/http/failure.c"):gmatch('{CURLE_[%u_]+, %l+, "([%l_]+)"') do
      seen[kind], wire[kind] = true, true
    end
    local _, withheld = stub.client(nil, { read_only = true }).workspaces:create {}
    seen[withheld.kind] = true
    for kind in pairs(seen) do kinds[#kinds + 1] = kind end
    assert.are.same(sorted(kinds), sorted(types:values("boltz.ErrorKind")))
    assert.are.same(names_in(wire), sorted(types:values("boltz.WireErrorKind")))
    local table_of_kinds = README:match("| `err%.kind` |.-\n(|.-)\n\n")
    assert.are.same(kinds, names_between(table_of_kinds .. "\n", "|---|", "\n\n", "`([%l_]+)`"))
  end)

  it("fails in the kind that the README and meta.lua say for a status", function()
    local names, statuses = README:match("\n| (`bad_request`[^|]*) | ([%d ]+) |")
    local status = statuses:gmatch("%d+")
    for kind in names:gmatch("`([%l_]+)`") do
      local number = status()
      assert.are.equal(kind, errors.kind_of_status(tonumber(number)))
      assert.are.equal(number, types.aliases["boltz.ErrorKind"].notes[kind])
    end
    assert.is_nil(status())
  end)

  it("has the fields that meta.lua and the README name", function()
    local seen = {}
    local client = stub.client({
      { status = 404, headers = { ["x-request-id"] = "r", ["retry-after"] = "1" },
        body = '{"code":"not_found","message":"m","details":{}}' },
      { headers = { ["x-request-id"] = "r" }, body = "{}" },
    }, { on_attempt = function(event) seen[#seen + 1] = event end })
    local _, err = client.auth:me { context = {} }
    assert.is_nil(types:misfit("boltz.Error", err, "err"))
    assert.are.same(names_in(err), names_in(types:fields("boltz.Error")))
    assert.are.same(names_in(err),
      names_between(README, "Its fields:", "true when", "`([%l_]+)`"))
    local _, _, response = client.auth:me()
    assert.is_nil(types:misfit("boltz.Response", response, "response"))
    assert.are.equal("r", response.request_id) -- which makes it complete
    assert.are.same(names_in(response), names_in(types:fields("boltz.Response")))
    assert.are.same(names_in(response),
      names_between(README, "`response` has", "(seconds)", "`([%l_]+)`"))
    local _, lost = stub.client({ { wire = { drop = true } } },
      { on_attempt = function(event) seen[#seen + 1] = event end }).auth:me()
    assert.is_nil(types:misfit("boltz.Error", lost, "err"))
    local fields = {}
    for _, event in ipairs(seen) do
      assert.is_nil(types:misfit("boltz.AttemptEvent", event, "event"))
      for name in pairs(event) do fields[name] = true end
    end
    assert.are.equal(3, #seen)
    assert.are.same(names_in(fields), names_in(types:fields("boltz.AttemptEvent")))
  end)
end)

describe("the package", function()
  local build = package.searchpath("boltz.core", package.cpath):match("^(.*)/boltz/core%.so$")
  local cmake = read "CMakeLists.txt" .. read "cmake/lua.cmake"
  local rockspec = {}
  assert(loadfile(ROOT .. "boltz-scm-1.rockspec", "t", rockspec))()

  it("has one version", function()
    assert.are.equal(boltz._VERSION, cmake:match("project%(boltz VERSION ([%d.]+)"))
    assert.are.equal("boltz-scm-1", rockspec.package .. "-" .. rockspec.version)
    assert.is_truthy(META:find(('such as "%s"'):format(boltz._VERSION), 1, true))
  end)

  it("is built by CMake from a rockspec that sets what CMakeLists.txt reads", function()
    assert.are.equal("cmake", rockspec.build.type)
    local set = {}
    for name in pairs(rockspec.build.variables) do
      if name:find("^BOLTZ_") then
        set[#set + 1] = name
        assert.is_truthy(cmake:find("${" .. name .. "}", 1, true), name)
      end
    end
    for name in cmake:gmatch("DESTINATION %${(BOLTZ_INSTALL_%u+)}") do
      assert.is_truthy(rockspec.build.variables[name], name)
    end
    assert.is_true(#set > 0)
  end)

  it("installs every module, and requires no meta.lua", function()
    local folder = output_of("mktemp -d"):match("%S+")
    output_of(("DESTDIR=%s cmake --install '%s' --prefix /usr"):format(folder, build))
    local list = "cd '%s' && find . -name '*.lua' -o -name '*.so' | LC_ALL=C sort"
    local abi = jit and "5.1" or _VERSION:match("%S+$")
    local modules = ("%s/usr/share/lua/%s"):format(folder, abi)
    local installed = output_of(list:format(modules .. "/boltz"))
    local loaded = child.run([[
      require "boltz"
      require "boltz.emulator"
      print(package.searchpath("boltz", package.path), package.loaded["boltz.meta"])
    ]], { LUA_PATH = ("%s/?.lua;%s/?/init.lua"):format(modules, modules) })
    local programs = output_of(("ls %s/usr/bin"):format(folder))
    output_of(("rm -r '%s'"):format(folder))
    assert.are.equal(output_of(list:format(ROOT .. "lua/boltz")), installed)
    assert.are.equal(modules .. "/boltz/init.lua\tnil\n", loaded)
    assert.are.equal("boltz-emulator\n", programs)
  end)
end)

describe("lua/boltz/meta.lua", function()
  it("does nothing when it is run", function()
    local untouched = setmetatable({}, { __index = function(_, name) error(name) end })
    local stubs = assert(loadfile(ROOT .. "lua/boltz/meta.lua", "t", untouched))()
    assert.is_nil(next(untouched))
    for name, value in pairs(stubs) do
      assert.are.equal(0, select("#", value()), name)
    end
  end)

  it("is what an editor finds for the module, and nobody else", function()
    assert.are.equal("boltz", types.name)
    assert.are.equal("", output_of(("grep -rlF boltz.meta '%slua' '%sbin' '%scsrc'")
      :format(ROOT, ROOT, ROOT)))
    assert.is_truthy(README:find("lua/boltz/meta.lua", 1, true))
  end)
end)
