-- SPDX-License-Identifier: MIT
-- A process that is stopped while it connects, and goes on when its time to connect has long run
-- out: the server is there, so it gets its answer. What stops it here is SIGSTOP; a debugger, a
-- freezer and a machine without a free moment do the same.

local certificates = require "support.certificates"
local core = require "boltz.core"
local socket = require "socket"
local system = require "support.system"
local tls = require "support.tls"
local wire = require "support.wire"

local CONNECT_TIMEOUT = 1 -- seconds, in which this process has to stop the other

-- Each has a variable `client`, and prints what `show` makes of a call.
local WAYS = {
  blocking = "show(client.workspaces:retrieve('ws_1'))",
  map = [[
    for _, value, err in boltz.map({ "ws_1" }, function(id)
      return client.workspaces:retrieve(id)
    end) do show(value, err) end
  ]],
  ["a host that sleeps"] = [[
    local socket = require "socket"
    show(client:with { loop = socket.sleep }.workspaces:retrieve("ws_1"))
  ]],
  ["a host that watches the descriptor"] = [[
    local poll = { poll = function(engine, seconds)
      local descriptor = engine:pollfd() -- none in a build without epoll
      local readable = { getfd = function() return descriptor end, dirty = function() end }
      require("socket").select({ descriptor and readable }, nil,
        math.min(seconds, engine:timeout() or 20, descriptor and 20 or 0.01))
    end }
    local run = coroutine.wrap(function()
      show(client:with { loop = poll }.workspaces:retrieve("ws_1"))
    end)
    run()
  ]],
  cqueues = [[
    local cqueues = require "cqueues"
    local loop = cqueues.new()
    loop:wrap(function() show(client.workspaces:retrieve("ws_1")) end)
    assert(loop:loop())
  ]],
}

local SCRIPT = [[
  local boltz = require "boltz"
  local client = boltz.new { api_key = ("k"):rep(40), base_url = "%s", ca_file = "%s",
    max_retries = 0, connect_timeout = %g, timeout = 20, log_level = "off" }
  local function show(value, err) print(value and value.id or err.kind .. ": " .. err.message) end
  %s
]]

describe("a process that is stopped while it connects", function()
  local made
  setup(function() made = certificates.make() end)
  teardown(function() made:remove() end)
  after_each(wire.stop_all)

  -- The server begins the handshake when it is told to: a second connection tells it.
  local function start()
    return wire.start(tls.script(made, "valid", [[
      local plain = accept()
      require("socket").select({ plain._socket }) -- until the handshake's first message is there
      record "greeted"
      accept():close()
      local c = secure(plain)
      if c then c:request() c:send(answer '{"id":"ws_1"}') end
    ]]))
  end

  local function tell(server)
    local host, port = server.url:match("//(.*):(%d+)$")
    assert(socket.connect(host, tonumber(port))):close()
  end

  local function run(script)
    local pipe = assert(io.popen(("echo $$; exec %s %s -e %s 2>&1")
      :format(os.getenv("BOLTZ_UNDER") or "", wire.interpreter(), system.quote(script)), "r"))
    return pipe, pipe:read("*n", "*l")
  end

  -- It waits for the server, when that has all that it can send.
  local function sleeps(pid)
    return system.read(("/proc/%d/stat"):format(pid)):match("%) (%a)") == "S"
  end

  for what, way in pairs(WAYS) do
    it("goes on connecting: " .. what, function()
      if what == "cqueues" and not pcall(require, "cqueues") then
        return pending "cqueues is not installed"
      end
      local server = start()
      local pipe, pid = run(SCRIPT:format(tls.url(server), made.ca_file, CONNECT_TIMEOUT, way))
      local began = core.now()
      repeat
        assert.is_true(core.now() - began < 20)
      until server:records()[1] == "greeted" and sleeps(pid)
      os.execute("kill -STOP " .. pid)
      socket.sleep(CONNECT_TIMEOUT + 0.3)
      tell(server)
      os.execute("kill -CONT " .. pid)
      local output = pipe:read("*a")
      pipe:close()
      assert.are.equal("ws_1\n", output)
    end)
  end
end)
