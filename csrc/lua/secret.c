/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <string.h>

#include "compat.h"
#include "http/proxy.h"
#include "http/secret.h"
#include "http/traces.h"
#include "http/wipe.h"

#define SECRET "boltz.secret"

/* Pushes a secret of a prefix and a text. */
static boltz_secret *new_secret (lua_State *L, const char *text, size_t length, const char *prefix,
                                 size_t prefix_length) {
  boltz_secret *secret = lua_newuserdata(L, boltz_secret_size(prefix_length, length));
  boltz_secret_init(secret, prefix, prefix_length, text, length);
  luaL_getmetatable(L, SECRET);
  lua_setmetatable(L, -2);
  return secret;
}

int boltz_lua_secret_new (lua_State *L) {
  size_t length, prefix_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *prefix = luaL_optlstring(L, 2, "", &prefix_length);
  new_secret(L, text, length, prefix, prefix_length);
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

/* Replaces the text at index 1 by one in which the secret, as a whole, shows its start only. */
static void conceal_whole (lua_State *L, const boltz_secret *secret) {
  size_t length;
  const char *text = lua_tolstring(L, 1, &length), *end = text + length;
  const char *place = boltz_secret_find(secret, text, end);
  if (place == NULL) return;
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
  lua_replace(L, 1);
}

/* Pushes a secret of what a text is without escapes. */
static boltz_secret *new_unescaped (lua_State *L, const char *text, size_t length) {
  boltz_secret *secret = new_secret(L, text, length, "", 0);
  secret->length = boltz_traces_unescape(secret->bytes, text, length);
  boltz_wipe(secret->bytes + secret->length, length - secret->length);
  return secret;
}

/* Begins a search for a secret, whose memory it pushes.   [-0, +2, m] */
static void begin_search (lua_State *L, boltz_traces *search, boltz_pattern part,
                          boltz_pattern text) {
  boltz_secret *unescaped = new_unescaped(L, part.bytes, part.length);
  uint32_t *slots = lua_newuserdata(L, boltz_traces_slots(part) * sizeof *slots);
  boltz_pattern plain = {unescaped->bytes, unescaped->length};
  boltz_traces_init(search, part, plain, text, slots);
}

/* Replaces the text at index 1 by one without pieces of the secret's private part. */
static void conceal_pieces (lua_State *L, boltz_pattern part) {
  boltz_pattern text;
  text.bytes = lua_tolstring(L, 1, &text.length);
  boltz_traces search;
  begin_search(L, &search, part, text);
  boltz_trace trace = boltz_traces_next(&search);
  if (trace.from == NULL) return;
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  const char *rest = text.bytes;
  while (trace.from != NULL) {
    luaL_addlstring(&out, rest, (size_t)(trace.from - rest));
    luaL_addlstring(&out, "...", 3);
    rest = trace.to;
    trace = boltz_traces_next(&search);
  }
  luaL_addlstring(&out, rest, (size_t)(text.bytes + text.length - rest));
  luaL_pushresult(&out);
  lua_replace(L, 1);
}

int boltz_lua_secret_conceal (lua_State *L) {
  boltz_pattern text, part;
  text.bytes = luaL_checklstring(L, 1, &text.length);
  const boltz_secret *secret = luaL_checkudata(L, 2, SECRET);
  part.bytes = boltz_secret_private(secret, &part.length);
  if (part.length == 0) {
    if (secret->is_hidden) conceal_whole(L, secret);
  } else if (boltz_traces_are_likely(part, text)) {
    conceal_whole(L, secret);
    conceal_pieces(L, part);
  }
  lua_settop(L, 1);
  return 1;
}

/* ---- of a proxy */

/* Adds the secret on top to the list at index 2.   [-1, +0, m] */
static void add_secret (lua_State *L, boltz_secret *secret) {
  secret->is_hidden = true;
  lua_rawseti(L, 2, (int)lua_rawlen(L, 2) + 1);
}

/* Adds user or password, and what stands for it without escapes where that is too short for a
   search, which would know of them. */
static void add_part (lua_State *L, const char *text, size_t length) {
  add_secret(L, new_secret(L, text, length, "", 0));
  boltz_secret *plain = new_unescaped(L, text, length);
  size_t searched;
  boltz_secret_private(plain, &searched);
  if (plain->length < length && searched == 0)
    add_secret(L, plain);
  else
    lua_pop(L, 1);
}

/* Adds what goes out in Proxy-Authorization. In between it is in memory that is wiped. */
static void add_basic (lua_State *L, const char *userinfo, size_t length) {
  boltz_secret *plain = new_unescaped(L, userinfo, length);
  boltz_secret *basic = lua_newuserdata(L, boltz_secret_size(0, BOLTZ_BASE64(plain->length)));
  basic->prefix = 0;
  basic->length = boltz_secret_base64(basic->bytes, plain->bytes, plain->length);
  luaL_getmetatable(L, SECRET);
  lua_setmetatable(L, -2);
  add_secret(L, basic);
  lua_pop(L, 1);
}

int boltz_lua_secret_userinfo (lua_State *L) {
  const boltz_secret *url = luaL_checkudata(L, 1, SECRET);
  lua_settop(L, 1);
  lua_newtable(L);
  size_t length;
  const char *userinfo = boltz_secret_userinfo(url, &length);
  if (userinfo == NULL) return 1;
  const char *colon = memchr(userinfo, ':', length);
  size_t user = colon != NULL ? (size_t)(colon - userinfo) : length;
  add_part(L, userinfo, user);
  if (colon != NULL) add_part(L, colon + 1, length - user - 1);
  add_basic(L, userinfo, length);
  return 1;
}

int boltz_lua_secret_environment_proxy (lua_State *L) {
  boltz_proxy proxy = boltz_proxy_of(NULL, NULL, luaL_checkstring(L, 1));
  if (proxy.url == NULL) return 0;
  const char *scheme = strstr(proxy.url, "://") == NULL ? "http://" : ""; /* libcurl's guess */
  size_t length = strlen(scheme) + strlen(proxy.url);
  boltz_secret *secret = lua_newuserdata(L, boltz_secret_size(0, length));
  boltz_secret_init(secret, scheme, strlen(scheme), proxy.url, strlen(proxy.url));
  secret->prefix = 0;
  luaL_getmetatable(L, SECRET);
  lua_setmetatable(L, -2);
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
