/* SPDX-License-Identifier: MIT */
#include "numbers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/compat.h"
#include "skip.h"

#define ALWAYS_EXACT 15      /* digits */
#define DIGITS_OF_DOUBLE 310 /* the largest one has 309, and a sign */

/* 2^63: from here on the OpenResty branch of lua-cjson, 2.1.0.11, reads the largest long long. */
#define BEYOND_LONG_LONG 9223372036854775808.0

/* Bytes that are no part of UTF-8: where a text has them, it has brought them itself. */
static char find_mark (const char *text, size_t length) {
  for (int byte = 0xFF; byte >= 0xF5; byte--) {
    if (memchr(text, byte, length) == NULL) return (char)byte;
  }
  return '\0';
}

typedef enum form { AS_IT_IS, AS_TEXT, AS_NUMBER } form;

static int is_exact (double number, const char *digits) {
  char text[DIGITS_OF_DOUBLE + 2];
  (void)snprintf(text, sizeof text, "%.0f", number);
  return strcmp(text, digits) == 0;
}

/* What becomes of a whole number, whose text is on top.   [-0, +0, -] */
static form form_of_whole (lua_State *L, const char *digits, size_t length) {
  if (boltz_pushwholetext(L, digits)) {
    lua_pop(L, 1);
    return AS_NUMBER;
  }
  if (length > DIGITS_OF_DOUBLE) return AS_TEXT;
  double number = (double)lua_tonumber(L, -1);
  if (!is_exact(number, digits)) return AS_TEXT;
  return fabs(number) < BEYOND_LONG_LONG ? AS_IT_IS : AS_NUMBER;
}

static form form_of (lua_State *L, const char *number, size_t length) {
  size_t digits = strspn(number, "-0123456789");
  int whole = digits >= length;
  if (whole && length <= ALWAYS_EXACT) return AS_IT_IS;
  lua_pushlstring(L, number, length);
  form found = AS_IT_IS;
  if (whole)
    found = form_of_whole(L, lua_tostring(L, -1), length);
  else if (isinf((double)lua_tonumber(L, -1)))
    found = AS_TEXT;
  lua_pop(L, 1);
  return found;
}

/* The next number from `at` on, or `end`. */
static const char *find_number (const char *at, const char *end) {
  while (at < end && *at != '-' && !(*at >= '0' && *at <= '9'))
    at = *at == '"' ? boltz_json_skip_string(at, end) : at + 1;
  return at;
}

static void add_quoted (luaL_Buffer *out, char mark, const char *number, size_t length) {
  luaL_addchar(out, '"');
  if (mark != '\0') luaL_addchar(out, mark);
  luaL_addlstring(out, number, length);
  luaL_addchar(out, '"');
}

int boltz_json_quotenumbers (lua_State *L, const char *text, size_t length, char *mark) {
  const char *end = text + length, *done = text;
  luaL_Buffer out;
  int found = 0;
  *mark = find_mark(text, length);
  luaL_buffinit(L, &out);
  for (const char *at = find_number(text, end); at < end;) {
    size_t size = strspn(at, "+-.0123456789eE");
    form become = form_of(L, at, size);
    if (become != AS_IT_IS) {
      luaL_addlstring(&out, done, (size_t)(at - done));
      add_quoted(&out, become == AS_NUMBER ? *mark : '\0', at, size);
      done = at + size;
      found = 1;
    }
    at = find_number(at + size, end);
  }
  luaL_addlstring(&out, done, (size_t)(end - done));
  luaL_pushresult(&out);
  if (!found) lua_pop(L, 1);
  return found;
}

int boltz_json_pushmarked (lua_State *L, int index, char mark) {
  const char *text = lua_tostring(L, index);
  if (mark == '\0' || *text != mark) return 0;
  if (boltz_pushwholetext(L, text + 1)) return 1;
  lua_pushstring(L, text + 1);
  lua_pushnumber(L, lua_tonumber(L, -1));
  lua_remove(L, -2);
  return 1;
}
