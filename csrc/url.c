/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

#include "compat.h"

#define URL "boltz.url"

/* RFC 3986: unreserved, and pchar without its percent-encoded form. */
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define SEGMENT UNRESERVED "!$&'()*+,;=:@"

static void add_escaped (luaL_Buffer *out, const char *text, size_t length, const char *allowed) {
  static const char hexadecimal[] = "0123456789ABCDEF";
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte != '\0' && strchr(allowed, byte) != NULL) {
      luaL_addchar(out, text[i]);
    } else {
      luaL_addchar(out, '%');
      luaL_addchar(out, hexadecimal[byte >> 4]);
      luaL_addchar(out, hexadecimal[byte & 15]);
    }
  }
}

int boltz_url_escape_path (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  add_escaped(&out, text, length, SEGMENT);
  luaL_pushresult(&out);
  return 1;
}

/*
** A luaL_Buffer may keep pieces on the stack, so each string is read from the list and popped
** before any byte of it is added: the list itself keeps it alive.
*/
static void add_element (lua_State *L, luaL_Buffer *out, int position) {
  size_t length = 0;
  lua_rawgeti(L, 1, position);
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  lua_pop(L, 1);
  if (text != NULL)
    add_escaped(out, text, length, UNRESERVED);
  else
    luaL_error(L, "query list holds something other than a string");
}

int boltz_url_query (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_rawlen(L, 1);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (int i = 1; i < count; i += 2) {
    if (i > 1) luaL_addchar(&out, '&');
    add_element(L, &out, i);
    luaL_addchar(&out, '=');
    add_element(L, &out, i + 1);
  }
  luaL_pushresult(&out);
  return 1;
}

static const struct {
  const char *name;
  CURLUPart part;
} parts[] = {{"scheme", CURLUPART_SCHEME}, {"host", CURLUPART_HOST},
             {"port", CURLUPART_PORT},     {"path", CURLUPART_PATH},
             {"query", CURLUPART_QUERY},   {"fragment", CURLUPART_FRAGMENT},
             {"user", CURLUPART_USER},     {"password", CURLUPART_PASSWORD}};

/*
** A userdata that frees what libcurl allocates, also when Lua raises for want of memory.
*/
typedef struct url {
  CURLU *handle;
  char *text; /* the part that was asked for last */
} url;

static int url_gc (lua_State *L) {
  url *u = lua_touserdata(L, 1);
  curl_free(u->text);
  curl_url_cleanup(u->handle);
  u->text = NULL;
  u->handle = NULL;
  return 0;
}

static url *url_new (lua_State *L) {
  url *u = lua_newuserdata(L, sizeof *u);
  u->handle = NULL;
  u->text = NULL;
  luaL_getmetatable(L, URL);
  lua_setmetatable(L, -2);
  u->handle = curl_url();
  if (u->handle == NULL) luaL_error(L, "not enough memory");
  return u;
}

static CURLUcode url_check (lua_State *L, CURLUcode code) {
  if (code == CURLUE_OUT_OF_MEMORY) luaL_error(L, "not enough memory");
  return code;
}

int boltz_url_parse (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  if (strlen(text) != length) { /* libcurl would stop reading there */
    lua_pushnil(L);
    lua_pushliteral(L, "Malformed URL");
    return 2;
  }
  url *u = url_new(L);
  CURLUcode code =
      url_check(L, curl_url_set(u->handle, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME));
  if (code != CURLUE_OK) {
    lua_pushnil(L);
    lua_pushstring(L, curl_url_strerror(code));
    return 2;
  }
  lua_newtable(L);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    curl_free(u->text);
    u->text = NULL;
    code = url_check(L, curl_url_get(u->handle, parts[i].part, &u->text, CURLU_DEFAULT_PORT));
    if (code != CURLUE_OK) continue; /* the URL has no such part */
    lua_pushstring(L, u->text);
    lua_setfield(L, -2, parts[i].name);
  }
  return 1;
}

int boltz_url_ip_version (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  unsigned char address[16];
  if (strlen(text) != length)
    lua_pushnil(L);
  else if (inet_pton(AF_INET, text, address) == 1)
    lua_pushinteger(L, 4);
  else if (inet_pton(AF_INET6, text, address) == 1)
    lua_pushinteger(L, 6);
  else
    lua_pushnil(L);
  return 1;
}

static const luaL_Reg methods[] = {{NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", url_gc}, {NULL, NULL}};

void boltz_url_open (lua_State *L) {
  boltz_newtype(L, URL, methods, metamethods);
  lua_pop(L, 1);
}
