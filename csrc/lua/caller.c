/* SPDX-License-Identifier: MIT */
#include "caller.h"

#include <string.h>

#include "compat.h"

/* Pushes a place as Lua's own messages write it, or nil where there is no line.   [-0, +1, m] */
static void push_place (lua_State *L, const char *file, int line) {
  if (line > 0)
    lua_pushfstring(L, "%s:%d", file, line);
  else
    lua_pushnil(L);
}

int boltz_lua_caller (lua_State *L) {
  size_t length;
  const char *own = luaL_checklstring(L, 1, &length);
  lua_Debug about;
  for (int level = 1; lua_getstack(L, level, &about); level++) {
    lua_getinfo(L, "Sl", &about);
    if (about.currentline <= 0 || strncmp(about.source, own, length) == 0) continue;
    push_place(L, about.short_src, about.currentline);
    return 1;
  }
  lua_pushnil(L);
  return 1;
}

int boltz_lua_beginning (lua_State *L) {
  lua_Debug about;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_pushvalue(L, 1);
  lua_getinfo(L, ">S", &about);
  push_place(L, about.short_src, about.linedefined);
  lua_pushstring(L, about.source);
  return 2;
}
