/* SPDX-License-Identifier: MIT */
#include "fields.h"

#include <stdint.h>
#include <string.h>

#include "compat.h"
#include "secret.h"

int boltz_lua_field_raw (lua_State *L, int index, const char *field) {
  lua_pushstring(L, field);
  lua_rawget(L, index);
  return lua_type(L, -1);
}

const char *boltz_lua_field_text (lua_State *L, const char *field) {
  size_t length = 0;
  if (lua_isnil(L, -1)) return NULL;
  const char *text = boltz_lua_secret_bytes(L, -1, &length);
  if (text == NULL) text = luaL_checklstring(L, -1, &length);
  if (strcspn(text, "\r\n") != length)
    luaL_error(L, "'%s' of a request holds a line end or a NUL", field);
  return text;
}

size_t boltz_lua_field_size (lua_State *L, int index, const char *field) {
  lua_getfield(L, index, field);
  double size = (double)luaL_checknumber(L, -1);
  if (!(size >= 0)) luaL_error(L, "%s below 0", field);
  lua_pop(L, 1);
  return size < (double)SIZE_MAX ? (size_t)size : SIZE_MAX;
}
