-- SPDX-License-Identifier: MIT
-- A server for raw, wrong and hostile answers, on a free port and in a process of its own. What it
-- does is a script that runs there; wire_server.lua says what a script can call.
--
--   local server = wire.start [[
--     local c = accept()
--     record(c:request().target)
--     c:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{")
--     c:reset()
--   ]]
--   server.url        "http://127.0.0.1:PORT"
--   server:records()  server:connections()
--   server:stop()     or, in a spec: after_each(wire.stop_all)
--
-- A pipe of Lua goes one way only: this one is the server's standard input, so that it ends when
-- the pipe does, even with a Lua that was killed. What it says comes through a FIFO.

local core = require "boltz.core"

local wire = {}

local Server = {}
Server.__index = Server

local running = {}

local PROGRAM = debug.getinfo(1, "S").source:match("^@(.*)%.lua$") .. "_server.lua"

--- The program that runs this spec.
function wire.interpreter()
  local first = 0
  while arg[first - 1] do first = first - 1 end
  return arg[first]
end

local function read_text(pipe)
  local length = tonumber(pipe:read("*l"))
  return length and pipe:read(length + 1):sub(1, -2)
end

--- Returns when the server listens.
-- @tparam string script what it does, in Lua
-- @treturn Server with `url`
function wire.start(script)
  assert(load(script, "=script")) -- a mistake shows here and not in the other process
  local fifo = os.tmpname()
  os.remove(fifo)
  os.execute("mkfifo -m 600 " .. fifo)
  local command = ("exec '%s' '%s' >%s"):format(wire.interpreter(), PROGRAM, fifo)
  local orders = assert(io.popen(command, "w"))
  local reports = assert(io.open(fifo))
  os.remove(fifo)
  orders:write(#script, "\n", script)
  orders:flush()
  local url = assert(read_text(reports), "the server did not start")
  local server = setmetatable({ url = url, _orders = orders, _reports = reports }, Server)
  running[server] = true
  return server
end

--- What has happened so far. All that a client did before this call is in it: the server answers
-- only when nothing is left that its script could go on with.
-- @treturn {string,...} in order, each request as raw bytes, each text that the script recorded,
-- and "unexpected connection" for each one after the script's end
-- @raise the script's error, if it failed
function Server:records()
  self._orders:write("records\n")
  self._orders:flush()
  local records = {}
  for i = 1, tonumber(read_text(self._reports)) do records[i] = read_text(self._reports) end
  self._connections = tonumber(read_text(self._reports))
  local problem = read_text(self._reports)
  if problem ~= "" then error(problem, 2) end
  return records
end

--- How many connections have been made to it, told in the same way.
-- @treturn integer those after the script's end too
-- @raise the script's error, if it failed
function Server:connections()
  self:records()
  return self._connections
end

--- Ends it. A second time does nothing.
function Server:stop()
  if not self._orders then return end
  self._orders:close()
  self._reports:close()
  self._orders = nil
  running[self] = nil
end

--- Ends each server that still runs.
function wire.stop_all()
  for server in pairs(running) do server:stop() end
end

--- A request for the C core: GET without headers, where `fields` say nothing else.
-- @tparam string url
-- @tparam[opt] table fields those of csrc/lua/transfer.h
function wire.request(url, fields)
  local request = {
    url = url,
    method = "GET",
    headers = {},
    timeout = 20, -- seconds: for a spec that fails, not for one that waits
    max_response_bytes = 1024 * 1024,
  }
  for name, value in pairs(fields or {}) do request[name] = value end
  return request
end

--- Steps an engine until a transfer is done.
-- @param engine
-- @param transfer
-- @tparam number seconds at most; 0 or less: one step that does not wait
-- @treturn boolean whether it is done
function wire.wait(engine, transfer, seconds)
  local ends, left = core.now() + seconds, 0
  repeat
    engine:step(left)
    left = ends - core.now()
  until transfer:done() or left <= 0
  return transfer:done()
end

--- One transfer of the C core, without the layers above it.
-- @tparam table request
-- @param[opt] engine default: a new one, closed afterwards
-- @treturn table the transfer's result
function wire.exchange(request, engine)
  local own = engine or core.engine()
  local transfer = own:start(request)
  while not transfer:done() do own:step(1) end
  local result = transfer:result()
  if not engine then own:close() end
  return result
end

return wire
