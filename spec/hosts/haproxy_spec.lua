-- SPDX-License-Identifier: MIT
-- The page docs/embedding/haproxy.md and what it promises, in HAProxy. The host is a program of its
-- own, so this runs on the Lua that HAProxy has, whose build is then there, and on no other.

local emulator = require "support.emulator"
local live = require "support.live"
local page = require "support.page"
local socket = require "socket"
local system = require "support.system"
local wire = require "support.wire"

local PAGE = "docs/embedding/haproxy.md"
local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/hosts/haproxy_spec%.lua$")
local PATIENCE = 20 -- seconds: for a spec that fails
local WORKSPACES = 40
local REQUESTS = 100

local PROGRAM = system.output("PATH=$PATH:/usr/local/sbin:/usr/sbin command -v haproxy")
local ABOUT = PROGRAM ~= "" and system.output(PROGRAM .. " -vv") or ""
local LUA = ABOUT:match("Built with Lua version : (Lua %d%.%d)")
if LUA and LUA ~= _VERSION then return end

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return port
end

local Host = {}
Host.__index = Host

local started -- by the spec that runs

-- A request of its own connection, on its way.
function Host:send(path)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(PATIENCE)
  assert(connection:send(("GET %s HTTP/1.0\r\n\r\n"):format(path)))
  return connection
end

-- Its answer: the body and the status.
local function receive(connection)
  local answer, problem, part = connection:receive("*a")
  connection:close()
  answer = answer or error(("%s after %q; HAProxy said:\n%s"):format(problem, part, started:log()))
  local status, body = answer:match("^HTTP/%S+ (%d+).-\r\n\r\n(.*)$")
  if status == "500" then error("HAProxy said:\n" .. started:log()) end -- that Lua raised
  return body, tonumber(status)
end

function Host:get(path)
  return receive(self:send(path))
end

-- Asks until it says something: nothing tells this process when HAProxy's work is done.
function Host:get_until(path, expected)
  local limit = socket.gettime() + PATIENCE
  local body
  repeat body = self:get(path) until body == expected or socket.gettime() > limit
  return body
end

function Host:log()
  return system.read(self.folder .. "/log")
end

function Host:stop()
  if not self._pipe then return end
  self._pipe:close() -- its shell then ends it, and waits for that
  self._pipe = nil
  os.execute("rm -r " .. self.folder)
end

-- Ends it when its standard input, a pipe of ours, ends: also when we are killed.
local SHELL = [[
exec 2>/dev/null # there is no file of pids but with -D and -W
cd '%s' || exit
export LUA_PATH='%slua/?.lua;%slua/?/init.lua;;' LUA_CPATH='%s/?.so;;'
export BOLTZ_BASE_URL='%s' BOLTZ_API_KEY='%s' PORT=%d
'%s' %s -p pid -f haproxy.cfg >log 2>&1 &
started=$!
read -r line
kill $started $(cat pid)
wait $started
for pid in $(cat pid); do tail --pid=$pid -f /dev/null; done
]]

-- @param files what stands in haproxy.cfg and services.lua
-- @param to the service: base_url, api_key
local function start(files, to, flags)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -m 755 " .. folder))
  for name, text in pairs(files) do system.write(folder .. "/" .. name, text) end
  local root = system.output(("cd '%s' && pwd"):format(ROOT == "" and "." or ROOT)) .. "/"
  local build = os.getenv("BOLTZ_BUILD") or root .. "build/" .. _VERSION:match("%d%.%d")
  local port = free_port()
  local pipe = assert(io.popen(SHELL:format(folder, root, root, build, to.base_url, to.api_key,
    port, PROGRAM, flags or ""), "w"))
  local self = setmetatable({ folder = folder, port = port, _pipe = pipe }, Host)
  started = self
  local limit = socket.gettime() + PATIENCE
  repeat
    local probe = socket.connect("127.0.0.1", port)
    if probe then
      probe:close()
      return self
    end
    socket.sleep(0.01)
  until socket.gettime() > limit or (self:log() or ""):find "ALERT"
  local log = self:log()
  self:stop()
  error("HAProxy did not start:\n" .. log)
end

-- A configuration around some services, each with a path of its own name.
local function configuration(services, global)
  local lines = { "global", "  lua-load services.lua", global or "", "defaults", "  mode http",
    "  timeout client 30s", "  timeout connect 5s", "  timeout server 30s", "frontend main",
    '  bind "127.0.0.1:${PORT}"' }
  for _, name in ipairs(services) do
    lines[#lines + 1] = ("  http-request use-service lua.%s if { path /%s }"):format(name, name)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- What the scripts of these specs begin with.
local SCRIPT = [[
  local boltz = require "boltz"
  local function new(options)
    options = options or {}
    options.loop = options.loop or function(seconds) core.msleep(math.ceil(1000 * seconds)) end
    return boltz.new(options)
  end
  local function serve(name, fn)
    core.register_service(name, "http", function(applet)
      local text = tostring(fn(applet))
      applet:set_status(200)
      applet:add_header("Content-Length", tostring(#text))
      applet:start_response()
      applet:send(text)
    end)
  end
]]

describe("HAProxy", function()
  if PROGRAM == "" then
    pending("haproxy is not installed")
    return
  elseif not LUA then
    pending("haproxy has no Lua")
    return
  end

  local service

  setup(function()
    service = emulator.start { latency = 200, workspaces = WORKSPACES }
  end)
  teardown(function() service:stop() end)
  after_each(function()
    if started then started:stop() end
    started = nil
    service:reset_faults()
    wire.stop_all()
  end)

  -- The names of all workspaces, by id.
  local function names()
    local boltz = require "boltz"
    local client = boltz.new { base_url = service.base_url, api_key = service.api_key }
    local list = assert(client.workspaces:list():all())
    client:close()
    return list
  end

  describe("with the page's configuration", function()
    local list

    setup(function() list = names() end)

    it("answers from a call", function()
      local host = start(page.files(PAGE), service)
      assert.same({ list[1].name .. "\n", 200 }, { host:get("/workspaces/" .. list[1].id) })
      assert.same({ "not_found\n", 404 }, { host:get("/workspaces/ws_none") })
    end)

    it("has 100 calls under way at once, and answers others meanwhile", function()
      local host = start(page.files(PAGE), service)
      local connections, began = {}, socket.gettime()
      for i = 1, REQUESTS do
        connections[i] = host:send("/workspaces/" .. list[i % WORKSPACES + 1].id)
      end
      assert.equal("up", (host:get("/up")))
      for i = 1, REQUESTS do
        assert.equal(list[i % WORKSPACES + 1].name .. "\n", (receive(connections[i])))
      end
      assert.is_true(socket.gettime() - began < 10) -- one after the other they would take 20 s
    end)

    it("makes many calls for one request", function()
      local host = start(page.files(PAGE), service)
      local began = socket.gettime()
      local body = host:get("/limits")
      assert.is_true(socket.gettime() - began < 4) -- 40 x 200 ms are 8 s
      local seen = {}
      for line in body:gmatch("[^\n]+") do seen[#seen + 1] = line:match("^(.*): ") end
      assert.equal(WORKSPACES, #seen)
      for i, workspace in ipairs(list) do assert.equal(workspace.name, seen[i]) end
    end)

    it("shows the id of a workspace without a name", function()
      local odd = emulator.start()
      local workspaces = odd:state().workspaces
      local nameless, archived = workspaces[3].id, workspaces[4].id
      live.make_odd(odd, nameless, archived)
      local host = start(page.files(PAGE), odd)
      assert.equal(nameless .. "\n", (host:get("/workspaces/" .. nameless)))
      assert.equal(nameless, (host:get("/name/" .. nameless)))
      local limits = host:get("/limits")
      assert.equal(#workspaces, select(2, limits:gsub("\n", "\n")))
      assert.matches(nameless .. ": no limit\n", limits, 1, true)
      odd:stop()
    end)

    it("calls in an action", function()
      local host = start(page.files(PAGE), service)
      assert.equal(list[2].name, (host:get("/name/" .. list[2].id)))
    end)

    it("calls in a task", function()
      local host = start(page.files(PAGE), service)
      assert.equal(WORKSPACES .. "\n", host:get_until("/count", WORKSPACES .. "\n"))
    end)

    for flags, name in pairs { ["-W"] = "as master and worker", ["-D"] = "as a daemon" } do
      it("works " .. name .. ", with a client from before the fork", function()
        local host = start(page.files(PAGE), service, flags)
        assert.equal(list[1].name .. "\n", (host:get("/workspaces/" .. list[1].id)))
      end)
    end

    it("works when each thread has its own client", function()
      local files = page.files(PAGE)
      files["haproxy.cfg"] = files["haproxy.cfg"]
        :gsub("lua%-load", "nbthread 2\n  lua-load-per-thread")
      local host = start(files, service)
      local connections = {}
      for i = 1, 20 do connections[i] = host:send("/workspaces/" .. list[i].id) end
      for i = 1, 20 do assert.equal(list[i].name .. "\n", (receive(connections[i]))) end
    end)
  end)

  it("interrupts Lua between any two instructions without harm", function()
    local host = start({
      ["haproxy.cfg"] = configuration({ "map" }, "  tune.lua.forced-yield 10\n  nbthread 2"),
      ["services.lua"] = SCRIPT .. [[
        local client = new()
        serve("map", function()
          local sum = 0
          for _, result, err in boltz.map(client.workspaces:list { limit = 10 }, function(workspace)
            local n = 0
            for i = 1, 1000 do n = n + i % 2 end
            local _, problem = client.workspaces:retrieve_spending_limit(workspace.id)
            return n, problem
          end, { concurrency = 16 }) do
            sum = sum + (err and 0 or result)
          end
          return ("%d"):format(sum)
        end)
      ]],
    }, service)
    local connections = {}
    for i = 1, 5 do connections[i] = host:send("/map") end
    for i = 1, 5 do assert.equal(500 * WORKSPACES .. "", (receive(connections[i]))) end
  end)

  it("makes calls inside a generator, also one of map's function, and stands still meanwhile",
    function()
      local host = start({
        ["haproxy.cfg"] = configuration { "generator" },
        ["services.lua"] = SCRIPT .. [[
          local client = new()
          local function ids(limit)
            return coroutine.wrap(function()
              for each in client.workspaces:list { limit = limit } do coroutine.yield(each.id) end
            end)
          end
          local now = require "boltz.core".now
          serve("generator", function()
            local count, used, began = 0, os.clock(), now()
            for id in ids(10) do count = count + 1 end
            for _, result, err in boltz.map({ 20, 40 }, function(limit)
              local own = 0
              for id in ids(limit) do own = own + 1 end
              return own
            end) do count = count + (result or error(err)) end
            return ("%d %.3f %.3f"):format(count, os.clock() - used, now() - began)
          end)
        ]],
      }, service)
      local body = host:get("/generator")
      local count, used, passed = body:match("^(%S+) (%S+) (%S+)$")
      assert.equal(3 * WORKSPACES .. "", count, body)
      assert.is_true(tonumber(used) < tonumber(passed) / 5, body) -- it does not spin
    end)

  it("waits before it tries again", function()
    service:fault { status = 503, times = 1 }
    local host = start({
      ["haproxy.cfg"] = configuration { "me" },
      ["services.lua"] = SCRIPT .. [[
        local client = new()
        serve("me", function()
          local _, err, response = client.auth:me()
          return err or response.attempts
        end)
      ]],
    }, service)
    assert.equal("2", (host:get("/me")))
  end)

  it("ends the calls that wait when another request closes their client", function()
    local server = wire.start "serve(function(c) c:request() c:hang() end)"
    local host = start({
      ["haproxy.cfg"] = configuration { "me", "close" },
      ["services.lua"] = SCRIPT .. [[
        local client = new { max_retries = 0 }
        serve("me", function()
          local _, err = client.auth:me()
          return err.kind
        end)
        serve("close", function()
          client:close()
          return "closed"
        end)
      ]],
    }, { base_url = server.url, api_key = service.api_key })
    local one, other = host:send("/me"), host:send("/me")
    local limit = socket.gettime() + PATIENCE
    repeat until #server:records() >= 2 or socket.gettime() > limit
    assert.equal("closed", (host:get("/close")))
    assert.equal("cancelled", (receive(one)))
    assert.equal("cancelled", (receive(other)))
  end)

  it("makes calls while it reads its configuration", function()
    local host = start({
      ["haproxy.cfg"] = configuration { "names" },
      ["services.lua"] = SCRIPT .. [[
        local client = new()
        local blocking = client:with { loop = "blocking" }
        local names = { assert(blocking.workspaces:list { limit = 1 }:next()).name }
        core.register_init(function()
          names[2] = assert(blocking.workspaces:list { limit = 1 }:next()).name
        end)
        serve("names", function()
          names[3] = assert(client.workspaces:list { limit = 1 }:next()).name
          return table.concat(names, " ")
        end)
      ]],
    }, service)
    local name = names()[1].name
    assert.equal(("%s %s %s"):format(name, name, name), (host:get("/names")))
  end)

  it("ends a converter that would have to wait, and goes on", function()
    local files = {
      ["haproxy.cfg"] = configuration { "me" }
        .. '  http-request return status 200 content-type text/plain lf-string'
        .. ' "[%[str(x),lua.me]]" if { path /converter }\n',
      ["services.lua"] = SCRIPT .. [[
        local client = new()
        core.register_converters("me", function()
          return client.auth:me() and "called"
        end)
        serve("me", function() return client.auth:me() and "called" end)
      ]],
    }
    local host = start(files, service)
    assert.equal("[]", (host:get("/converter")))
    assert.matches("not allowed", host:log())
    assert.equal("called", (host:get("/me")))
  end)

  it("goes on when clients leave while their calls are under way", function()
    local host = start({
      ["haproxy.cfg"] = configuration { "me", "waiting" },
      ["services.lua"] = SCRIPT .. [[
        local client, waiting = new(), 0
        serve("me", function()
          waiting = waiting + 1
          local me, err = client.auth:me()
          waiting = waiting - 1
          return err or me and "called"
        end)
        serve("waiting", function() return waiting end)
      ]],
    }, service)
    local connections = {}
    for i = 1, 20 do connections[i] = host:send("/me") end
    assert.equal("20", host:get_until("/waiting", "20"))
    for i = 1, 20 do connections[i]:close() end
    assert.equal("0", host:get_until("/waiting", "0"))
    assert.equal("called", (host:get("/me")))
  end)

  local hostname = system.output("hostname")
  local function looks_up(global)
    local host = start({
      ["haproxy.cfg"] = configuration({ "me" }, "  user nobody\n" .. global),
      ["services.lua"] = SCRIPT .. [[
        local client = new { max_retries = 0, allow_http = true, connect_timeout = 2 }
        serve("me", function()
          local _, err = client.auth:me()
          return err or "called"
        end)
      ]],
    }, { base_url = service.base_url:gsub("127%.0%.0%.1", hostname), api_key = service.api_key })
    return host:get("/me")
  end

  local entry = system.output("getent -s files hosts " .. hostname)
  if entry:match("^127%.0%.0%.1 ") and system.output("id -u") == "0" then
    it("looks up names where threads are allowed, and says so where they are not", function()
      assert.equal("called", (looks_up "  insecure-fork-wanted"))
      started:stop()
      local failure = looks_up ""
      assert.is_true(failure:find("thread failed to start", 1, true) ~= nil -- curl 7.88
        or failure:find("this process may start none", 1, true) ~= nil, failure) -- curl 8.23
    end)
  else
    pending("looks up names: the machine's own is not 127.0.0.1's, or we are not root")
  end
end)
