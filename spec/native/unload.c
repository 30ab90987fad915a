/* SPDX-License-Identifier: MIT */
/*
** A host that goes on after lua_close. Lua unloads the modules that it has loaded, and with them
** would go libcurl, under the feet of a thread of its own that still asks for a host name. Unlike
** the other programs this one loads core.so.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "names.h"

static const char script[] =
    "package.cpath = '" NATIVE_CPATH ";' .. package.cpath\n"
    "local engine = require 'boltz.core'.engine()\n"
    "local transfer = engine:start {\n"
    "  method = 'GET', url = 'http://a.name/', headers = {}, timeout = 0.05,\n"
    "  max_response_bytes = 1000,\n"
    "}\n"
    "while not transfer:done() do engine:step(1) end\n"
    "assert(transfer:result().failure == 'timeout')\n";

static int has_other_threads (void) {
  struct stat folder;
  if (stat("/proc/self/task", &folder) != 0) abort();
  return folder.st_nlink > 3; /* itself, its parent, one thread */
}

int main (void) {
  names_init();
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_dostring(L, script) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return 1;
  }
  int waits = has_other_threads();
  lua_close(L);
  for (int i = 0; i < 8; i++) names_answer(); /* curl 8.23 asks twice: for IPv4 and for IPv6 */
  while (has_other_threads()) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  puts(waits ? "the thread came back" : "there was no thread to come back");
  return !waits;
}
