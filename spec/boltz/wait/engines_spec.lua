-- SPDX-License-Identifier: MIT
local child = require "support.child"
local stub = require "support.stub"
local wire = require "support.wire"

-- In a process that may have few descriptors.
local PROLOGUE = [[
  os.execute("prlimit --nofile=%d:%d --pid $PPID")
  local held = {}
  local function fill()
    local file = io.open "/dev/null"
    while file and #held < 1000 do
      held[#held + 1] = file
      file = io.open "/dev/null"
    end
  end
  fill()
  if #held > %d then print "no prlimit" os.exit(0) end
  local function free()
    for i = #held, 1, -1 do table.remove(held):close() end
  end
  local boltz = require "boltz"
  local options = { api_key = %q, base_url = %q, max_retries = 0, loop = "blocking",
    log_level = "off" }
]]

local ECHO = [[
  serve(function(c)
    while c:request() do c:send(answer '{"id":"x"}') end
  end)
]]

-- What such a process prints; nil where prlimit is not installed.
local function run(most, script, environment)
  local server = wire.start(ECHO)
  local prologue = PROLOGUE:format(most, most, most, stub.KEY, server.url)
  local output = child.run("require 'boltz' require 'socket' " .. prologue .. script, environment)
  return output ~= "no prlimit\n" and output or nil
end

describe("descriptors", function()
  after_each(wire.stop_all)

  for _, megabytes in ipairs { 0, 40 } do
    it(("do not run out where each call has its client, beside %d MB"):format(megabytes), function()
      if (os.getenv("BOLTZ_UNDER") or ""):find("valgrind", 1, true) then
        return pending "valgrind tells of the limit that it began with, whatever it is now"
      end
      local output = run(64, ([[
        free()
        local ballast = {}
        for i = 1, %d * 1024 do ballast[i] = ("x"):rep(1024) .. i end
        for i = 1, 200 do
          local value, err = boltz.new(options).workspaces:retrieve "x"
          if not value then print(i, err) break end
        end
        print(#ballast)
      ]]):format(megabytes))
      if not output then return pending "prlimit is not installed" end
      assert.equal(megabytes * 1024 .. "\n", output)
    end)
  end

  local MODES = { "stop", "incremental" }
  if not jit and _VERSION >= "Lua 5.4" then MODES[3] = "generational" end
  for _, mode in ipairs(MODES) do
    it(("are left for the program, of few that are there, and the collector is told '%s'")
      :format(mode), function()
      local output = run(64, ([[
        free()
        if "%s" ~= "incremental" or _VERSION >= "Lua 5.4" then collectgarbage "%s" end
        local own = {}
        for i = 1, 44 do own[i] = io.open "/dev/null" end
        for i = 1, 50 do
          assert(boltz.new(options).workspaces:retrieve "x")
          assert(io.open "/dev/null"):close()
        end
        print(collectgarbage "isrunning")
      ]]):format(mode, mode))
      if not output then return pending "prlimit is not installed" end
      assert.equal(tostring(mode ~= "stop") .. "\n", output)
    end)
  end

  it("that are all in use are an error, which passes when they are free again", function()
    local output = run(40, [[
      local client = boltz.new(options)
      for _ = 1, 2 do
        local value, err = client.workspaces:retrieve "x"
        print(value, err.kind, err.message:match "^no descriptor left for %a+ (%a+)$")
      end
      table.remove(held):close()
      local value, err = client.workspaces:retrieve "x"
      print(value and value.id or err.message:match "^no descriptor left")
      free()
      print(client.workspaces:retrieve("x").id)
    ]])
    if not output then return pending "prlimit is not installed" end
    -- The engine takes descriptors of its own, but in a build without epoll, with curl 7.88; there
    -- one is enough for a connection.
    local first, second, third, last = output:match "^([^\n]+)\n([^\n]+)\n([^\n]+)\n([^\n]+)\n$"
    assert.matches("^nil\tconnection\t%a+$", first, output)
    assert.equal(first, second)
    local is_engine = first:find("engine", 1, true) ~= nil
    assert.equal(is_engine and "no descriptor left" or "x", third)
    assert.equal("x", last)
  end)

  it("that are all in use are an error that is returned, whatever the call", function()
    local output = run(40, [[
      local client = boltz.new(options)
      local function show(value, err) print(value, err.kind, err.retryable) end
      show(client.workspaces:create { name = "x" })
      show(client.workspaces:list():next())
      for _, value, err in boltz.map({ 1, 2 }, function()
        return boltz.new(options).workspaces:retrieve "x"
      end) do show(value, err) end
      client:close()
    ]], { CURL_CA_BUNDLE = "/etc/passwd", SSL_CERT_FILE = "/etc/passwd" })
    if not output then return pending "prlimit is not installed" end
    assert.equal(("nil\tconnection\ttrue\n"):rep(4), output)
  end)

  it("that are all in use are an error where a transport in this process waits", function()
    local output = run(40, [[
      options.max_retries = 2
      options.transport = { handle = function(_, _, path)
        return path == "/busy" and 503 or 429, { ["Retry-After"] = "1" }, "{}"
      end }
      local client = boltz.new(options)
      local function show(value, err) print(value, err.kind, err.attempts, err.message) end
      show(client:get "/busy")
      for _, value, err in boltz.map({ 1, 2 }, function() return client:get "/busy" end) do
        show(value, err)
      end
      client:get "/x"
      show(client:get "/x") -- it is held back
    ]])
    if not output then return pending "prlimit is not installed" end
    if output:find "internal_server" then return pending "its engine takes no descriptor" end
    local line = "nil\tconnection\t%d\tno descriptor left for the engine\n"
    assert.equal(line:format(1):rep(3) .. line:format(0), output)
  end)
end)
