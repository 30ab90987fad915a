/* SPDX-License-Identifier: MIT */
/*
** core.decode on any bytes: it takes all JSON, and otherwise only what lua-cjson takes, but no NUL;
** and what it makes of JSON, marks included, is what the oracle reads there.
*/
#include <string.h>

#include "fuzz.h"
#include "json_oracle.h"

#define CJSON_DECODE 2
#define MARK 3

void fuzz_setup (lua_State *L) {
  luaL_dostring(L, "local cjson = require 'cjson'.new() "
                   "cjson.decode_max_depth(100) cjson.decode_invalid_numbers(false) "
                   "return cjson.decode");
  lua_newtable(L);
  fuzz_callcore(L, "array", 1, 1);
  lua_getmetatable(L, -1);
  lua_replace(L, MARK);
}

void fuzz_one (lua_State *L, fuzz_input *in) {
  size_t length = in->left;
  fuzz_pushbytes(L, in, length);
  int text = lua_gettop(L);
  lua_pushvalue(L, text);
  fuzz_callcore(L, "decode", 1, 2);
  int actual = text + 1, message = text + 2;
  bool taken = lua_isnil(L, message);
  if (!taken && (!lua_isnil(L, actual) || lua_type(L, message) != LUA_TSTRING)) {
    fuzz_fail("refused with a %s and a %s", luaL_typename(L, actual), luaL_typename(L, message));
  }
  lua_pushvalue(L, CJSON_DECODE);
  lua_pushvalue(L, text);
  const char *bytes = lua_tostring(L, text);
  bool takable = lua_pcall(L, 1, 1, 0) == LUA_OK && strlen(bytes) == length;
  if (taken != takable) fuzz_fail(taken ? "taken" : "refused: %s", lua_tostring(L, message));
  bool is_json = oracle_read(L, bytes, length, MARK);
  if (is_json && !taken) fuzz_fail("JSON, but refused: %s", lua_tostring(L, message));
  if (is_json && !oracle_same(L, lua_gettop(L), actual, ORACLE_CORE)) fuzz_fail("another value");
}
