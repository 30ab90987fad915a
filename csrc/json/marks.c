/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include <string.h>

#include "lua/compat.h"

/* In the registry: the marks of lists with nulls by their length, while a list has them. In such a
   mark: that length. */
#define NULLS "boltz.array.nulls"

/* Makes the metatable on top mark an array.   [-0, +0, m] */
static void fill_mark (lua_State *L) {
  lua_pushliteral(L, BOLTZ_ARRAY_MARK);
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "array");
  lua_setfield(L, -2, "__jsontype");
}

void boltz_json_openmarks (lua_State *L) {
  luaL_newmetatable(L, BOLTZ_ARRAY_MARK);
  fill_mark(L);
  luaL_newmetatable(L, NULLS); /* its own metatable */
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_pushvalue(L, -1);
  lua_setmetatable(L, -2);
  lua_pop(L, 2);
}

void boltz_json_pusharraymark (lua_State *L) {
  luaL_getmetatable(L, BOLTZ_ARRAY_MARK);
}

void boltz_json_pushnullsmark (lua_State *L, size_t length) {
  luaL_getmetatable(L, NULLS);
  lua_pushnumber(L, (lua_Number)length);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    fill_mark(L);
    lua_pushnumber(L, (lua_Number)length);
    lua_setfield(L, -2, NULLS);
    lua_pushnumber(L, (lua_Number)length);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

size_t boltz_json_lengthwithnulls (lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return 0;
  lua_pushliteral(L, NULLS);
  lua_rawget(L, -2);
  lua_Number length = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
  lua_pop(L, 2);
  return length >= 1 ? (size_t)length : 0;
}

/* ---- of lua-cjson's OpenResty branch */

#define CJSON_ARRAY "boltz.cjson.array_mt" /* in the registry, as are the others */
#define CJSON_EMPTY "boltz.cjson.empty_array_mt"
#define CJSON_VALUE "boltz.cjson.empty_array"

static void adopt (lua_State *L, const char *field, int type, const char *name) {
  lua_getfield(L, -1, field);
  if (lua_type(L, -1) != type) {
    lua_pop(L, 1);
    lua_pushnil(L); /* another lua-cjson than the one before may have none */
  }
  lua_setfield(L, LUA_REGISTRYINDEX, name);
}

void boltz_json_adoptmarks (lua_State *L) {
  adopt(L, "array_mt", LUA_TTABLE, CJSON_ARRAY);
  adopt(L, "empty_array_mt", LUA_TTABLE, CJSON_EMPTY);
  adopt(L, "empty_array", LUA_TLIGHTUSERDATA, CJSON_VALUE);
}

/* Whether the value on top is what is kept under that name, and not nil.   [-0, +0, m] */
static int is_kept (lua_State *L, const char *name) {
  lua_getfield(L, LUA_REGISTRYINDEX, name);
  int same = !lua_isnil(L, -1) && lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return same;
}

/* Whether the table at `index` has elements, or has nothing.   [-0, +0, -] */
static int has_no_names_alone (lua_State *L, int index) {
  if (lua_rawlen(L, index) > 0) return 1;
  lua_pushnil(L);
  if (lua_next(L, index) == 0) return 1;
  lua_pop(L, 2);
  return 0;
}

/* Whether the metatable on top, of the table at `index`, marks it. lua-cjson heeds the second mark
   where names do not tell.   [-0, +0, m] */
static int is_cjsons (lua_State *L, int index) {
  return is_kept(L, CJSON_ARRAY) || (is_kept(L, CJSON_EMPTY) && has_no_names_alone(L, index));
}

int boltz_json_isemptyarray (lua_State *L, int index) {
  if (lua_touserdata(L, index) == NULL) return 0; /* null */
  lua_pushvalue(L, index);
  int same = is_kept(L, CJSON_VALUE);
  lua_pop(L, 1);
  return same;
}

/* ---- of any kind */

int boltz_json_ismarked (lua_State *L, int index, const char *type) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return 0;
  lua_pushliteral(L, "__jsontype");
  lua_rawget(L, -2);
  int named = lua_type(L, -1) == LUA_TSTRING;
  int marked = named && strcmp(lua_tostring(L, -1), type) == 0;
  lua_pop(L, 1);
  if (!named && strcmp(type, "array") == 0) marked = is_cjsons(L, index);
  lua_pop(L, 1);
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
  lua_pushboolean(L, boltz_json_ismarked(L, 1, "array") || boltz_json_isemptyarray(L, 1));
  return 1;
}

int boltz_json_hasnulls (lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, boltz_json_lengthwithnulls(L, 1) > 0);
  return 1;
}
