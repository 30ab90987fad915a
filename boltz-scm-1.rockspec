-- SPDX-License-Identifier: MIT
rockspec_format = "3.0"
package = "boltz"
version = "scm-1"
-- The sources are the folder of this file, a clone, with what is not committed yet. LuaRocks finds
-- the folder by `url`, goes by `file` to see how to unpack it, and leaves a Lua file as it is.
source = {
  url = "file://boltz-scm-1.rockspec",
  file = "boltz.lua",
  dir = ".",
}
description = {
  summary = "Client for the admin side of the Boltz API",
  detailed = [[
Workspaces, API keys, spending limits and usage of a Boltz organization, from Lua 5.5, 5.4, 5.3
and LuaJIT. A core in C speaks HTTP (libcurl) and JSON; lists are iterators; errors are values.]],
  license = "MIT",
  homepage = "https://api.boltz.bio",
  issues_url = "https://github.com/boltz-bio/boltz-lua/issues", -- once the repository is public
  labels = { "boltz", "api", "client", "http" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.1, < 5.6",
  "lua-cjson >= 2.1.0",
}
-- libcurl, 7.81 or later, is found by CMake: LuaRocks does not look into the folders where Debian
-- keeps its header.
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "RelWithDebInfo",
    CMAKE_C_FLAGS = "$(CFLAGS)",
    BOLTZ_LUA_INCLUDE_DIR = "$(LUA_INCDIR)",
    BOLTZ_INSTALL_LIBDIR = "$(LIBDIR)",
    BOLTZ_INSTALL_LUADIR = "$(LUADIR)",
    BOLTZ_INSTALL_BINDIR = "$(BINDIR)",
    BOLTZ_ROCK = "ON",
  },
}
test = {
  type = "command",
  command = "make test",
}
