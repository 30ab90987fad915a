/* SPDX-License-Identifier: MIT */
/*
** The input is one path segment; it is also the names and values of a query, one a line; and a URL.
** Percent-decoded, escape_path and query give back what went in; parse_url finds both where they
** were put, and takes any text.
*/
#include <string.h>

#include "fuzz.h"

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define SEGMENT UNRESERVED "!$&'()*+,;=:@"

const size_t fuzz_usual = 128;

void fuzz_setup (lua_State *L) {
  (void)L;
}

static int digit_value (char digit) {
  static const char digits[] = "0123456789ABCDEF";
  const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
  if (found == NULL) fuzz_fail("not a hexadecimal digit: %d", digit);
  return (int)(found - digits);
}

/* Pushes what `text`, all of `allowed` and of %XX, stands for.   [-0, +1, m] */
static void push_decoded (lua_State *L, const char *text, size_t length, const char *allowed) {
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (size_t i = 0; i < length; i++) {
    if (text[i] != '%') {
      if (text[i] == '\0' || strchr(allowed, text[i]) == NULL) fuzz_fail("a bare %d", text[i]);
      luaL_addchar(&out, text[i]);
    } else {
      if (length - i < 3) fuzz_fail("cut short: %s", text);
      luaL_addchar(&out, (char)(digit_value(text[i + 1]) << 4 | digit_value(text[i + 2])));
      i += 2;
    }
  }
  luaL_pushresult(&out);
}

/* Expects that text[0..length) stands for the string at `original`. */
static void check_decoded (lua_State *L, int original, const char *text, size_t length,
                           const char *allowed) {
  push_decoded(L, text, length, allowed);
  if (!lua_rawequal(L, original, -1)) fuzz_fail("another text: %s", text);
  lua_pop(L, 1);
}

/* Each of the two leaves its text on the stack and returns where.   [-0, +1, m] */
static int check_segment (lua_State *L, int original) {
  size_t length;
  lua_pushvalue(L, original);
  fuzz_callcore(L, "escape_path", 1, 1);
  const char *text = lua_tolstring(L, -1, &length);
  check_decoded(L, original, text, length, SEGMENT);
  return lua_gettop(L);
}

static int check_query (lua_State *L, int list) {
  size_t length;
  lua_pushvalue(L, list);
  fuzz_callcore(L, "query", 1, 1);
  int query = lua_gettop(L);
  const char *at = lua_tolstring(L, query, &length), *end = at + length;
  size_t count = lua_rawlen(L, list) / 2 * 2;
  for (size_t i = 1; i <= count; i++) {
    bool is_name = i % 2 == 1;
    const char *stop = memchr(at, is_name ? '=' : '&', (size_t)(end - at));
    if (is_name ? stop == NULL : (stop == NULL) != (i == count)) fuzz_fail("pairs: %s", at);
    if (stop == NULL) stop = end;
    lua_rawgeti(L, list, (lua_Integer)i);
    check_decoded(L, query + 1, at, (size_t)(stop - at), UNRESERVED);
    lua_pop(L, 1);
    at = stop < end ? stop + 1 : end;
  }
  if (at != end) fuzz_fail("behind the last pair: %s", at);
  return query;
}

static void check_field (lua_State *L, int url, const char *field, const char *expected) {
  lua_getfield(L, url, field);
  if (lua_type(L, -1) != LUA_TSTRING || strcmp(lua_tostring(L, -1), expected) != 0) {
    fuzz_fail("%s is %s, not %s", field, luaL_tolstring(L, -1, NULL), expected);
  }
  lua_pop(L, 1);
}

/* Segment and query are found again in the URL that they are put into. */
static void check_parts (lua_State *L, int segment, int query) {
  const char *name = lua_tostring(L, segment);
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return; /* lua/ refuses such ids */
  const char *path = lua_pushfstring(L, "/base/%s", name);
  const char *rest = lua_pushfstring(L, "limit=1&%s", lua_tostring(L, query));
  lua_pushfstring(L, "https://api.example%s?%s#end", path, rest);
  fuzz_callcore(L, "parse_url", 1, 1);
  int url = lua_gettop(L);
  if (!lua_istable(L, url)) fuzz_fail("no URL: %s?%s", path, rest);
  check_field(L, url, "scheme", "https");
  check_field(L, url, "host", "api.example");
  check_field(L, url, "port", "443");
  check_field(L, url, "path", path);
  check_field(L, url, "query", rest);
  check_field(L, url, "fragment", "end");
}

/* Pushes the list of the lines of `in`, and says whether all are strings: "!" is made a number. */
static bool push_lines (lua_State *L, fuzz_input *in) {
  bool strings = true;
  lua_newtable(L);
  for (lua_Integer i = 1; in->left > 0; i++) {
    fuzz_pushuntil(L, in, '\n');
    if (strcmp(lua_tostring(L, -1), "!") == 0) {
      lua_pop(L, 1);
      lua_pushinteger(L, i);
      strings = false;
    }
    lua_rawseti(L, -2, i);
  }
  return strings;
}

static void check_any_url (lua_State *L, int text) {
  lua_pushvalue(L, text);
  fuzz_callcore(L, "parse_url", 1, 2);
  bool parsed = lua_istable(L, -2);
  if (!parsed && !(lua_isnil(L, -2) && lua_type(L, -1) == LUA_TSTRING)) {
    fuzz_fail("refused with a %s and a %s", luaL_typename(L, -2), luaL_typename(L, -1));
  }
  if (!parsed) return;
  if (strlen(lua_tostring(L, text)) != lua_rawlen(L, text)) fuzz_fail("cut short at a NUL");
  lua_getfield(L, -2, "scheme");
  if (lua_type(L, -1) != LUA_TSTRING) fuzz_fail("a URL without a scheme");
}

void fuzz_one (lua_State *L, fuzz_input *in) {
  fuzz_input all = *in;
  fuzz_pushbytes(L, &all, all.left);
  int text = lua_gettop(L), list = text + 1;
  check_any_url(L, text);
  lua_settop(L, text);
  if (push_lines(L, in)) {
    int segment = check_segment(L, text);
    int query = check_query(L, list);
    check_parts(L, segment, query);
  } else if (lua_rawlen(L, list) % 2 == 0) {
    lua_getfield(L, FUZZ_CORE, "query");
    lua_pushvalue(L, list);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) fuzz_fail("a number was taken: %s", lua_tostring(L, -1));
  }
}
