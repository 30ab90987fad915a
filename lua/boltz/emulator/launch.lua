-- SPDX-License-Identifier: MIT
-- The first half of bin/boltz-emulator's start. nginx refuses to listen on port 0, "any free one",
-- and tries a port that is taken for 2.5 s. So a first nginx, which only reads its configuration,
-- runs this: bind a socket, note the port, and become the nginx that serves on it, or start that.
-- The socket stays open: it never listens, so nginx may bind beside it (both have SO_REUSEADDR),
-- but no other process is given the port in between. (Handing it over through $NGINX would be the
-- plain way, but nginx 1.22 crashes on an inherited socket when it runs as one process.)
--
-- A first nginx and not a script, because nginx's Lua surely has an FFI. Structures and constants
-- are those of Linux.

local ffi = require "ffi"
local beside = require "boltz.emulator.beside"
local clock = require "boltz.emulator.clock"
local fault_text = require "boltz.emulator.fault_text"
local files = require "boltz.emulator.files"
local process = require "boltz.emulator.process"

ffi.cdef[[
  struct boltz_sockaddr_in { uint16_t family, port; uint32_t address; uint8_t zero[8]; };
  int socket(int domain, int type, int protocol);
  int setsockopt(int fd, int level, int name, const void *value, uint32_t length);
  int bind(int fd, const struct boltz_sockaddr_in *address, uint32_t length);
  int getsockname(int fd, struct boltz_sockaddr_in *address, uint32_t *length);
  uint16_t htons(uint16_t host);
  uint32_t htonl(uint32_t host);
]]

local C = ffi.C
local AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR = 2, 1, 1, 2
local LOOPBACK = 0x7f000001

local function fail(folder, message, status)
  files.remove(folder)
  io.stderr:write("boltz-emulator: ", message, "\n")
  os.exit(status or 1)
end

--- Binds a port of 127.0.0.1; 0 is any free one.
-- @return the port, or nil and the reason
local function reserve(port)
  local address = ffi.new("struct boltz_sockaddr_in", AF_INET, C.htons(port), C.htonl(LOOPBACK))
  local size = ffi.new("uint32_t[1]", ffi.sizeof(address))
  local fd = C.socket(AF_INET, SOCK_STREAM, 0)
  if fd < 0 then return nil, process.reason() end
  C.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ffi.new("int[1]", 1), ffi.sizeof("int"))
  if C.bind(fd, address, size[0]) ~= 0 or C.getsockname(fd, address, size) ~= 0 then
    return nil, process.reason()
  end
  return C.htons(address.port)
end

local HTTP2_DIRECTIVE = 1025001 -- nginx 1.25.1, which warns of the parameter that there was before

local function listen(port, tls)
  local address = "listen 127.0.0.1:" .. port
  if not tls then return address .. ";\n" end
  if ngx.config.nginx_version < HTTP2_DIRECTIVE then return address .. " ssl http2;\n" end
  return address .. " ssl;\nhttp2 on;\n"
end

-- What is wrong with the options that the shell could not judge, or nil.
local function mistake_in(options)
  if options.clock and not clock.parse(options.clock) then
    return ("--clock expects a time such as 2026-04-01T12:00:00Z, got '%s'"):format(options.clock)
  end
  local _, mistake = fault_text.read_all(files.read(options.folder, "faults"))
  return mistake and "--fault: " .. mistake
end

--- Replaces this process by the nginx that serves, or starts that beside it.
-- @param options nginx (its path), folder (with serve.conf; gets listen.conf), port, tls, clock,
-- and the way: "alone", "beside" a command, or in the "background"
return function(options)
  local folder = options.folder
  local ok, message = pcall(require, "boltz.core")
  if not ok then
    fail(folder, "nginx's LuaJIT cannot load boltz.core: " .. message)
  end
  local mistake = mistake_in(options)
  if mistake then fail(folder, mistake, 2) end
  local port, problem = reserve(options.port)
  if not port then
    fail(folder, ("cannot listen on 127.0.0.1:%d: %s"):format(options.port, problem))
  end
  local file = assert(io.open(folder .. "/listen.conf", "w"))
  file:write(listen(port, options.tls))
  file:close()
  local function serve()
    process.set_environment("BOLTZ_EMULATOR_PORT", tostring(port))
    process.become{ options.nginx, "-p", folder, "-e", "/dev/null", "-c", folder .. "/serve.conf" }
    fail(folder, "cannot run " .. options.nginx .. ": " .. process.reason())
  end
  if options.way == "beside" then
    beside.run(folder, serve)
  elseif options.way == "background" then
    beside.leave(folder, serve)
  else
    serve()
  end
end
