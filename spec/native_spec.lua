-- SPDX-License-Identifier: MIT
-- Builds the programs of spec/native in build/native and runs them. They embed Lua 5.4 and bring
-- their sanitizers along, so one Lua, and no second one under `make asan`, has to do with them.
--
-- With spec/native/sources run before, ThreadSanitizer looks into Lua and lua-cjson as well.

local certificates = require "support.certificates"
local libcurl = require "support.libcurl"
local tls = require "support.tls"
local wire = require "support.wire"

if _VERSION ~= "Lua 5.4" or os.getenv("BOLTZ_UNDER") then return end

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/native_spec%.lua$")
if ROOT == "" then ROOT = "./" end
local SOURCES = ROOT .. "build/native/sources/"
local HANGS = 300 -- seconds after which a program does not run, it hangs

-- Runs a command that has to succeed; otherwise all that it wrote is the failure.
local function run(command)
  local pipe = assert(io.popen("{ " .. command .. "; } 2>&1", "r"))
  local output = pipe:read("a")
  local done, _, status = pipe:close()
  if not done then error(("%s ended with %d:\n%s"):format(command, status, output), 2) end
  return output
end

-- Builds a preset of CMakePresets.json, with more options for CMake if there are any.
local function build(name, options)
  run(("CMAKE_OPTIONS='%s' '%stools/build' native-%s"):format(options or "", ROOT, name))
  return function(program, argument)
    return run(("env ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 "
      .. "timeout %d '%sbuild/native-%s/spec/native/%s' %s")
      :format(HANGS, ROOT, name, program, argument or ""))
  end
end

local function absolute(folder)
  return (run(("cd '%s' && pwd"):format(folder)):gsub("\n", ""))
end

describe("a host under AddressSanitizer, LeakSanitizer and UBSan", function()
  local start

  lazy_setup(function() -- only where one of these is run
    start = build "address"
  end)

  it("makes requests by csrc/http alone, without Lua, also where the system fails it", function()
    assert.matches("csrc/http without Lua: %d%d+ checks", start("http"))
  end)

  it("survives every allocation of Lua's that fails, and gets all memory back", function()
    assert.matches("lua, calls: survived %d%d%d+ refusals", start("memory", "lua"))
  end)

  it("survives every allocation of libcurl's that fails, and gets all memory back", function()
    assert.matches("libcurl, calls: survived %d%d+ refusals", start("memory", "libcurl"))
  end)

  it("survives every allocation of the core's that fails, and leaks nothing", function()
    local output = start("memory", "core")
    assert.matches("core, calls: survived %d%d+ refusals", output)
    assert.matches("[1-9]%d* times malloc or calloc, [1-9]%d* times realloc, [1-9]%d* times strdup",
      output)
  end)

  it("survives every system call of the core's that fails, and the next call works", function()
    local output = start("refusals")
    for _, name in ipairs { "epoll_create1", "epoll_ctl", "socket", "socketpair" } do
      assert.matches("blocking_calls: survived %d+ refusals of " .. name .. "\n", output)
    end
    assert.matches("calls_in_a_loop: survived %d+ refusals of timerfd_create", output)
    assert.matches("transfers_watched: survived %d+ refusals of timerfd_settime", output)
    assert.matches("engines_watched_by_a_thread: survived %d+ refusals of pthread_create", output)
    assert.matches("\n0 descriptors left", output)
  end)

  it("closes a Lua state with transfers in flight, in 1,000 random orders", function()
    assert.matches("1000 rounds, %d%d%d+ transfers in flight, 0 descriptors left",
      start("teardown"))
  end)

  -- Before curl 7.87 the end of a transfer waits for the thread that asks.
  if not libcurl.before(7, 87) then
    it("outlives a Lua state that has asked a slow name server", function()
      assert.matches("the thread came back", start("unload"))
    end)
  end

  it("starts a program while names are looked up, which inherits no socket", function()
    assert.matches("a child inherits 0, and later 0", start("lookup"))
  end)

  it("forks, and parent and child go on without a byte from one to the other", function()
    assert.matches("HTTP/2: a client", start("fork"), 1, true)
  end)
end)

describe("a host without sanitizers", function()
  it("makes and drops 10,000 clients in the descriptors and the memory of 2,000", function()
    local start = build "plain"
    assert.matches("after 10,000:", start("churn"), 1, true)
  end)
end)

describe("a host whose every write to a socket raises SIGPIPE", function()
  local made, server, http2_server

  setup(function()
    made = certificates.make()
    server = wire.start(tls.script(made, "valid", [[
      serve(function(plain)
        local c = secure(plain)
        for request in function() return c and c:request() end do
          if request.target ~= "/hang" then c:send(answer "{}") end
        end
      end)
    ]]))
    http2_server = wire.start(tls.script(made, "valid", [[
      local http2 = require "support.http2"
      serve(function(plain)
        local session = http2.open(secure(plain))
        for stream in function() return session and session:request() end do
          session:answer(stream, tostring(stream))
        end
      end)
    ]], { alpn = "h2" }))
  end)
  teardown(function()
    server:stop()
    http2_server:stop()
    made:remove()
  end)

  local function survives(name)
    local start = build(name)
    local output = start("sigpipe", ("%s %s '%s'")
      :format(tls.url(server), tls.url(http2_server), made.ca_file))
    assert.matches("survived %d%d+ signals", output)
  end

  it("survives, and keeps its own signals", function() survives "plain" end)

  it("does so without epoll, too", function() survives "portable" end)
end)

describe("a host under ThreadSanitizer", function()
  it("has 8 threads, each its Lua state, make 1,000 calls each", function()
    local options
    local sources = io.open(SOURCES .. "lua-cjson/lua_cjson.c")
    if sources then
      sources:close()
      local folder = absolute(SOURCES)
      options = ("-DBOLTZ_LUA_SOURCE=%s/lua5.4 -DBOLTZ_CJSON_SOURCE=%s/lua-cjson")
        :format(folder, folder)
    end
    local start = build("thread", options)
    assert.matches("8 threads, 1,000 calls each", start("threads"), 1, true)
  end)
end)
