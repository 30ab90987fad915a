-- SPDX-License-Identifier: MIT
-- The scenes of fork.c. nginx says in each answer who asked, on which of its connections, and as
-- which request of that connection: what a process sends on a connection that is not its own shows
-- in the count, if TLS has not already ended that connection.

local boltz = require "boltz"
local core = require "boltz.core"
local http2 = require "support.nginx_http2"
local wire = require "support.wire"

local process -- the functions of fork.c

local CONFIGURATION = [[
daemon off;
master_process off;
pid FOLDER/pid;
error_log FOLDER/log info;
events {}
http {
  access_log off;
  client_body_temp_path FOLDER/scratch;
  proxy_temp_path FOLDER/scratch;
  fastcgi_temp_path FOLDER/scratch;
  uwsgi_temp_path FOLDER/scratch;
  scgi_temp_path FOLDER/scratch;
  ssl_certificate FOLDER/certificate;
  ssl_certificate_key FOLDER/key;
  default_type application/json;
  keepalive_requests 100000;
  server {
    listen 127.0.0.1:PORT1 ssl;
    LISTEN2
    location / {
      return 200 '{"who":"$http_x_who","connection":$connection,"number":$connection_requests}';
    }
    location /gone {
      return 444; # closes the connection without an answer
    }
    location /slow {
      limit_rate 2k; # a first part at once, the rest after a second
      return 200 'TEXT';
    }
  }
}
]]

local words = {}
for i = 1, 700 do words[i] = ("%04d"):format(i) end
local TEXT = table.concat(words, " ")

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("a")
  file:close()
  return text
end

local Service = {}
Service.__index = Service

local function start_service(folder)
  local ports = { process.reserve_port(), process.reserve_port() }
  assert(os.execute(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
    .. "-days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 "
    .. "-keyout %s/key -out %s/certificate 2>/dev/null"):format(folder, folder)))
  local values = { FOLDER = folder, TEXT = TEXT, PORT1 = ports[1],
    LISTEN2 = http2("127.0.0.1:" .. ports[2]) }
  write(folder .. "/configuration", (CONFIGURATION:gsub("%u+%d?", values)))
  local pid = process.spawn("nginx", "-e", folder .. "/log", "-c", folder .. "/configuration")
  return setmetatable({ folder = folder, ports = ports, pid = pid }, Service)
end

function Service:stop()
  process.stop(self.pid)
  for _, name in ipairs { "key", "certificate", "configuration", "log", "pid", "scratch" } do
    os.remove(self.folder .. "/" .. name)
  end
  os.remove(self.folder)
end

-- A process's view of one port: an engine and who it is.
local Caller = {}
Caller.__index = Caller

local function caller(service, port, who)
  return setmetatable({ service = service, port = port, who = who, asked = 0 }, Caller)
end

function Caller:request(path)
  return {
    method = "GET",
    url = ("https://127.0.0.1:%d%s"):format(self.port, path),
    headers = { "X-Who", ("%s %d"):format(self.who, self.asked) },
    ca_file = self.service.folder .. "/certificate",
    timeout = 30,
    max_response_bytes = 100000,
  }
end

function Caller:perform(path)
  self.asked = self.asked + 1
  local transfer = self.engine:start(self:request(path))
  assert(wire.wait(self.engine, transfer, 30))
  return transfer:result()
end

--- Asks once. Returns nginx's numbers of the connection and of the request on it.
function Caller:ask()
  local result = self:perform("/")
  assert(not result.failure, result.message)
  local answer = core.decode(result.body)
  assert(answer.who == ("%s %d"):format(self.who, self.asked), "an answer to somebody else")
  return answer.connection, answer.number
end

--- Asks until somebody listens, which opens the connection.
function Caller:open()
  self.engine = core.engine()
  local ends = core.now() + 20
  while self:perform("/").failure == "connection" do
    assert(core.now() < ends, "nginx does not start")
    self.engine:step(0.02)
  end
  self.connection, self.number = self:ask()
end

--- Asks on the connection that is open, on which nobody else may have sent anything.
function Caller:go_on(times)
  for _ = 1, times do
    local connection, number = self:ask()
    assert(connection == self.connection, "the connection was lost")
    self.number = self.number + 1
    assert(number == self.number, "somebody else used the connection")
  end
end

--- In a child: the same engine, and yet a connection of its own.
function Caller:go_on_elsewhere(who, times)
  local parents = self.connection
  self.who, self.asked = who, 0
  self.connection, self.number = self:ask()
  assert(self.connection ~= parents and self.number == 1,
    "the child is on its parent's connection")
  self:go_on(times)
end

-- Runs `child` in a child process, which ends as a program does, and `parent` here meanwhile.
local function apart(child, parent)
  local pid = process.fork()
  if pid == 0 then
    child()
    process.leave()
  end
  parent()
  assert(process.wait(pid) == 0, "the child failed")
end

local scenes = {}

function scenes.both_go_on(it)
  apart(function() it:go_on_elsewhere("child", 100) end, function() it:go_on(100) end)
  it:go_on(1)
end

function scenes.the_child_only_ends(it)
  apart(function() end, function() end)
  it:go_on(1)
end

function scenes.a_child_of_a_child(it)
  apart(function()
    it:go_on_elsewhere("child", 10)
    apart(function() it:go_on_elsewhere("grandchild", 10) end, function() it:go_on(10) end)
    it:go_on(1)
  end, function() it:go_on(10) end)
  it:go_on(1)
end

-- With a transfer in flight, which the child first meets in one way or another.
local function in_flight(meet)
  return function(it)
    local transfer = it.engine:start(it:request("/slow"))
    assert(not wire.wait(it.engine, transfer, 0.1)) -- a first part comes
    apart(function()
      meet(it.engine, transfer)
      it:go_on_elsewhere("child", 10)
      assert(transfer:done() and transfer:result().failure == "cancelled")
      transfer = nil
      collectgarbage()
      it:go_on(1)
    end, function()
      assert(wire.wait(it.engine, transfer, 30))
      local result = transfer:result()
      assert(not result.failure, result.message)
      assert(result.status == 200 and result.body == TEXT, "the answer is not whole")
    end)
    it.number = it.number + 1
    it:go_on(10)
  end
end

scenes.in_flight_and_used = in_flight(function(engine) engine:step() end)
scenes.in_flight_and_awaited = in_flight(function(engine, transfer)
  wire.wait(engine, transfer, 1)
end)
scenes.in_flight_and_cancelled = in_flight(function(_, transfer) transfer:cancel() end)
scenes.in_flight_and_read = in_flight(function(_, transfer) assert(not transfer:result()) end)

for name, scene in pairs(require "watched") do
  scenes[name] = function(it) scene(it, process, apart) end
end

local function of_a_client(service, port)
  local client = boltz.new {
    api_key = "sk_bc_admin_test_0123456789abcdef",
    base_url = ("https://127.0.0.1:%d"):format(port),
    ca_file = service.folder .. "/certificate",
  }
  local function ask(who)
    local answer = assert(client:get("/", { headers = { ["X-Who"] = who } }))
    assert(answer.who == who)
    return answer.connection
  end
  local connection = ask("parent")
  apart(function()
    local own = ask("child")
    assert(own ~= connection)
    for _ = 1, 10 do assert(ask("child") == own) end
    client:close()
  end, function()
    for _ = 1, 10 do assert(ask("parent") == connection) end
  end)
  assert(ask("parent") == connection)
end

return function(functions, folder)
  process = functions
  local service = start_service(folder)
  local names = {}
  for name in pairs(scenes) do names[#names + 1] = name end
  table.sort(names)
  for i, protocol in ipairs { "HTTP/1.1", "HTTP/2" } do
    for _, name in ipairs(names) do
      local it = caller(service, service.ports[i], "parent")
      it:open()
      scenes[name](it)
      print(("%s: %s"):format(protocol, (name:gsub("_", " "))))
    end
    of_a_client(service, service.ports[i])
    print(protocol .. ": a client")
  end
  assert(not read(folder .. "/log"):find("SSL_"), "nginx saw broken TLS")
  service:stop()
end
