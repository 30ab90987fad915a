/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <string.h>

#include "buffer.h"
#include "compat.h"

#define SECRET "boltz.secret"
#define SHOWN 12 /* as the service's own `key_prefix` */
#define SHORTEST 8

typedef struct secret {
  size_t prefix; /* bytes in front that are no secret, such as "Bearer " */
  size_t length; /* of all, prefix included */
  char bytes[];
} secret;

int boltz_secret_new (lua_State *L) {
  size_t length, prefix;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *before = luaL_optlstring(L, 2, "", &prefix);
  secret *s = lua_newuserdata(L, sizeof *s + prefix + length + 1);
  s->prefix = prefix;
  s->length = prefix + length;
  memcpy(s->bytes, before, prefix);
  memcpy(s->bytes + prefix, text, length);
  s->bytes[s->length] = '\0';
  luaL_getmetatable(L, SECRET);
  lua_setmetatable(L, -2);
  return 1;
}

const char *boltz_secret_bytes (lua_State *L, int index, size_t *length) {
  secret *s = luaL_testudata(L, index, SECRET);
  if (s == NULL) return NULL;
  *length = s->length;
  return s->bytes;
}

int boltz_secret_reveal (lua_State *L) {
  secret *s = luaL_checkudata(L, 1, SECRET);
  lua_pushlstring(L, s->bytes, s->length);
  return 1;
}

/* A short secret shows nothing: its first 12 characters would be most of it. */
static size_t shown (const secret *s) {
  return s->length - s->prefix >= 2 * SHOWN ? SHOWN : 0;
}

static int secret_tostring (lua_State *L) {
  secret *s = luaL_checkudata(L, 1, SECRET);
  lua_pushlstring(L, s->bytes + s->prefix, shown(s));
  lua_pushliteral(L, "...");
  lua_concat(L, 2);
  return 1;
}

/* The first place of a key in a text, or NULL. */
static const char *find (const char *text, const char *end, const char *key, size_t length) {
  while ((size_t)(end - text) >= length) {
    text = memchr(text, key[0], (size_t)(end - text) - length + 1);
    if (text == NULL || memcmp(text, key, length) == 0) return text;
    text++;
  }
  return NULL;
}

/* A secret of a few characters may be a word of the text; it stays. */
int boltz_secret_conceal (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length), *end = text + length;
  secret *s = luaL_checkudata(L, 2, SECRET);
  const char *key = s->bytes + s->prefix;
  size_t key_length = s->length - s->prefix;
  const char *place = key_length >= SHORTEST ? find(text, end, key, key_length) : NULL;
  if (place == NULL) {
    lua_settop(L, 1);
    return 1;
  }
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  while (place != NULL) {
    luaL_addlstring(&out, text, (size_t)(place - text));
    luaL_addlstring(&out, key, shown(s));
    luaL_addlstring(&out, "...", 3);
    text = place + key_length;
    place = find(text, end, key, key_length);
  }
  luaL_addlstring(&out, text, (size_t)(end - text));
  luaL_pushresult(&out);
  return 1;
}

static int secret_gc (lua_State *L) {
  secret *s = luaL_checkudata(L, 1, SECRET);
  boltz_wipe(s->bytes, s->length);
  return 0;
}

static const luaL_Reg metamethods[] = {
    {"__tostring", secret_tostring}, {"__gc", secret_gc}, {NULL, NULL}};

static const luaL_Reg methods[] = {{NULL, NULL}};

void boltz_secret_open (lua_State *L) {
  boltz_newtype(L, SECRET, methods, metamethods);
  lua_pop(L, 1);
}
