/* SPDX-License-Identifier: MIT */
#include "decode.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "measure.h"

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#endif

#define DECODE 1 /* where `cjson.decode` stands on the stack, always */

lua_State *bench_decoder (void) {
  lua_State *L = luaL_newstate();
  bench_need(L != NULL, "no memory for Lua");
  luaL_openlibs(L);
  bench_need(luaL_dostring(L, "return require('cjson').decode") == 0, "lua-cjson is missing");
  lua_settop(L, DECODE);
  return L;
}

/* Onto the stack. */
static void decode (lua_State *L, const char *text, size_t length) {
  lua_pushvalue(L, DECODE);
  lua_pushlstring(L, text, length);
  bench_need(lua_pcall(L, 1, 1, 0) == 0, "the answer is not JSON");
}

bool bench_decode_is (lua_State *L, const char *text, size_t length, const char *id) {
  decode(L, text, length);
  lua_getfield(L, -1, "id");
  const char *found = lua_tostring(L, -1);
  bool is = found != NULL && strcmp(found, id) == 0;
  lua_settop(L, DECODE);
  return is;
}

size_t bench_decode_page (lua_State *L, const char *text, size_t length, char *cursor,
                          size_t size) {
  decode(L, text, length);
  lua_getfield(L, -1, "data");
  size_t items = lua_rawlen(L, -1);
  lua_getfield(L, -2, "has_more");
  lua_getfield(L, -3, "last_id");
  const char *last = lua_toboolean(L, -2) ? lua_tostring(L, -1) : "";
  bench_need(last != NULL && strlen(last) < size, "the page has no cursor");
  snprintf(cursor, size, "%s", last);
  lua_settop(L, DECODE);
  return items;
}
