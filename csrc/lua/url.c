/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <string.h>

#include "compat.h"
#include "http/url.h"

#define URL "boltz.url"
#define PIECE 256 /* bytes of a text that are escaped at once */

static void add_escaped (luaL_Buffer *out, const char *text, size_t length, boltz_url_place place) {
  char escaped[3 * PIECE];
  while (length > 0) {
    size_t piece = length < PIECE ? length : PIECE;
    luaL_addlstring(out, escaped, boltz_url_escape(escaped, text, piece, place));
    text += piece;
    length -= piece;
  }
}

int boltz_lua_url_escape_path (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  add_escaped(&out, text, length, BOLTZ_URL_SEGMENT);
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
    add_escaped(out, text, length, BOLTZ_URL_QUERY);
  else
    luaL_error(L, "query list holds something other than a string");
}

int boltz_lua_url_query (lua_State *L) {
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

static int url_gc (lua_State *L) {
  boltz_url_free(lua_touserdata(L, 1));
  return 0;
}

/* A userdata, so that what libcurl allocates is freed also when Lua raises for want of memory. */
static boltz_url *url_new (lua_State *L) {
  boltz_url *url = lua_newuserdata(L, sizeof *url);
  memset(url, 0, sizeof *url);
  luaL_getmetatable(L, URL);
  lua_setmetatable(L, -2);
  return url;
}

static int refuse (lua_State *L, const char *problem) {
  lua_pushnil(L);
  lua_pushstring(L, problem);
  return 2;
}

int boltz_lua_url_parse (lua_State *L) {
  size_t length;
  const char *problem = NULL, *text = luaL_checklstring(L, 1, &length);
  if (strlen(text) != length) return refuse(L, "Malformed URL"); /* it would be read to the NUL */
  boltz_url *url = url_new(L);
  boltz_code code = boltz_url_parse(url, text, &problem);
  if (code == BOLTZ_NO_MEMORY) return luaL_error(L, "%s", boltz_code_text(code));
  if (code != BOLTZ_OK) return refuse(L, problem);
  lua_newtable(L);
  for (int i = 0; i < BOLTZ_URL_PARTS; i++) {
    if (url->parts[i] == NULL) continue;
    lua_pushstring(L, url->parts[i]);
    lua_setfield(L, -2, boltz_url_part_names[i]);
  }
  boltz_url_free(url);
  return 1;
}

int boltz_lua_url_ip_version (lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  int version = strlen(text) == length ? boltz_url_ip_version(text) : 0;
  if (version != 0)
    lua_pushinteger(L, version);
  else
    lua_pushnil(L);
  return 1;
}

static const luaL_Reg methods[] = {{NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", url_gc}, {NULL, NULL}};

void boltz_lua_url_open (lua_State *L) {
  boltz_newtype(L, URL, methods, metamethods);
  lua_pop(L, 1);
}
