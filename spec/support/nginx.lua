-- SPDX-License-Identifier: MIT
-- Starts an nginx with the Lua module, on a free port and in a folder of its own, and asks it.
--
--   local server = nginx.start { locations = "location = /x { ... }", environment = { A = "b" } }
--   server:get("/x").body
--   server:stop()      or, in a spec: after_each(nginx.stop_all)
--
-- nginx is a child of a shell that waits for the end of its standard input, a pipe of ours. So it
-- ends with us, and its folder goes, also when we are killed.

local core = require "boltz.core"
local http2 = require "support.nginx_http2"
local socket = require "socket"
local system = require "support.system"
local wire = require "support.wire"

local quote, read = system.quote, system.read

local nginx = {}

local Server = {}
Server.__index = Server

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/support/nginx%.lua$")
ROOT = ROOT == "" and "." or ROOT:gsub("/$", "")

local PATIENCE = 20 -- seconds: for a spec that fails
local MODULES = { "/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules" }

local running = {}

local program = system.output("PATH=$PATH:/usr/local/sbin:/usr/sbin command -v nginx")

local function find_modules()
  for _, folder in ipairs(MODULES) do
    if system.exists(folder .. "/ngx_http_lua_module.so") then return folder end
  end
end

local modules = find_modules()

--- Why no nginx can be started here, or nil.
function nginx.missing()
  if program == "" then return "nginx is not installed" end
  if not modules then return "nginx's Lua module is not installed" end
  if not system.exists(ROOT .. "/build/luajit/boltz/core.so") then
    return "there is no build for LuaJIT, which nginx runs"
  end
end

--- Waits for a condition, and fails when it does not come.
-- @tparam function condition
-- @tparam string what it is, for the failure
function nginx.await(condition, what)
  local ends = core.now() + PATIENCE
  while true do
    local result = condition()
    if result then return result end
    if core.now() > ends then error("waited in vain until " .. what, 2) end
    socket.sleep(0.005)
  end
end

-- Binds a free port and does not listen: nginx can bind beside it, as both have SO_REUSEADDR, and
-- nobody else is given the port in between.
local function reserve()
  local holder = assert(socket.tcp4())
  assert(holder:setoption("reuseaddr", true))
  assert(holder:bind("127.0.0.1", 0))
  return holder, select(2, holder:getsockname())
end

-- What depends on the machine, before what the user writes.
local function preamble(folder)
  local lines = { "daemon off;", ("pid %s/nginx.pid;"):format(folder),
    ("error_log %s/error.log notice;"):format(folder) }
  if system.output("id -u") == "0" then lines[#lines + 1] = "user root root;" end
  for _, name in ipairs { "ndk_http_module", "ngx_http_lua_module" } do
    local file = ("%s/%s.so"):format(modules, name)
    if system.exists(file) then lines[#lines + 1] = ("load_module %s;"):format(file) end
  end
  return table.concat(lines, "\n") .. "\ninclude user.conf;\n"
end

local function http_part(folder)
  local lines = { "\n  access_log " .. folder .. "/access.log;" }
  for _, name in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    lines[#lines + 1] = ("  %s_temp_path %s/scratch;"):format(name, folder)
  end
  return table.concat(lines, "\n")
end

local function listen(parameters)
  if parameters == "ssl http2" then return http2 "8080" end
  return ("listen 8080%s;"):format(parameters and " " .. parameters or "")
end

local function configuration(options)
  if options.configuration then return options.configuration end
  return ([[
worker_processes %d;
%s
events { worker_connections 4096; }
http {
%s
  server {
    %s
%s
  }
}
]]):format(options.workers or 1, options.main or "", options.http or "",
    listen(options.listen), options.locations or "")
end

-- Of a configuration as a user writes it: at our port, and nothing written outside our folder.
local function adapt(text, folder, port)
  local listens, opens
  text, listens = text:gsub("listen 8080", "listen 127.0.0.1:" .. port)
  text, opens = text:gsub("\nhttp {", "%0" .. http_part(folder))
  assert(listens == 1 and opens == 1, "the configuration has not one 'listen 8080' and 'http {'")
  return text
end

local function command(folder, environment)
  local words = { "env", "-u", "BOLTZ_API_KEY", "-u", "BOLTZ_BASE_URL",
    "LUA_PATH=" .. quote(("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;"):format(ROOT, ROOT, folder)),
    "LUA_CPATH=" .. quote(ROOT .. "/build/luajit/?.so;;") }
  for name, value in pairs(environment or {}) do words[#words + 1] = quote(name .. "=" .. value) end
  words[#words + 1] = ("%s -p %s -e %s/error.log -c %s/nginx.conf >/dev/null 2>&1")
    :format(program, folder, folder, folder)
  return (([[
    exec 3<&0
    COMMAND 3<&- &
    nginx=$!
    { cat <&3 >/dev/null; [ -e FOLDER/ended ] || kill $nginx; } &
    watcher=$!
    exec 3<&-
    wait $nginx
    : >FOLDER/ended
    wait $watcher
    rm -rf FOLDER
  ]]):gsub("%u%u+", { COMMAND = table.concat(words, " "), FOLDER = quote(folder) }))
end

--- Starts one, and returns when it listens.
-- @tparam table options
--   configuration  a whole nginx.conf as a user writes it, with one `listen 8080`; or parts:
--   main, http, locations, listen (after the port), workers
--   files          of the folder, by name; it is among those that `require` looks into
--   environment    variables
-- @treturn Server with `url`, `folder`, `pid` (of the master)
function nginx.start(options)
  local folder = system.output("mktemp -d ${TMPDIR:-/tmp}/boltz-nginx.XXXXXX")
  local holder, port = reserve()
  local self = setmetatable({ folder = folder, url = "http://127.0.0.1:" .. port,
    _holder = holder }, Server)
  system.write(folder .. "/nginx.conf", preamble(folder))
  system.write(folder .. "/user.conf", adapt(configuration(options), folder, port))
  for name, text in pairs(options.files or {}) do system.write(folder .. "/" .. name, text) end
  self._pipe = assert(io.popen(command(folder, options.environment), "w"))
  running[self] = true
  nginx.await(function()
    self.pid = tonumber(read(folder .. "/nginx.pid") or "")
    return self.pid or system.exists(folder .. "/ended")
  end, "nginx listens")
  if not self.pid then
    local log = self:log()
    self:stop()
    error("nginx did not start:\n" .. log, 2)
  end
  return self
end

--- Ends it and removes its folder. A second time does nothing.
function Server:stop()
  if not running[self] then return end
  running[self] = nil
  self._pipe:close()
  self._holder:close()
end

function nginx.stop_all()
  for server in pairs(running) do server:stop() end
end

--- What stands in its log of errors, and in that of requests.
function Server:log()
  return (read(self.folder .. "/error.log") or "") .. (read(self.folder .. "/access.log") or "")
end

--- Begins a request.
-- @tparam string path
-- @tparam[opt] table fields those of csrc/lua/transfer.h
-- @param[opt] engine
-- @treturn transfer
function Server:begin(path, fields, engine)
  self._engine = self._engine or core.engine()
  return (engine or self._engine):start(wire.request(self.url .. path, fields))
end

--- Answers to requests that are made all at once.
-- @tparam {string,...} paths
-- @treturn table status, headers and body of each, under the path's position
function Server:get_all(paths)
  local engine = core.engine()
  local transfers, results = {}, {}
  for i, path in ipairs(paths) do transfers[i] = self:begin(path, nil, engine) end
  for i, transfer in ipairs(transfers) do
    while not transfer:done() do engine:step(1) end
    results[i] = transfer:result()
  end
  engine:close()
  return results
end

--- The answer to a request.
function Server:get(path, fields)
  return wire.exchange(wire.request(self.url .. path, fields))
end

--- Sends a signal to the master.
function Server:signal(name)
  os.execute(("kill -%s %d"):format(name, self.pid))
end

--- The process ids of the workers.
function Server:workers()
  local pids = {}
  for pid in system.output(("grep -l '^PPid:.%d$' /proc/[0-9]*/status"):format(self.pid))
    :gmatch("/proc/(%d+)/") do
    pids[#pids + 1] = tonumber(pid)
  end
  return pids
end

--- How many descriptors a process has open.
function nginx.descriptors(pid)
  return tonumber(system.output(("ls /proc/%d/fd | wc -l"):format(pid)))
end

--- How many ticks (1/100 s) of processor time a process has used.
function nginx.ticks(pid)
  local user, kernel = read(("/proc/%d/stat"):format(pid))
    :match("^%d+ %b() %S " .. ("%S+ "):rep(10) .. "(%d+) (%d+)")
  return tonumber(user) + tonumber(kernel)
end

return nginx
