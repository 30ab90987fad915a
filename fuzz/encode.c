/* SPDX-License-Identifier: MIT */
/*
** core.encode on values that the input describes: it refuses exactly those that are not JSON, and
** what it writes is read back as the same value by the oracle, by lua-cjson and by core.decode.
*/
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "json_oracle.h"

#define CJSON_DECODE 2
#define UTF8_LEN 3
#define MARK 4
#define FOREIGN_ARRAY 5 /* as dkjson marks them */
#define FOREIGN_OBJECT 6

#define MAX_DEPTH 100    /* that core.encode allows */
#define MAX_SHARES 3     /* a table used again in one that is used again: texts grow by powers */
#define MAX_LEVELS 65536 /* of deep values in all: each has up to 127 for two bytes */
#define LONG 0xF8        /* a length from here on stands for one that three bytes tell */

const size_t fuzz_usual = 128; /* few bytes make much work */

void fuzz_setup (lua_State *L) {
  luaL_dostring(L, "local cjson = require 'cjson'.new() cjson.decode_max_depth(100) "
                   "return cjson.decode, utf8.len");
  lua_newtable(L);
  fuzz_callcore(L, "array", 1, 1);
  lua_getmetatable(L, -1);
  lua_replace(L, MARK);
  luaL_dostring(L, "return {__jsontype = 'array'}, {__jsontype = 'object'}");
}

typedef struct builder {
  fuzz_input *in;
  bool valid;        /* whether all that was built so far is JSON */
  int shared;        /* where on the stack the table is that was finished last, nil before */
  int shared_height; /* of that table */
  int shares;        /* how often one was used again */
  int levels;        /* that deep values may still have */
} builder;

/* ---- what is no table: each function pushes one value   [-0, +1, m] */

static void build_null (lua_State *L, builder *b) {
  (void)b;
  lua_pushlightuserdata(L, NULL);
}

static void build_boolean (lua_State *L, builder *b) {
  lua_pushboolean(L, fuzz_byte(b->in) % 2);
}

static void build_small (lua_State *L, builder *b) {
  lua_pushinteger(L, fuzz_byte(b->in));
}

static void build_integer (lua_State *L, builder *b) {
  lua_pushinteger(L, (lua_Integer)fuzz_number(b->in, 8));
}

/* Looks at the string on top.   [-0, +0, m] */
static void check_utf8 (lua_State *L, builder *b) {
  lua_pushvalue(L, UTF8_LEN);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  if (!lua_toboolean(L, -1)) b->valid = false;
  lua_pop(L, 1);
}

/* A length below `usual`, or one up to what is left of the input. */
static size_t read_length (builder *b, size_t usual) {
  uint8_t byte = fuzz_byte(b->in);
  if (byte < LONG) return byte % usual;
  uint64_t length = fuzz_number(b->in, 3);
  return length < b->in->left ? (size_t)length : b->in->left;
}

static void build_text (lua_State *L, builder *b) {
  luaL_Buffer text;
  size_t length = read_length(b, 32);
  luaL_buffinit(L, &text);
  for (size_t i = 0; i < length; i++) luaL_addchar(&text, (char)(fuzz_byte(b->in) & 0x7F));
  luaL_pushresult(&text);
}

/* Up to five of the bytes at which the ranges of UTF-8 begin and end, on either side. */
static void build_borders (lua_State *L, builder *b) {
  static const char borders[] = "\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1"
                                "\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF";
  char text[5];
  size_t length = fuzz_byte(b->in) % (sizeof text + 1);
  for (size_t i = 0; i < length; i++) text[i] = borders[fuzz_byte(b->in) % sizeof borders];
  lua_pushlstring(L, text, length);
  check_utf8(L, b);
}

static void build_bytes (lua_State *L, builder *b) {
  fuzz_pushbytes(L, b->in, read_length(b, 32));
  check_utf8(L, b);
}

static void build_double (lua_State *L, builder *b) {
  uint64_t bits = fuzz_number(b->in, 8);
  double number;
  memcpy(&number, &bits, sizeof number);
  if (!isfinite(number)) b->valid = false;
  lua_pushnumber(L, number);
}

static void build_decimal (lua_State *L, builder *b) {
  double digits = (double)fuzz_number(b->in, 3) - 0x800000;
  lua_pushnumber(L, digits * pow(10, fuzz_byte(b->in) % 64 - 40));
}

/* What is never JSON. */
static void build_wrong (lua_State *L, builder *b) {
  b->valid = false;
  switch (fuzz_byte(b->in) % 4) {
    case 0:
      lua_pushvalue(L, UTF8_LEN);
      break;
    case 1:
      lua_pushlightuserdata(L, b);
      break;
    case 2:
      lua_newuserdatauv(L, 0, 0);
      break;
    default:
      lua_pushthread(L);
  }
}

static void (*const scalars[])(lua_State *L, builder *b) = {
    build_null, build_boolean, build_small,   build_integer, build_double,
    build_text, build_decimal, build_borders, build_bytes,   build_wrong};

#define SCALARS (sizeof scalars / sizeof *scalars)

/* ---- tables */

/*
** Pushes the value that the input goes on with, inside of `depth` tables. Returns its height: the
** levels of tables in it, 0 for what is no table.   [-0, +1, m]
*/
static int build (lua_State *L, builder *b, int depth);

static int max (int a, int b) {
  return a > b ? a : b;
}

/* Whether a table that is to have `count` entries has number `i`. */
static bool has_next (builder *b, int i, int count) {
  return i <= count && (i < 8 || b->in->left > 0);
}

static int build_list (lua_State *L, builder *b, int depth, int count) {
  int height = 0;
  for (int i = 1; has_next(b, i, count); i++) {
    height = max(height, build(L, b, depth));
    lua_rawseti(L, -2, i);
  }
  return height;
}

static int build_fields (lua_State *L, builder *b, int depth, int count) {
  int height = 0;
  for (int i = 1; has_next(b, i, count); i++) {
    if (fuzz_byte(b->in) < 0xF0)
      build_text(L, b);
    else
      build_borders(L, b);
    if (count > 1) { /* no name twice: what it stood for first would be lost */
      lua_pushfstring(L, ":%d", i);
      lua_concat(L, 2);
    }
    height = max(height, build(L, b, depth));
    lua_rawset(L, -3);
  }
  return height;
}

/* Sets the metatable at stack index `mark` to the table on top.   [-0, +0, -] */
static void set_mark (lua_State *L, int mark) {
  lua_pushvalue(L, mark);
  lua_setmetatable(L, -2);
}

/* Adds an entry to the list of `count` elements on top that leaves it no JSON.   [-0, +0, m] */
static void spoil (lua_State *L, builder *b, int count) {
  static const lua_Number keys[] = {0, -1, 0.5, 1e15, 1e300, HUGE_VAL};
  enum { HOLE = 6, BOOLEAN_KEY, NAME_IN_ARRAY, NAME_IN_FOREIGN, POSITION_IN_OBJECT, ITSELF, WAYS };
  unsigned way = fuzz_byte(b->in) % WAYS;
  b->valid = false;
  switch (way) {
    case HOLE:
      lua_pushinteger(L, count + 2);
      break;
    case BOOLEAN_KEY:
      lua_pushboolean(L, 0);
      break;
    case NAME_IN_ARRAY:
    case NAME_IN_FOREIGN:
      set_mark(L, way == NAME_IN_ARRAY ? MARK : FOREIGN_ARRAY);
      lua_pushliteral(L, "name");
      break;
    case POSITION_IN_OBJECT:
      set_mark(L, FOREIGN_OBJECT);
      lua_pushinteger(L, count + 1);
      break;
    case ITSELF:
      lua_pushinteger(L, count + 1);
      break;
    default:
      lua_pushnumber(L, keys[way]);
  }
  if (way == ITSELF)
    lua_pushvalue(L, -2);
  else
    lua_pushboolean(L, 1);
  lua_rawset(L, -3);
}

enum { OBJECT, LIST, SPOILED_LIST, MARKED_ARRAY, MARKED_FOREIGN, MARKED_OBJECT, TABLES };

static int build_table (lua_State *L, builder *b, int depth, unsigned kind) {
  luaL_checkstack(L, 8, NULL);
  if (++depth > MAX_DEPTH) b->valid = false;
  lua_newtable(L);
  bool object = kind == OBJECT || kind == MARKED_OBJECT;
  int count = (int)read_length(b, 8);
  int height = object ? build_fields(L, b, depth, count) : build_list(L, b, depth, count);
  if (kind == SPOILED_LIST) spoil(L, b, (int)lua_rawlen(L, -1));
  if (kind >= MARKED_ARRAY) set_mark(L, MARK + (int)kind - MARKED_ARRAY);
  lua_pushvalue(L, -1);
  lua_replace(L, b->shared);
  b->shared_height = height + 1;
  return height + 1;
}

/* A value in 1 to 127 lists; one in none could be in another such for ever. */
static int build_deep (lua_State *L, builder *b, int depth) {
  int levels = 1 + fuzz_byte(b->in) % 127;
  if (levels > b->levels) {
    build_null(L, b);
    return 0;
  }
  b->levels -= levels;
  int height = build(L, b, depth + levels);
  for (int i = 0; i < levels; i++) {
    lua_createtable(L, 1, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
  }
  if (depth + levels > MAX_DEPTH) b->valid = false;
  return height + levels;
}

static int build_shared (lua_State *L, builder *b, int depth) {
  if (lua_isnil(L, b->shared) || ++b->shares > MAX_SHARES) {
    build_null(L, b);
    return 0;
  }
  if (depth + b->shared_height > MAX_DEPTH) b->valid = false;
  lua_pushvalue(L, b->shared);
  return b->shared_height;
}

static int build (lua_State *L, builder *b, int depth) {
  unsigned kind = fuzz_byte(b->in) % (SCALARS + 2 + TABLES);
  if (depth > 2 * MAX_DEPTH) kind %= SCALARS; /* deep enough for any question */
  if (kind < SCALARS) {
    scalars[kind](L, b);
    return 0;
  }
  switch (kind - SCALARS) {
    case 0:
      return build_shared(L, b, depth);
    case 1:
      return build_deep(L, b, depth);
    default:
      return build_table(L, b, depth, kind - SCALARS - 2);
  }
}

/* ---- what encode makes of the value */

static void check_text (lua_State *L, int value, int text) {
  size_t length;
  const char *bytes = lua_tolstring(L, text, &length);
  for (size_t i = 0; i < length; i++) {
    if ((unsigned char)bytes[i] < 0x20) fuzz_fail("a control character in: %s", bytes);
  }
  int read = lua_gettop(L) + 1;
  if (!oracle_read(L, bytes, length, MARK)) fuzz_fail("not JSON: %s", bytes);
  if (!oracle_same(L, value, read, ORACLE_TEXT)) fuzz_fail("another value: %s", bytes);
  lua_pushvalue(L, CJSON_DECODE);
  lua_pushvalue(L, text);
  lua_call(L, 1, 1);
  if (!oracle_same(L, value, read + 1, ORACLE_CJSON)) fuzz_fail("lua-cjson differs: %s", bytes);
  lua_pushvalue(L, text);
  fuzz_callcore(L, "decode", 1, 1);
  if (!oracle_same(L, value, read + 2, ORACLE_CORE)) fuzz_fail("core.decode differs: %s", bytes);
}

void fuzz_one (lua_State *L, fuzz_input *in) {
  lua_pushnil(L);
  builder b = {in, true, lua_gettop(L), 0, 0, MAX_LEVELS};
  build(L, &b, 0);
  int value = lua_gettop(L);
  lua_pushvalue(L, value);
  fuzz_callcore(L, "encode", 1, 3);
  int text = value + 1;
  if (b.valid && lua_isnil(L, text)) fuzz_fail("refused: %s", lua_tostring(L, text + 1));
  if (!b.valid && !lua_isnil(L, text)) fuzz_fail("taken: %s", lua_tostring(L, text));
  if (b.valid)
    check_text(L, value, text);
  else if (lua_type(L, text + 1) != LUA_TSTRING || lua_type(L, text + 2) != LUA_TSTRING)
    fuzz_fail("refused without a message or a path");
}
