/* SPDX-License-Identifier: MIT */
#include "watcher.h"

int boltz_watcher_new (lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "built without epoll");
  return 2;
}

void boltz_watcher_open (lua_State *L) {
  (void)L;
}
