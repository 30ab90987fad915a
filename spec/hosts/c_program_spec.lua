-- SPDX-License-Identifier: MIT
-- The page docs/embedding/c.md: its program is compiled and run. It embeds Lua 5.4, so one Lua is
-- enough; and none under valgrind or a sanitizer, which it would have to bring along.

if _VERSION ~= "Lua 5.4" or os.getenv("BOLTZ_UNDER") then return end

local core = require "boltz.core"
local emulator = require "support.emulator"
local page = require "support.page"
local system = require "support.system"
local wire = require "support.wire"

local PAGE = "docs/embedding/c.md"
local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/hosts/c_program_spec%.lua$")
local PATIENCE = 30 -- seconds: for a spec that fails

local function works(command)
  return select(2, system.run(command)) == 0
end

local function missing()
  if not works "command -v cc" then return "cc is not installed" end
  if not works "pkg-config --exists lua5.4" then return "liblua5.4-dev is not installed" end
  if not works "echo '#include <sys/timerfd.h>' | cc -E -" then return "timerfd is not in libc" end
end

describe("a C program that polls the engine's descriptor beside its own timer", function()
  local reason = missing()
  if reason then
    pending(reason)
    return
  end

  local folder, root, build

  setup(function()
    root = system.output(("cd '%s' && pwd"):format(ROOT == "" and "." or ROOT)) .. "/"
    build = os.getenv("BOLTZ_BUILD") or root .. "build/5.4"
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir -m 700 " .. folder))
    page.write(PAGE, folder)
    local output, status = system.run(("cd '%s' && cc -Wall -Wextra -Wpedantic -Werror -O2 "
      .. "-o host host.c $(pkg-config --cflags --libs lua5.4) -lm"):format(folder))
    assert(status == 0, output)
  end)
  teardown(function() os.execute("rm -r " .. folder) end)
  after_each(wire.stop_all)

  -- Runs it: what it wrote, and for how long it ran.
  local function run(service, script)
    local began = core.now()
    local output, status = system.run(("cd '%s' && BOLTZ_BASE_URL='%s' BOLTZ_API_KEY='%s' "
      .. "LUA_PATH='%slua/?.lua;%slua/?/init.lua;;' LUA_CPATH='%s/?.so;;' timeout %d ./host %s")
      :format(folder, service.base_url, service.api_key, root, root, build, PATIENCE, script))
    assert(status == 0, output)
    return output, core.now() - began
  end

  it("has all its calls under way at once, while its timer ticks", function()
    local service = emulator.start { latency = 200, workspaces = 40 }
    finally(function() service:stop() end)
    local output, seconds = run(service, "jobs.lua")
    for i = 1, 20 do assert.matches(("%%f[%%d]%d\t%d\n"):format(i, i), output) end
    assert.matches("limits\t40\n", output)
    assert.is_true(seconds < 6) -- 61 calls, one after the other, would take more than 12 s
    -- A tick is due each 10 ms, and the calls take 400 ms at least.
    assert.is_true(tonumber(output:match("(%d+) ticks")) >= 30)
  end)

  it("goes on when jobs fail", function()
    local server = wire.start [[
      serve(function(c)
        c:request()
        c:send(answer "{}")
      end)
    ]]
    system.write(folder .. "/failing.lua", [[
      local boltz = require "boltz"
      local client = boltz.new {
        loop = {
          poll = function(engine, seconds) coroutine.yield(engine:pollfd() or -1, seconds) end,
        },
      }
      return {
        function() assert(client.auth:me()) error "first" end,
        function() error "second" end,
        function() print("third", client.auth:me() ~= nil) end,
        function() print("fourth", select(2, client.auth:me { deadline = 0.001 })) end,
      }
    ]])
    local output = run({ base_url = server.url, api_key = "sk_bc_x" }, "failing.lua")
    assert.matches("a job failed: [^\n]*first", output)
    assert.matches("a job failed: [^\n]*second", output)
    assert.matches("third\ttrue\n", output)
    assert.matches("fourth\t", output)
  end)

  it("is told of a call inside a generator by the page's `poll`, and the others go on", function()
    local service = emulator.start { latency = 50, workspaces = 7 }
    finally(function() service:stop() end)
    local client = page.files(PAGE)["jobs.lua"]:match("^(.-\n)local jobs")
    system.write(folder .. "/generator.lua", client .. [[
      return {
        function()
          local names = coroutine.wrap(function()
            for each in client.workspaces:list { limit = 2 } do coroutine.yield(each.name) end
          end)
          for _ in names do end
        end,
        function() print("other", #assert(client.workspaces:list { limit = 2 }:all())) end,
      }
    ]])
    local output = run(service, "generator.lua")
    assert.matches("a job failed: [^\n]*no call can wait inside a generator", output)
    assert.matches("other\t7\n", output)
  end)

  it("waits out a pause before another attempt", function()
    local server = wire.start [[
      local c = accept()
      c:request()
      c:send(answer("{}", "Retry-After-Ms: 50\r\n", "503 Service Unavailable"))
      c:request()
      c:send(answer "{}")
    ]]
    system.write(folder .. "/again.lua", [[
      local boltz = require "boltz"
      local client = boltz.new {
        loop = {
          poll = function(engine, seconds) coroutine.yield(engine:pollfd() or -1, seconds) end,
        },
      }
      return { function() print("attempts", (select(3, client.auth:me())).attempts) end }
    ]])
    local output = run({ base_url = server.url, api_key = "sk_bc_x" }, "again.lua")
    assert.matches("attempts\t2\n", output)
  end)
end)
