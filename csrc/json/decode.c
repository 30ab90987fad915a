/* SPDX-License-Identifier: MIT */
/*
** lua-cjson turns text into tables; `settle` then makes of them what the module promises: null is
** an absent field unless it is kept, a whole number an integer, and an array carries its mark.
**
** lua-cjson leaves no trace of whether an empty table was `[]` or `{}`. A text that holds only one
** of the two, which nearly all do, answers that for all its empty tables at once. For a text with
** both, `mark` walks text and tables side by side.
*/
#include "decode.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cjson.h"
#include "count.h"
#include "lua/compat.h"
#include "marks.h"
#include "numbers.h"
#include "skip.h"
#include "surrogates.h"

/* Upvalues of the decode function. */
#define CJSON_DECODE lua_upvalueindex(1)
#define MARK lua_upvalueindex(2)
#define CJSON_NEW lua_upvalueindex(3)
#define SEPARATOR lua_upvalueindex(4) /* of decimals, that lua-cjson knows of */

/* Marks the table at `index` as an array, of a length where nulls were in it, or takes its mark. */
static void mark_as (lua_State *L, int index, int array, size_t length_with_nulls) {
  if (array && length_with_nulls > 0)
    boltz_json_pushnullsmark(L, length_with_nulls);
  else if (array)
    lua_pushvalue(L, MARK);
  else
    lua_pushnil(L);
  lua_setmetatable(L, index);
}

/* What is known of a text whose values are settled, and what is found out. */
typedef struct settling {
  int empty_is_array;
  char mark;      /* of strings that are integers, see numbers.h; NUL: there are none */
  int keep_nulls; /* they stay light userdata */
  int doubtful;   /* a number may be another than the text's */
} settling;

static void settle_table (lua_State *L, settling *s);

static int push_number (lua_State *L, settling *s) {
  if (boltz_isinteger(L, -1)) {
    if (boltz_islimit(L, -1)) s->doubtful = 1;
    return 0;
  }
  lua_Number number = lua_tonumber(L, -1);
  if (fabs((double)number) >= BOLTZ_JSON_DOUBTFUL) s->doubtful = 1;
  return boltz_pushwhole(L, number);
}

/* Pushes what the value on top, of that type, is to be, unless it stays what it is.
   [-0, +(0|1), m] */
static int push_settled (lua_State *L, settling *s, int type) {
  switch (type) {
    case LUA_TTABLE:
      settle_table(L, s);
      return 0;
    case LUA_TNUMBER:
      return push_number(L, s);
    case LUA_TSTRING:
      return boltz_json_pushmarked(L, -1, s->mark);
    default:
      return 0;
  }
}

/*
** Settles the table on top, and all below it. Changing and clearing fields that exist is what
** `next` allows during a traversal.   [-0, +0, m]
*/
static void settle_table (lua_State *L, settling *s) {
  luaL_checkstack(L, 5, "answer nested too deep");
  int table = lua_gettop(L);
  int array = -1; /* unknown until the first key */
  int nulls = 0;
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) { /* key, value */
    count++;
    if (array < 0) array = lua_type(L, -2) == LUA_TNUMBER;
    int type = lua_type(L, -1);
    if (type == LUA_TLIGHTUSERDATA && !s->keep_nulls) { /* null */
      nulls = 1;
      lua_pushvalue(L, -2);
      lua_pushnil(L);
      lua_rawset(L, table);
    } else if ((type != LUA_TSTRING || s->mark != '\0') && push_settled(L, s, type)) {
      lua_pushvalue(L, -3);
      lua_insert(L, -2);
      lua_rawset(L, table);
    }
    lua_pop(L, 1);
  }
  if (array < 0 ? s->empty_is_array : array) mark_as(L, table, 1, nulls ? count : 0);
}

/*
** Whether `open`, blanks and `close` follow each other somewhere. One inside a string counts as
** well: that only sends a text to the slower way.
*/
static int has_empty (const char *text, size_t length, char open, char close) {
  const char *end = text + length;
  const char *at = text;
  while ((at = memchr(at, open, (size_t)(end - at))) != NULL) {
    do at++;
    while (at < end && strchr(" \t\r\n", *at) != NULL && *at != '\0');
    if (at < end && *at == close) return 1;
  }
  return 0;
}

/*
** The walk along the text. lua-cjson has accepted it, so its grammar need not be checked again;
** `end` bounds it all the same.
*/
typedef struct cursor {
  const char *at;
  const char *end;
  int keep_nulls;
} cursor;

static void skip_to (cursor *c, const char *stops) {
  while (c->at < c->end && (*c->at == '\0' || strchr(stops, *c->at) == NULL)) c->at++;
}

static void skip_blanks (cursor *c) {
  while (c->at < c->end && *c->at != '\0' && strchr(" \t\r\n", *c->at) != NULL) c->at++;
}

static char peek (cursor *c) {
  skip_blanks(c);
  return c->at < c->end ? *c->at : '\0';
}

/* Moves behind the string that starts here; says whether it holds escapes. */
static int skip_string (cursor *c) {
  const char *start = c->at;
  c->at = boltz_json_skip_string(start, c->end);
  return memchr(start, '\\', (size_t)(c->at - start)) != NULL;
}

/* Pushes the object key that starts here; lua-cjson reads it where it holds escapes. */
static void push_key (lua_State *L, cursor *c) {
  const char *start = c->at;
  int escapes = skip_string(c);
  if (!escapes) {
    lua_pushlstring(L, start + 1, (size_t)(c->at - start) - 2);
    return;
  }
  lua_pushvalue(L, CJSON_DECODE);
  lua_pushliteral(L, "[");
  lua_pushlstring(L, start, (size_t)(c->at - start));
  lua_pushliteral(L, "]");
  lua_concat(L, 3);
  lua_call(L, 1, 1);
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
}

/*
** Marks the value on top according to the text at `c`, and moves behind it. The value may be
** anything: of two equal keys only the last one's value is there, and the walk along the last one
** has the last word.   [-0, +0, m]
*/
static void mark (lua_State *L, cursor *c) {
  luaL_checkstack(L, 6, "answer nested too deep");
  int value = lua_gettop(L);
  char open = peek(c);
  if (open == '"') {
    skip_string(c);
    return;
  }
  if (open != '[' && open != '{') {
    skip_to(c, ",]} \t\r\n");
    return;
  }
  int array = open == '[';
  int table = lua_istable(L, value);
  char close = array ? ']' : '}';
  int nulls = 0;
  size_t count = 0;
  c->at++;
  while (c->at < c->end && peek(c) != close) {
    count++;
    if (array) {
      if (*c->at == 'n' && !c->keep_nulls) nulls = 1;
      lua_pushinteger(L, (lua_Integer)count);
    } else {
      push_key(L, c);
      skip_to(c, ":");
      c->at++;
    }
    if (table)
      lua_rawget(L, value);
    else
      lua_pushvalue(L, value);
    mark(L, c);
    lua_pop(L, table ? 1 : 2);
    if (peek(c) == ',') c->at++;
  }
  if (table) mark_as(L, value, array, nulls ? count : 0);
  c->at++;
}

/*
** lua-cjson learns the decimal separator when it is made, and reads `[1,5]` as one number when the
** host has since changed to a locale with a comma. Making another one, which is all that `new` is
** called for here, has it learn again.   [-0, +0, m]
*/
static void follow_locale (lua_State *L) {
  const char *separator = localeconv()->decimal_point;
  if (strcmp(separator, lua_tostring(L, SEPARATOR)) == 0) return;
  lua_pushvalue(L, CJSON_NEW);
  lua_call(L, 0, 0);
  lua_pushstring(L, separator);
  lua_replace(L, SEPARATOR);
}

#define TEXT 1
#define VALUE 2

/* Has lua-cjson read the text. If it cannot, what it says is in the value's place.
   [-0, +1, m] */
static int read_text (lua_State *L) {
  lua_settop(L, TEXT);
  lua_pushvalue(L, CJSON_DECODE);
  lua_pushvalue(L, TEXT);
  int status = lua_pcall(L, 1, 2, 0);
  if (status == LUA_ERRMEM) return lua_error(L);
  if (status == 0 && !lua_isnil(L, VALUE)) { /* null is a light userdata */
    lua_settop(L, VALUE);
    return 1;
  }
  if (status == 0) lua_remove(L, VALUE); /* cjson.safe raises nothing */
  if (lua_type(L, VALUE) != LUA_TSTRING) {
    lua_pushliteral(L, "lua-cjson does not say why");
    lua_replace(L, VALUE);
  }
  return 0;
}

/* The same, where half characters do no harm.   [-0, +1, m] */
static int read_mended (lua_State *L) {
  size_t length;
  const char *text = lua_tolstring(L, TEXT, &length);
  if (read_text(L)) return 1;
  if (!boltz_json_mendsurrogates(L, text, length)) return 0;
  lua_replace(L, TEXT);
  return read_text(L);
}

/* Settles the value. Says whether one of its numbers may be another than the text's.
   [-0, +0, m] */
static int settle (lua_State *L, char mark_of_integers, int keep_nulls) {
  size_t length;
  const char *text = lua_tolstring(L, TEXT, &length);
  int arrays = lua_istable(L, VALUE) && has_empty(text, length, '[', ']');
  settling s = {arrays, mark_of_integers, keep_nulls, 0};
  int type = lua_type(L, VALUE);
  int is_nil = type == LUA_TLIGHTUSERDATA && !keep_nulls;
  if (is_nil) lua_pushnil(L);
  if (is_nil || push_settled(L, &s, type)) lua_replace(L, VALUE);
  if (arrays && has_empty(text, length, '{', '}')) {
    cursor c = {text, text + length, keep_nulls};
    mark(L, &c);
  }
  return s.doubtful;
}

/* Reads the text a second time, with such numbers as strings, if there are any.   [-0, +0, m] */
static void settle_numbers (lua_State *L, int keep_nulls) {
  size_t length;
  const char *text = lua_tolstring(L, TEXT, &length);
  char mark_of_integers;
  if (!boltz_json_quotenumbers(L, text, length, &mark_of_integers)) return;
  lua_replace(L, TEXT);
  if (read_text(L)) settle(L, mark_of_integers, keep_nulls);
}

/* How many values decode's caller takes.   [-0, +0, v] */
static double most_values (lua_State *L) {
  double most = (double)luaL_optnumber(L, 2, HUGE_VAL);
  luaL_argcheck(L, most >= 0, 2, "below 0");
  return floor(most);
}

/* Whether the text has more values than that.   [-0, +0, -] */
static int is_excessive (lua_State *L, double most) {
  size_t length;
  const char *text = lua_tolstring(L, TEXT, &length);
  return most < (double)length && boltz_json_has_more_values(text, length, (size_t)most);
}

static int refuse_excessive (lua_State *L, double most) {
  char reason[80];
  (void)snprintf(reason, sizeof reason, "the answer has more than %.0f JSON values", most);
  lua_pushnil(L);
  lua_pushstring(L, reason);
  lua_pushboolean(L, 1);
  return 3;
}

/* Whether lua-cjson would see all of the text; otherwise pushes why not.   [-0, +(0|1), m] */
static int check_text (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length);
  if (strlen(text) == length) return 1;
  lua_pushfstring(L, "Found a NUL character at character %d", (int)strlen(text) + 1);
  return 0;
}

static int refuse (lua_State *L) {
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int decode (lua_State *L) {
  double most = most_values(L);
  int keep_nulls = lua_toboolean(L, 3);
  if (!check_text(L)) return refuse(L);
  if (is_excessive(L, most)) return refuse_excessive(L, most);
  follow_locale(L);
  if (!read_mended(L)) return refuse(L);
  if (settle(L, '\0', keep_nulls)) settle_numbers(L, keep_nulls);
  return 1;
}

void boltz_json_pushdecode (lua_State *L) {
  boltz_json_pushcjson(L); /* decode, new */
  boltz_json_pusharraymark(L);
  lua_insert(L, -2);
  lua_pushstring(L, localeconv()->decimal_point);
  lua_pushcclosure(L, decode, 4);
}
