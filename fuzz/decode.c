/* SPDX-License-Identifier: MIT */
/*
** core.decode on any bytes: it takes all JSON, and otherwise only what lua-cjson takes, where a
** lone surrogate does no harm, but no NUL; and what it makes of JSON, marks included, is what the
** oracle reads there.
*/
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json_oracle.h"

#define CJSON_DECODE 2
#define MARK 3

const size_t fuzz_usual = 512;

void fuzz_setup (lua_State *L) {
  luaL_dostring(L, "local cjson = require 'cjson'.new() "
                   "cjson.decode_max_depth(100) cjson.decode_invalid_numbers(false) "
                   "return cjson.decode");
  lua_newtable(L);
  fuzz_callcore(L, "array", 1, 1);
  lua_getmetatable(L, -1);
  lua_replace(L, MARK);
}

/* The unit of the escape of a surrogate at `at`, or 0: there is none. */
static unsigned unit_at (const char *at) {
  char digits[5] = "";
  if (at[0] != '\\' || at[1] != 'u' || (at[2] != 'd' && at[2] != 'D')) return 0;
  for (int i = 0; i < 4; i++) {
    if (!isxdigit((unsigned char)at[2 + i])) return 0;
    digits[i] = at[2 + i];
  }
  return (unsigned)strtoul(digits, NULL, 16);
}

/* Pushes the text at `index` with U+FFFD for each lone surrogate; a NUL ends it. [-0, +1, m] */
static void push_mended (lua_State *L, int index) {
  luaL_Buffer mended;
  const char *at = lua_tostring(L, index);
  luaL_buffinit(L, &mended);
  while (*at != '\0') {
    unsigned unit = unit_at(at);
    bool surrogate = unit >= 0xD800 && unit <= 0xDFFF;
    bool paired = surrogate && unit < 0xDC00 && unit_at(at + 6) >= 0xDC00;
    size_t length = paired ? 12 : surrogate ? 6 : at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    luaL_addlstring(&mended, surrogate && !paired ? "\\ufffd" : at, length);
    at += length;
  }
  luaL_pushresult(&mended);
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
  push_mended(L, text);
  const char *bytes = lua_tostring(L, text);
  bool takable = lua_pcall(L, 1, 1, 0) == LUA_OK && strlen(bytes) == length;
  if (taken != takable) fuzz_fail(taken ? "taken" : "refused: %s", lua_tostring(L, message));
  bool is_json = oracle_read(L, bytes, length, MARK);
  if (is_json && !taken) fuzz_fail("JSON, but refused: %s", lua_tostring(L, message));
  if (is_json && !oracle_same(L, lua_gettop(L), actual, ORACLE_CORE)) fuzz_fail("another value");
}
