/* SPDX-License-Identifier: MIT */
#include "json_oracle.h"

#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 100

/* ---- reading: each function steps over what it reads, and says whether it was there */

typedef struct reader {
  const char *at;
  const char *end; /* here stands a NUL, so one byte of lookahead is always there */
  int mark;
  int depth;
} reader;

static bool read_value (lua_State *L, reader *r);

static void skip_blanks (reader *r) {
  while (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r') r->at++;
}

static bool skip (reader *r, char byte) {
  if (*r->at != byte) return false;
  r->at++;
  return true;
}

static bool skip_word (reader *r, const char *word) {
  size_t length = strlen(word);
  if (strncmp(r->at, word, length) != 0) return false;
  r->at += length;
  return true;
}

static bool is_digit (char byte) {
  return byte >= '0' && byte <= '9';
}

static bool skip_digits (reader *r) {
  if (!is_digit(*r->at)) return false;
  while (is_digit(*r->at)) r->at++;
  return true;
}

/* Whether all digits of a double are those of the text. */
static bool has_digits (double number, const char *text, size_t length) {
  char digits[400]; /* the largest double has 309 */
  int count = snprintf(digits, sizeof digits, "%.0f", number);
  return (size_t)count == length && memcmp(digits, text, length) == 0;
}

static void push_number (lua_State *L, const char *text, size_t length, bool whole) {
  errno = 0;
  long long integer = whole ? strtoll(text, NULL, 10) : 0;
  bool fits = whole && errno == 0;
  double number = strtod(text, NULL);
  if (fits)
    lua_pushinteger(L, integer);
  else if (isinf(number) || (whole && !has_digits(number, text, length)))
    lua_pushlstring(L, text, length);
  else
    lua_pushnumber(L, number);
}

static bool read_number (lua_State *L, reader *r) {
  const char *start = r->at;
  bool whole = true;
  skip(r, '-');
  if (!skip(r, '0') && !skip_digits(r)) return false;
  if (skip(r, '.')) {
    whole = false;
    if (!skip_digits(r)) return false;
  }
  if (skip(r, 'e') || skip(r, 'E')) {
    whole = false;
    if (!skip(r, '+')) skip(r, '-');
    if (!skip_digits(r)) return false;
  }
  push_number(L, start, (size_t)(r->at - start), whole);
  return true;
}

static bool read_unit (reader *r, unsigned long *unit) {
  char digits[5] = "";
  for (int i = 0; i < 4; i++) {
    if (*r->at == '\0' || strchr("0123456789ABCDEFabcdef", *r->at) == NULL) return false;
    digits[i] = *r->at++;
  }
  *unit = strtoul(digits, NULL, 16);
  return true;
}

/* The code point behind `\u`: one UTF-16 unit, or a pair of surrogates; of one alone U+FFFD. */
static bool read_code (reader *r, unsigned long *code) {
  unsigned long low;
  if (!read_unit(r, code)) return false;
  if (*code < 0xD800 || *code > 0xDFFF) return true;
  reader before = *r;
  if (*code > 0xDBFF || !skip_word(r, "\\u") || !read_unit(r, &low) || low < 0xDC00 ||
      low > 0xDFFF) {
    *r = before;
    *code = 0xFFFD;
    return true;
  }
  *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

static void add_code (luaL_Buffer *out, unsigned long code) {
  if (code < 0x80) {
    luaL_addchar(out, (char)code);
    return;
  }
  int continued = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned long lead[] = {0, 0xC0, 0xE0, 0xF0};
  luaL_addchar(out, (char)(lead[continued] | code >> (6 * continued)));
  while (continued-- > 0) luaL_addchar(out, (char)(0x80 | (code >> (6 * continued) & 0x3F)));
}

static bool read_escape (reader *r, luaL_Buffer *out) {
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  unsigned long code;
  if (skip(r, 'u')) {
    if (!read_code(r, &code)) return false;
    add_code(out, code);
    return true;
  }
  const char *letter = *r->at != '\0' ? strchr(letters, *r->at) : NULL;
  if (letter == NULL) return false;
  luaL_addchar(out, meant[letter - letters]);
  r->at++;
  return true;
}

static bool read_string (lua_State *L, reader *r) {
  luaL_Buffer out;
  if (!skip(r, '"')) return false;
  luaL_buffinit(L, &out);
  while (*r->at != '"') {
    if (*r->at == '\0') return false;
    if (!skip(r, '\\'))
      luaL_addchar(&out, *r->at++);
    else if (!read_escape(r, &out))
      return false;
  }
  r->at++;
  luaL_pushresult(&out);
  return true;
}

static bool read_array (lua_State *L, reader *r) {
  lua_newtable(L);
  lua_pushvalue(L, r->mark);
  lua_setmetatable(L, -2);
  skip_blanks(r);
  if (skip(r, ']')) return true;
  for (lua_Integer position = 1;; position++) {
    if (!read_value(L, r)) return false;
    lua_rawseti(L, -2, position);
    if (skip(r, ']')) return true;
    if (!skip(r, ',')) return false;
  }
}

static bool read_object (lua_State *L, reader *r) {
  lua_newtable(L);
  skip_blanks(r);
  if (skip(r, '}')) return true;
  for (;;) {
    skip_blanks(r);
    if (!read_string(L, r)) return false;
    skip_blanks(r);
    if (!skip(r, ':') || !read_value(L, r)) return false;
    lua_rawset(L, -3);
    if (skip(r, '}')) return true;
    if (!skip(r, ',')) return false;
  }
}

static bool read_nested (lua_State *L, reader *r) {
  if (++r->depth > DEPTH) return false;
  luaL_checkstack(L, 8, NULL);
  bool read = skip(r, '[') ? read_array(L, r) : skip(r, '{') && read_object(L, r);
  r->depth--;
  return read;
}

static bool read_word (lua_State *L, reader *r) {
  if (skip_word(r, "null"))
    lua_pushlightuserdata(L, NULL);
  else if (skip_word(r, "true"))
    lua_pushboolean(L, 1);
  else if (skip_word(r, "false"))
    lua_pushboolean(L, 0);
  else
    return false;
  return true;
}

/* A value, and the blanks on both sides of it. */
static bool read_value (lua_State *L, reader *r) {
  skip_blanks(r);
  char first = *r->at;
  bool read = first == '"'                      ? read_string(L, r)
              : first == '-' || is_digit(first) ? read_number(L, r)
              : first == '[' || first == '{'    ? read_nested(L, r)
                                                : read_word(L, r);
  skip_blanks(r);
  return read;
}

bool oracle_read (lua_State *L, const char *text, size_t length, int mark) {
  int top = lua_gettop(L);
  reader r = {text, text + length, mark, 0};
  if (read_value(L, &r) && r.at == r.end) return true;
  lua_settop(L, top);
  return false;
}

/* ---- comparing */

static bool same_number (lua_State *L, int expected, int actual, oracle_way way) {
  if (lua_type(L, actual) != LUA_TNUMBER) return false;
  if (way == ORACLE_TEXT) return lua_compare(L, expected, actual, LUA_OPEQ);
  if (way == ORACLE_CORE && lua_isinteger(L, expected))
    return lua_isinteger(L, actual) && lua_compare(L, expected, actual, LUA_OPEQ);
  lua_Number number = lua_tonumber(L, expected); /* of an integer, what a double keeps of it */
  lua_Integer whole;
  bool settled = way == ORACLE_CORE && lua_numbertointeger(number, &whole);
  if (settled && (lua_Number)whole == number) {
    return lua_isinteger(L, actual) && lua_tointeger(L, actual) == whole;
  }
  return !lua_isinteger(L, actual) && lua_tonumber(L, actual) == number;
}

static bool is_array (lua_State *L, int table) {
  bool array;
  if (luaL_getmetafield(L, table, "__jsontype") != LUA_TNIL)
    array = strcmp(lua_tostring(L, -1), "array") == 0;
  else
    array = lua_rawgeti(L, table, 1) != LUA_TNIL;
  lua_pop(L, 1);
  return array;
}

static size_t count_entries (lua_State *L, int table) {
  size_t count = 0;
  lua_pushnil(L);
  for (; lua_next(L, table) != 0; lua_pop(L, 1)) count++;
  return count;
}

static bool same_table (lua_State *L, int expected, int actual, oracle_way way) {
  luaL_checkstack(L, 8, NULL);
  if (!lua_istable(L, actual)) return false;
  bool marked = lua_getmetatable(L, actual);
  lua_settop(L, lua_gettop(L) - marked);
  if (marked != (way != ORACLE_CJSON && is_array(L, expected))) return false;
  size_t count = 0;
  bool same = true;
  lua_pushnil(L);
  while (same && lua_next(L, expected) != 0) {
    int value = lua_gettop(L);
    lua_pushvalue(L, value - 1);
    lua_rawget(L, actual);
    same = oracle_same(L, value, value + 1, way);
    if (!lua_isnil(L, value + 1)) count++;
    lua_settop(L, value - 1);
  }
  return same && count == count_entries(L, actual);
}

bool oracle_same (lua_State *L, int expected, int actual, oracle_way way) {
  switch (lua_type(L, expected)) {
    case LUA_TTABLE:
      return same_table(L, expected, actual, way);
    case LUA_TNUMBER:
      return same_number(L, expected, actual, way);
    case LUA_TLIGHTUSERDATA:
      if (way == ORACLE_CORE) return lua_isnil(L, actual);
      return lua_rawequal(L, expected, actual);
    default:
      return lua_rawequal(L, expected, actual);
  }
}
