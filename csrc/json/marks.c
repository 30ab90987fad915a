/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include <string.h>

#include "lua/compat.h"

static void open_mark (lua_State *L, const char *name) {
  luaL_newmetatable(L, name);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "array");
  lua_setfield(L, -2, "__jsontype");
  lua_pop(L, 1);
}

void boltz_json_openmarks (lua_State *L) {
  open_mark(L, BOLTZ_ARRAY_MARK);
  open_mark(L, BOLTZ_HOLES_MARK);
}

void boltz_json_pusharraymark (lua_State *L) {
  luaL_getmetatable(L, BOLTZ_ARRAY_MARK);
}

int boltz_json_ismarked (lua_State *L, int index, const char *type) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return 0;
  lua_pushliteral(L, "__jsontype");
  lua_rawget(L, -2);
  int marked = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), type) == 0;
  lua_pop(L, 2);
  return marked;
}

int boltz_json_array (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  boltz_json_pusharraymark(L);
  lua_setmetatable(L, 1);
  return 1;
}

int boltz_json_isarray (lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, boltz_json_ismarked(L, 1, "array"));
  return 1;
}

int boltz_json_hasnulls (lua_State *L) {
  luaL_checkany(L, 1);
  int same = 0;
  if (lua_getmetatable(L, 1)) {
    luaL_getmetatable(L, BOLTZ_HOLES_MARK);
    same = lua_rawequal(L, -1, -2);
  }
  lua_pushboolean(L, same);
  return 1;
}
