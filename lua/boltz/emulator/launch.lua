-- SPDX-License-Identifier: MIT
-- The first half of bin/boltz-emulator's start. nginx refuses to listen on port 0, "any free one",
-- and tries a port that is taken for 2.5 s. So a first nginx, which only reads its configuration,
-- runs this: bind a socket, note the port, and become the nginx that serves on it. The socket stays
-- open: it never listens, so nginx may bind beside it (both have SO_REUSEADDR), but nobody else is
-- given the port in between. (Handing it over through $NGINX would be the plain way, but nginx 1.22
-- crashes on an inherited socket when it runs as one process.)
--
-- A first nginx and not a script, because nginx's Lua surely has an FFI. Structures and constants
-- are those of Linux.

local ffi = require "ffi"
local files = require "boltz.emulator.files"

ffi.cdef[[
  struct boltz_sockaddr_in { uint16_t family, port; uint32_t address; uint8_t zero[8]; };
  int socket(int domain, int type, int protocol);
  int setsockopt(int fd, int level, int name, const void *value, uint32_t length);
  int bind(int fd, const struct boltz_sockaddr_in *address, uint32_t length);
  int getsockname(int fd, struct boltz_sockaddr_in *address, uint32_t *length);
  uint16_t htons(uint16_t host);
  uint32_t htonl(uint32_t host);
  char *strerror(int code);
  int setenv(const char *name, const char *value, int overwrite);
  int execv(const char *path, const char *const argv[]);
]]

local C = ffi.C
local AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR = 2, 1, 1, 2
local LOOPBACK = 0x7f000001

local function fail(folder, message)
  files.remove(folder)
  io.stderr:write("boltz-emulator: ", message, "\n")
  os.exit(1)
end

local function reason()
  return ffi.string(C.strerror(ffi.errno()))
end

--- Binds a port of 127.0.0.1; 0 is any free one.
-- @return the port, or nil and the reason
local function reserve(port)
  local address = ffi.new("struct boltz_sockaddr_in", AF_INET, C.htons(port), C.htonl(LOOPBACK))
  local size = ffi.new("uint32_t[1]", ffi.sizeof(address))
  local fd = C.socket(AF_INET, SOCK_STREAM, 0)
  if fd < 0 then return nil, reason() end
  C.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ffi.new("int[1]", 1), ffi.sizeof("int"))
  if C.bind(fd, address, size[0]) ~= 0 or C.getsockname(fd, address, size) ~= 0 then
    return nil, reason()
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

--- Replaces this process by the nginx that serves.
-- @param options nginx (its path), folder (with serve.conf; gets listen.conf), port, tls
return function(options)
  local folder = options.folder
  local ok, message = pcall(require, "boltz.core")
  if not ok then
    fail(folder, "nginx's LuaJIT cannot load boltz.core: " .. message)
  end
  local port, problem = reserve(options.port)
  if not port then
    fail(folder, ("cannot listen on 127.0.0.1:%d: %s"):format(options.port, problem))
  end
  local file = assert(io.open(folder .. "/listen.conf", "w"))
  file:write(listen(port, options.tls))
  file:close()
  C.setenv("BOLTZ_EMULATOR_PORT", tostring(port), 1)
  local words = { options.nginx, "-p", folder, "-e", "/dev/null", "-c", folder .. "/serve.conf" }
  local argv = ffi.new("const char *[?]", #words + 1) -- zeroed, so it ends in NULL
  for i, word in ipairs(words) do argv[i - 1] = word end
  C.execv(options.nginx, argv)
  fail(folder, "cannot run " .. options.nginx .. ": " .. reason())
end
