/* SPDX-License-Identifier: MIT */
#include "headers.h"

#include "compat.h"
#include "http/head.h"
#include "secret.h"

/* Only strings: lua_tolstring would convert a number, which allocates and may raise. */
static const char *string_bytes (lua_State *L, int index, size_t *length) {
  return lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, length) : NULL;
}

static const char *value_bytes (lua_State *L, int index, size_t *length) {
  const char *secret = boltz_lua_secret_bytes(L, index, length);
  return secret != NULL ? secret : string_bytes(L, index, length);
}

/* What is wrong with the field; false stands for a field to leave out, which has a name, too. */
static const char *find_problem (lua_State *L, int value_index, const char *name,
                                 size_t name_length, const char *value, size_t value_length) {
  bool left_out = lua_isboolean(L, value_index) && !lua_toboolean(L, value_index);
  return boltz_headers_problem(name, name_length, left_out ? "" : value, value_length);
}

int boltz_lua_headers_check (lua_State *L) {
  size_t name_length = 0, value_length = 0;
  const char *name = string_bytes(L, 1, &name_length);
  const char *value = value_bytes(L, 2, &value_length);
  lua_pushstring(L, find_problem(L, 2, name, name_length, value, value_length));
  return 1; /* nil for NULL */
}

/* Adds the field whose name and value are on top. */
static const char *read_field (lua_State *L, struct curl_slist **list) {
  size_t name_length = 0, value_length = 0;
  const char *name = string_bytes(L, -2, &name_length);
  const char *value = value_bytes(L, -1, &value_length);
  const char *problem = find_problem(L, -1, name, name_length, value, value_length);
  if (problem != NULL) return problem;
  bool added = boltz_headers_add(list, name, name_length, value, value_length);
  return added ? NULL : "not enough memory";
}

const char *boltz_lua_headers_read (lua_State *L, int index, struct curl_slist **list) {
  const char *problem = NULL;
  size_t count = lua_rawlen(L, index);
  struct curl_slist **last = list; /* libcurl walks to the end from what it is given */
  for (size_t i = 1; problem == NULL && i < count; i += 2) {
    lua_rawgeti(L, index, (int)i);
    lua_rawgeti(L, index, (int)i + 1);
    problem = read_field(L, last);
    lua_pop(L, 2);
    while (*last != NULL && (*last)->next != NULL) last = &(*last)->next;
  }
  return problem;
}

static void push_lower (lua_State *L, const char *bytes, size_t length) {
  luaL_Buffer lower;
  luaL_buffinit(L, &lower);
  for (size_t i = 0; i < length; i++) {
    char byte = bytes[i];
    luaL_addchar(&lower, byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte);
  }
  luaL_pushresult(&lower);
}

/* One more value for the name on top: the first stands for itself, and more are a list.
   [-1, +0, m] */
static void add_value (lua_State *L, int fields, const char *value, size_t length) {
  lua_pushvalue(L, -1);
  lua_rawget(L, fields);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, value, length);
    lua_rawset(L, fields);
    return;
  }
  if (!lua_istable(L, -1)) {
    lua_createtable(L, 4, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, fields);
  }
  lua_pushlstring(L, value, length);
  lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  lua_pop(L, 2);
}

/* Pushes the texts of the list on top, with ", " between them.   [-0, +1, m] */
static void push_joined (lua_State *L) {
  luaL_Buffer joined;
  int list = lua_gettop(L), count = (int)lua_rawlen(L, list);
  luaL_buffinit(L, &joined);
  for (int i = 1; i <= count; i++) {
    if (i > 1) luaL_addlstring(&joined, ", ", 2);
    lua_rawgeti(L, list, i);
    luaL_addvalue(&joined);
  }
  luaL_pushresult(&joined);
}

/* Joins all lists at once: each value is copied once, however many of a name there are. */
static void join_lists (lua_State *L, int fields) {
  lua_pushnil(L);
  while (lua_next(L, fields) != 0) { /* name, value */
    if (lua_istable(L, -1)) {
      push_joined(L);
      lua_pushvalue(L, -3);
      lua_insert(L, -2);
      lua_rawset(L, fields);
    }
    lua_pop(L, 1);
  }
}

void boltz_lua_headers_push (lua_State *L, const char *lines, size_t length) {
  boltz_field field;
  lua_newtable(L);
  if (length == 0) return;
  int fields = lua_gettop(L);
  const char *end = lines + length;
  while (boltz_head_next(&lines, end, &field)) {
    push_lower(L, field.name, field.name_length);
    add_value(L, fields, field.value, field.value_length);
  }
  join_lists(L, fields);
}
