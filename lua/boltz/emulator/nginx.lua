-- SPDX-License-Identifier: MIT
-- Carries requests between nginx and an emulator; bin/boltz-emulator names these functions in its
-- nginx configuration. There is one process, so one Lua state, and that is the service's memory.

local bit = require "bit"
local ffi = require "ffi"
local core = require "boltz.core"
local clock = require "boltz.emulator.clock"
local control = require "boltz.emulator.control"
local emulator = require "boltz.emulator"
local fault_text = require "boltz.emulator.fault_text"
local files = require "boltz.emulator.files"
local process = require "boltz.emulator.process"

ffi.cdef[[
  struct pollfd { int fd; short events; short revents; };
  int poll(struct pollfd *descriptors, unsigned long count, int timeout);
]]

local carrier = {}

local POLLERR = 8
local WATCH = 0.2 -- seconds between two looks at the parent process, and for signals
local CLOSE = 444 -- nginx: close the connection and send nothing more

local service, options, port

-- A clock that shows a time now, and runs on.
local function clock_from(time)
  local ahead = clock.parse(time) - core.now()
  return function() return core.now() + ahead end
end

--- Makes the emulator, before the first request.
-- @param given folder, tls, latency (s), parent (process id; nil: it lives on without), clock (at
-- what time it starts; nil: now), and `emulator`: its own options
function carrier.init(given)
  options, port = given, os.getenv("BOLTZ_EMULATOR_PORT")
  given.emulator.now = given.clock and clock_from(given.clock)
  service = emulator.new(given.emulator)
  for _, fault in ipairs(fault_text.read_all(files.read(given.folder, "faults"))) do
    service:fault(fault)
  end
end

--- Whether standard output is a pipe that nobody reads any more.
local function is_abandoned()
  local descriptor = ffi.new("struct pollfd", { fd = 1 })
  return ffi.C.poll(descriptor, 1, 0) > 0 and bit.band(descriptor.revents, POLLERR) ~= 0
end

-- A test that is killed takes nobody along, and one that fails may forget it: the emulator itself
-- must notice. (A Lua that collects a pipe of popen closes it, and then waits for the process.)
--
-- Without a parent this only wakes nginx, which would sleep over a signal that came just before it
-- went to sleep for the first time.
local function stop_with_parent()
  if options.parent and (process.parent() ~= options.parent or is_abandoned()) then
    process.signal(process.id(), process.TERM)
  end
end

--- Says where the emulator is, now that it listens.
function carrier.start()
  files.tidy(options.folder)
  local url = ("%s://127.0.0.1:%s"):format(options.tls and "https" or "http", port)
  local lines = {
    "boltz emulator listening on " .. url,
    "BOLTZ_BASE_URL=" .. url,
    "BOLTZ_API_KEY=" .. service.admin_key,
  }
  if options.tls then lines[#lines + 1] = "CA_FILE=" .. files.certificate(options.folder) end
  lines[#lines + 1] = "PID=" .. process.id()
  io.stdout:write(table.concat(lines, "\n"), "\n")
  io.stdout:flush()
  if not options.parent then process.silence(1, 2) end
  assert(ngx.timer.every(WATCH, stop_with_parent))
end

function carrier.stop()
  files.remove(options.folder)
end

--- The path as it was sent: nginx's own decoding would make two segments of `a%2Fb`.
local function target()
  local path, query = ngx.var.request_uri:match("^([^?]*)%??(.*)$")
  return path:gsub("^%a+://[^/]*", ""), query
end

local function request_body()
  ngx.req.read_body()
  return ngx.req.get_body_data()
end

local function dispatch(body)
  local method = ngx.req.get_method()
  local path, query = target()
  if path:find("^/_emulator/") then return control.handle(service, method, path, body) end
  return service:handle(method, path, query, ngx.req.get_headers(0), body, ngx.var.remote_addr)
end

local function send(status, headers, body, wire)
  ngx.status = status
  for name, value in pairs(headers) do ngx.header[name] = value end
  ngx.header["Content-Length"] = #body
  if not wire.truncate then return ngx.print(body) end
  ngx.req.clear_header("Accept-Encoding") -- gzip would take back the length that is promised
  ngx.print(body:sub(1, wire.truncate))
  ngx.flush(true)
  ngx.exit(CLOSE)
end

local function log_mistake(err)
  io.stderr:write("boltz-emulator: ", debug.traceback(tostring(err), 2), "\n")
end

--- Answers one request.
function carrier.serve()
  local ok, status, headers, body, wire = xpcall(dispatch, log_mistake, request_body())
  if not ok then return ngx.exit(500) end
  wire = wire or {}
  local latency = options.latency + (wire.latency or 0)
  if latency > 0 then
    ngx.update_time() -- timers count from the time nginx looked last, which would be too early
    ngx.sleep(latency)
  end
  if wire.drop then return ngx.exit(CLOSE) end
  send(status, headers, body, wire)
end

return carrier
