/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dladdr */
#include "cjson.h"

#include <dlfcn.h>
#include <string.h>

#include "lua/compat.h"
#include "marks.h"

static void refuse (lua_State *L, const char *what) {
  luaL_error(L, "boltz needs lua-cjson, and require \"cjson\" gives %s", what);
}

/* Pushes the function of that name in the table on top.   [-0, +1, e] */
static void push_function (lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  if (!lua_isfunction(L, -1)) refuse(L, lua_pushfstring(L, "a table without '%s'", name));
}

/* Calls the function `name` of the lua-cjson on top.   [-0, +0, e] */
static void configure (lua_State *L, const char *name, int argument) {
  push_function(L, name);
  if (argument == 0)
    lua_pushboolean(L, 0);
  else
    lua_pushinteger(L, argument);
  lua_call(L, 1, 0);
}

/*
** When a state closes, LuaJIT unloads the modules in C before it runs the finalizers of what is
** older than they are. One of those may still have JSON to read; so the library stays.
*/
static void keep_loaded (lua_CFunction function) {
  Dl_info info;
  void *address, *library;
  memcpy(&address, &function, sizeof address); /* ISO C has no cast for it */
  if (address == NULL || dladdr(address, &info) == 0 || info.dli_fname == NULL) return;
  library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  if (library != NULL) dlclose(library);
}

/* What the decode function on top makes of a text; nil where it fails.   [-0, +1, e] */
static void push_decoded (lua_State *L, const char *text) {
  lua_pushvalue(L, -1);
  lua_pushstring(L, text);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_ERRMEM) lua_error(L);
  if (status == 0) return;
  lua_pop(L, 1);
  lua_pushnil(L);
}

/* Whether the decode function on top reads one text, and fails with another.   [-0, +0, e] */
static int can_decode (lua_State *L) {
  int top = lua_gettop(L);
  push_decoded(L, "[1,null]");
  int reads = lua_istable(L, -1);
  if (reads) {
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    reads = lua_tonumber(L, -2) == 1 && lua_islightuserdata(L, -1);
  }
  lua_settop(L, top);
  push_decoded(L, "[1");
  int fails = lua_isnil(L, -1);
  lua_settop(L, top);
  return reads && fails;
}

void boltz_json_pushcjson (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  lua_call(L, 1, 1);
  if (!lua_istable(L, -1)) refuse(L, lua_pushfstring(L, "a %s", luaL_typename(L, -1)));
  push_function(L, "new");
  lua_replace(L, -2);
  lua_pushvalue(L, -1);
  lua_call(L, 0, 1); /* a copy: the host's settings are neither used nor changed */
  if (!lua_istable(L, -1)) refuse(L, "one whose 'new' makes no table");
  boltz_json_adoptmarks(L);
  configure(L, "decode_max_depth", BOLTZ_JSON_DEPTH);
  configure(L, "decode_invalid_numbers", 0);
  push_function(L, "decode");
  lua_replace(L, -2);
  if (!can_decode(L)) refuse(L, "one that does not read JSON as lua-cjson does");
  keep_loaded(lua_tocfunction(L, -1));
  lua_insert(L, -2);
}
