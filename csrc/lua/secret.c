/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include "compat.h"
#include "http/secret.h"

#define SECRET "boltz.secret"

int boltz_lua_secret_new (lua_State *L) {
  size_t length, prefix_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *prefix = luaL_optlstring(L, 2, "", &prefix_length);
  boltz_secret *secret = lua_newuserdata(L, boltz_secret_size(prefix_length, length));
  boltz_secret_init(secret, prefix, prefix_length, text, length);
  luaL_getmetatable(L, SECRET);
  lua_setmetatable(L, -2);
  return 1;
}

const char *boltz_lua_secret_bytes (lua_State *L, int index, size_t *length) {
  boltz_secret *secret = luaL_testudata(L, index, SECRET);
  if (secret == NULL) return NULL;
  *length = secret->length;
  return secret->bytes;
}

int boltz_lua_secret_reveal (lua_State *L) {
  boltz_secret *secret = luaL_checkudata(L, 1, SECRET);
  lua_pushlstring(L, secret->bytes, secret->length);
  return 1;
}

static int secret_tostring (lua_State *L) {
  boltz_secret *secret = luaL_checkudata(L, 1, SECRET);
  lua_pushlstring(L, secret->bytes + secret->prefix, boltz_secret_shown(secret));
  lua_pushliteral(L, "...");
  lua_concat(L, 2);
  return 1;
}

int boltz_lua_secret_conceal (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length), *end = text + length;
  boltz_secret *secret = luaL_checkudata(L, 2, SECRET);
  const char *place = boltz_secret_find(secret, text, end);
  if (place == NULL) {
    lua_settop(L, 1);
    return 1;
  }
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  while (place != NULL) {
    luaL_addlstring(&out, text, (size_t)(place - text));
    luaL_addlstring(&out, secret->bytes + secret->prefix, boltz_secret_shown(secret));
    luaL_addlstring(&out, "...", 3);
    text = place + secret->length - secret->prefix;
    place = boltz_secret_find(secret, text, end);
  }
  luaL_addlstring(&out, text, (size_t)(end - text));
  luaL_pushresult(&out);
  return 1;
}

static int secret_gc (lua_State *L) {
  boltz_secret_wipe(luaL_checkudata(L, 1, SECRET));
  return 0;
}

static const luaL_Reg metamethods[] = {
    {"__tostring", secret_tostring}, {"__gc", secret_gc}, {NULL, NULL}};

static const luaL_Reg methods[] = {{NULL, NULL}};

void boltz_lua_secret_open (lua_State *L) {
  boltz_newtype(L, SECRET, methods, metamethods);
  lua_pop(L, 1);
}
