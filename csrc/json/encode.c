/* SPDX-License-Identifier: MIT */
#include "encode.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/buffer.h"
#include "lua/compat.h"
#include "marks.h"
#include "utf8.h"

#define ENCODER "boltz.encoder"
#define MAX_WHOLE 9007199254740992.0 /* 2^53: up to here every whole double is exact */

/*
** One level of the value being written: the way back to the root is the path of the field.
*/
typedef struct level {
  const struct level *parent;
  const void *table; /* whose entry this is */
  const char *name;  /* of an object's field, or NULL for ... */
  size_t position;   /* ... an array's element, from 1 */
  int depth;
} level;

/*
** A userdata, so that its bytes are freed when Lua raises "not enough memory" half-way.
*/
typedef struct encoder {
  boltz_buffer out;
  const char *problem; /* what came, when it is not JSON */
} encoder;

static bool encode_value (lua_State *L, encoder *e, int index, const level *here);

static bool put (lua_State *L, encoder *e, const char *bytes, size_t length) {
  if (!boltz_buffer_add(&e->out, bytes, length)) luaL_error(L, "not enough memory");
  return true;
}

/* Pushes the path of `here`, such as `data_retention.unit` or `allowed_ips[2]`. */
static void push_path (lua_State *L, const level *here) {
  if (here == NULL || here->parent == NULL) {
    lua_pushliteral(L, "");
    return;
  }
  push_path(L, here->parent);
  if (here->name == NULL)
    lua_pushfstring(L, "[%d]", (int)here->position);
  else
    lua_pushfstring(L, here->parent->parent == NULL ? "%s" : ".%s", here->name);
  lua_concat(L, 2);
}

/* Notes the problem and pushes its path, which is built of C frames about to end.   [-0, +1, m] */
static bool refuse (lua_State *L, encoder *e, const char *problem, const level *here) {
  e->problem = problem;
  luaL_checkstack(L, 2 * BOLTZ_JSON_DEPTH, "too deep to name");
  push_path(L, here);
  return false;
}

static bool encode_string (lua_State *L, encoder *e, int index, const level *here) {
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length);
  if (!boltz_utf8_check(bytes, length, NULL)) {
    return refuse(L, e, "text that is not UTF-8", here);
  }
  put(L, e, "\"", 1);
  size_t written = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    char escape[8];
    int size = byte >= 0x20 ? snprintf(escape, sizeof escape, "\\%c", byte)
                            : snprintf(escape, sizeof escape, "\\u%04x", byte);
    put(L, e, bytes + written, i - written);
    put(L, e, escape, (size_t)size);
    written = i + 1;
  }
  put(L, e, bytes + written, length - written);
  return put(L, e, "\"", 1);
}

/*
** The shortest of 15 to 17 digits that reads back as the same double. The C library writes and
** reads the host's decimal separator; JSON's is a point.
*/
static int format_double (char *text, size_t size, double number) {
  int length = 0;
  for (int digits = 15; digits <= 17; digits++) {
    length = snprintf(text, size, "%.*g", digits, number);
    if (strtod(text, NULL) == number) break;
  }
  const char *separator = localeconv()->decimal_point;
  char *found = strstr(text, separator);
  if (found == NULL || strcmp(separator, ".") == 0) return length;
  size_t width = strlen(separator);
  *found = '.';
  memmove(found + 1, found + width, strlen(found + width) + 1);
  return length - (int)width + 1;
}

static bool encode_number (lua_State *L, encoder *e, int index, const level *here) {
  char text[64];
  int length;
  if (boltz_isinteger(L, index)) {
    length = snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, index));
  } else {
    double number = (double)lua_tonumber(L, index);
    if (isnan(number)) return refuse(L, e, "NaN", here);
    if (isinf(number)) return refuse(L, e, "infinity", here);
    if (number == floor(number) && fabs(number) <= MAX_WHOLE)
      length = snprintf(text, sizeof text, "%.0f", number == 0 ? 0.0 : number); /* no "-0" */
    else
      length = format_double(text, sizeof text, number);
  }
  return put(L, e, text, (size_t)length);
}

/*
** Sorts a table's keys: `*positions` receives n when they are exactly 1..n, or some of those where
** nulls were among them, `*names` how many are strings. Returns what is wrong with the table, or
** NULL.
*/
static const char *count_keys (lua_State *L, int index, size_t *positions, size_t *names) {
  size_t numbers = 0, highest = 0, with_nulls = boltz_json_lengthwithnulls(L, index);
  *names = 0;
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
      ++*names;
      continue;
    }
    double key = lua_type(L, -1) == LUA_TNUMBER ? (double)lua_tonumber(L, -1) : 0;
    if (!(key >= 1 && key <= MAX_WHOLE && key == floor(key))) {
      lua_pop(L, 1);
      return "a table with a key that is neither a string nor a position";
    }
    numbers++;
    if ((size_t)key > highest) highest = (size_t)key;
  }
  if (numbers > 0 && *names > 0) return "a table with both positions and names";
  if (numbers != highest && highest > with_nulls) return "a list with holes";
  *positions = highest > with_nulls ? highest : with_nulls;
  return NULL;
}

static bool encode_array (lua_State *L, encoder *e, int index, size_t count, level *entry) {
  put(L, e, "[", 1);
  for (size_t i = 1; i <= count; i++) {
    if (i > 1) put(L, e, ",", 1);
    entry->position = i;
    lua_rawgeti(L, index, (int)i);
    if (lua_isnil(L, -1)) /* of an answer, where it was null */
      put(L, e, "null", 4);
    else if (!encode_value(L, e, lua_gettop(L), entry))
      return false;
    lua_pop(L, 1);
  }
  return put(L, e, "]", 1);
}

static bool encode_object (lua_State *L, encoder *e, int index, level *entry) {
  const char *separator = "{";
  lua_pushnil(L);
  while (lua_next(L, index) != 0) { /* key, value */
    int key = lua_gettop(L) - 1;
    put(L, e, separator, 1);
    separator = ",";
    entry->name = lua_tostring(L, key);
    if (!encode_string(L, e, key, entry)) return false;
    put(L, e, ":", 1);
    if (!encode_value(L, e, key + 1, entry)) return false;
    lua_pop(L, 1);
  }
  if (*separator == '{') put(L, e, "{", 1);
  return put(L, e, "}", 1);
}

static bool encode_table (lua_State *L, encoder *e, int index, const level *here) {
  level entry = {here, lua_topointer(L, index), NULL, 0, here->depth + 1};
  if (entry.depth > BOLTZ_JSON_DEPTH) return refuse(L, e, "tables nested too deep", here);
  for (const level *above = here; above != NULL; above = above->parent) {
    if (above->table == entry.table) return refuse(L, e, "a table that contains itself", here);
  }
  luaL_checkstack(L, 4, "value nested too deep");
  size_t positions = 0, names;
  const char *problem = count_keys(L, index, &positions, &names);
  if (problem != NULL) return refuse(L, e, problem, here);
  bool array = boltz_json_ismarked(L, index, "array");
  bool object = boltz_json_ismarked(L, index, "object");
  if (array && names > 0) return refuse(L, e, "an array with named entries", here);
  if (object && positions > 0) return refuse(L, e, "an object with positions", here);
  return array || positions > 0 ? encode_array(L, e, index, positions, &entry)
                                : encode_object(L, e, index, &entry);
}

static bool encode_value (lua_State *L, encoder *e, int index, const level *here) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      return lua_toboolean(L, index) ? put(L, e, "true", 4) : put(L, e, "false", 5);
    case LUA_TNUMBER:
      return encode_number(L, e, index, here);
    case LUA_TSTRING:
      return encode_string(L, e, index, here);
    case LUA_TTABLE:
      return encode_table(L, e, index, here);
    case LUA_TLIGHTUSERDATA: /* NULL is null: boltz.null, cjson.null, ngx.null */
      if (lua_touserdata(L, index) == NULL) return put(L, e, "null", 4);
      if (boltz_json_isemptyarray(L, index)) return put(L, e, "[]", 2);
      return refuse(L, e, "a light userdata", here);
    default:
      return refuse(L, e, luaL_typename(L, index), here);
  }
}

static int encoder_gc (lua_State *L) {
  encoder *e = lua_touserdata(L, 1);
  boltz_buffer_free(&e->out);
  return 0;
}

static encoder *encoder_new (lua_State *L) {
  encoder *e = lua_newuserdata(L, sizeof *e);
  boltz_buffer_init(&e->out, (size_t)-1);
  e->problem = NULL;
  luaL_getmetatable(L, ENCODER);
  lua_setmetatable(L, -2);
  return e;
}

static const luaL_Reg methods[] = {{NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", encoder_gc}, {NULL, NULL}};

void boltz_json_openencode (lua_State *L) {
  boltz_newtype(L, ENCODER, methods, metamethods);
  lua_pop(L, 1);
}

int boltz_json_encode (lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  encoder *e = encoder_new(L);
  level root = {NULL, NULL, NULL, 0, 0};
  if (!encode_value(L, e, 1, &root)) { /* the path is on top */
    lua_pushnil(L);
    lua_pushstring(L, e->problem);
    lua_pushvalue(L, -3);
    return 3;
  }
  lua_pushlstring(L, e->out.bytes, e->out.length);
  boltz_buffer_free(&e->out);
  return 1;
}
