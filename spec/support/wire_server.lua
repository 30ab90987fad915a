-- SPDX-License-Identifier: MIT
-- The process behind wire.lua. A script has all of Lua, and:
--
--   accept() -> c              the next connection
--   serve(handler)             handler(c) for each connection from now on, side by side
--   record(text)               a note for the spec
--   answer(body [, fields [, status]]) -> bytes of a whole answer; `fields` are header lines, each
--                              with its CRLF; `status` is "200 OK" unless given
--   c:request() -> request     the next one, whole: method, target, headers (names in lower case),
--                              body, raw; nil when the client has closed
--   c:send(bytes) -> boolean   whether the client was still there
--   c:drip(bytes, seconds)     one byte at a time, with a pause after each
--   c:hang()                   says nothing until the client has gone
--   c:close()  c:reset()       ends with FIN, with RST
--
-- Without `serve` one thing happens at a time, as the script says. At its end what is open is
-- closed, and so is each later connection, at once: no client waits for what will never come.

local socket = require "socket"

-- Unbuffered: a line that is already in a buffer would be invisible to `select`.
io.stdin:setvbuf("no")
local parent = {
  getfd = function() return 0 end,
  dirty = function() return false end,
}

local records, accepted, problem = {}, 0, ""

local function write_text(text)
  text = tostring(text)
  io.write(#text, "\n", text, "\n")
end

local function report()
  write_text(#records)
  for _, text in ipairs(records) do write_text(text) end
  write_text(accepted)
  write_text(problem)
  io.flush()
end

-- What runs is a task: a coroutine that yields what it waits for.
local tasks = {}

local function resume(task, ...)
  local _, event = assert(coroutine.resume(task, ...))
  tasks[task] = event
end

-- Notes a failure of the script for the spec, and goes on.
local function guarded(action, ...)
  local done, failure = xpcall(action, debug.traceback, ...)
  if done then return end
  problem = tostring(failure)
  io.stderr:write(problem, "\n")
end

-- Waits until a socket can be read, or written, or time is up.
local function wait(reading, writing, seconds)
  coroutine.yield{
    reading = reading,
    writing = writing,
    deadline = seconds and socket.gettime() + seconds,
  }
end

local asked = false -- whether the parent waits for the records

-- Resumes each task whose event has come. The parent is heard first, for its end is ours, and
-- answered last: see `Server:records`.
local function step()
  local reading, writing, pause = { parent }, {}, asked and 0 or nil
  for _, event in pairs(tasks) do
    reading[#reading + 1] = event.reading
    writing[#writing + 1] = event.writing
    local left = event.deadline and math.max(0, event.deadline - socket.gettime())
    if left and (not pause or left < pause) then pause = left end
  end
  local readable, writable = socket.select(reading, writing, pause)
  if readable[parent] then
    if not io.read("*l") then os.exit(0) end
    asked = true
  end
  local ready = {}
  for task, event in pairs(tasks) do
    if readable[event.reading] or writable[event.writing]
      or (event.deadline and event.deadline <= socket.gettime()) then
      ready[#ready + 1] = task
    end
  end
  for _, task in ipairs(ready) do resume(task) end
  if asked and #ready == 0 and not readable[parent] then
    report()
    asked = false
  end
end

local Connection = {}
Connection.__index = Connection

local open = {}

-- Reads some more; false when nothing more will come.
function Connection:_fill()
  if not open[self] then return false end
  wait(self._socket)
  local bytes, failure, some = self._socket:receive(65536)
  bytes = bytes or some
  self._unread = self._unread .. bytes
  return bytes ~= "" or failure == "timeout"
end

function Connection:_take(length)
  while #self._unread < length do
    if not self:_fill() then return nil end
  end
  local bytes = self._unread:sub(1, length)
  self._unread = self._unread:sub(length + 1)
  return bytes
end

function Connection:_take_through(mark)
  while true do
    local _, last = self._unread:find(mark, 1, true)
    if last then return self:_take(last) end
    if not self:_fill() then return nil end
  end
end

-- A chunked body: what it says, and its bytes.
function Connection:_take_chunks()
  local body, raw = {}, {}
  while true do
    local line = self:_take_through("\r\n")
    local size = line and tonumber(line:match("^%x+"), 16)
    local chunk = size and self:_take(size + 2)
    if not chunk then return nil end
    raw[#raw + 1] = line .. chunk
    if size == 0 then return table.concat(body), table.concat(raw) end
    body[#body + 1] = chunk:sub(1, -3)
  end
end

function Connection:request()
  local head = self:_take_through("\r\n\r\n")
  if not head then return nil end
  local method, target = head:match("^(%S+) (%S+)")
  local headers = {}
  for name, value in head:gmatch("\n([^:\r\n]+):[ \t]*([^\r\n]*)") do
    headers[name:lower()] = value
  end
  local body, raw
  if headers["transfer-encoding"] == "chunked" then
    body, raw = self:_take_chunks()
  else
    body = self:_take(tonumber(headers["content-length"] or 0))
    raw = body
  end
  if not body then return nil end
  records[#records + 1] = head .. raw
  return { method = method, target = target, headers = headers, body = body, raw = head .. raw }
end

function Connection:send(bytes)
  local sent = 0
  while open[self] and sent < #bytes do
    wait(nil, self._socket)
    local last, failure, some = self._socket:send(bytes, sent + 1)
    if failure and failure ~= "timeout" then return false end
    sent = last or some
  end
  return open[self] ~= nil
end

function Connection:drip(bytes, seconds)
  for i = 1, #bytes do
    if not self:send(bytes:sub(i, i)) then return end
    wait(nil, nil, seconds)
  end
end

function Connection:hang()
  while self:_fill() do self._unread = "" end
end

function Connection:close()
  if not open[self] then return end
  local failure -- what is left unread would turn the end into a reset
  repeat failure = select(2, self._socket:receive(65536)) until failure
  open[self] = nil
  self._socket:close()
end

function Connection:reset()
  self._socket:setoption("linger", { on = true, timeout = 0 })
  open[self] = nil
  self._socket:close()
end

local listener = assert(socket.bind("127.0.0.1", 0))

local function accept()
  wait(listener)
  local client = assert(listener:accept())
  accepted = accepted + 1
  client:settimeout(0)
  client:setoption("tcp-nodelay", true)
  local connection = setmetatable({ _socket = client, _unread = "" }, Connection)
  open[connection] = true
  return connection
end

local function record(text)
  records[#records + 1] = text
end

local function answer(body, fields, status)
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s")
    :format(status or "200 OK", fields or "", #body, body)
end

local function serve(handler)
  while true do
    local handling = coroutine.create(function(connection)
      guarded(handler, connection)
      connection:close()
    end)
    resume(handling, accept())
  end
end

local globals = { accept = accept, answer = answer, record = record, serve = serve }
local text = io.read(tonumber(io.read("*l")))
local script = assert(load(text, "=script", "t", setmetatable(globals, { __index = _G })))

write_text(("http://127.0.0.1:%d"):format(select(2, listener:getsockname())))
io.flush()

resume(coroutine.create(function()
  guarded(script)
  for connection in pairs(open) do connection:close() end
  while true do
    accept():close()
    record("unexpected connection")
  end
end))
while true do step() end
