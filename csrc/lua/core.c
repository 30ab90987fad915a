/* SPDX-License-Identifier: MIT */
/*
** The C core as one Lua module: the engine and its watcher, JSON, what goes into a URL and a
** header, and places in the caller's program.
*/
#include <curl/curl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"
#include "compat.h"
#include "engine.h"
#include "headers.h"
#include "http/clock.h"
#include "http/descriptors.h"
#include "request_template.h"
#include "result.h"
#include "secret.h"
#include "transfer.h"
#include "url.h"
#include "versions.h"
#include "watcher.h"
#include "json/decode.h"
#include "json/encode.h"
#include "json/marks.h"
#include "json/utf8.h"

/* utf8_length(text) -> number of characters | nil when it is not UTF-8 */
static int core_utf8_length (lua_State *L) {
  size_t length, characters;
  const char *text = luaL_checklstring(L, 1, &length);
  if (boltz_utf8_check(text, length, &characters))
    lua_pushinteger(L, (lua_Integer)characters);
  else
    lua_pushnil(L);
  return 1;
}

/* now() -> seconds on a clock that only goes forward */
static int core_now (lua_State *L) {
  lua_pushnumber(L, (lua_Number)boltz_now());
  return 1;
}

/* wall() -> seconds since the epoch, with a fraction, also where the host has no `os` */
static int core_wall (lua_State *L) {
  lua_pushnumber(L, (lua_Number)boltz_wall());
  return 1;
}

/* random() -> a number in [0, 1), from the system: hosts often leave math.random unseeded */
static int core_random (lua_State *L) {
  uint64_t bits = 0;
  if (getentropy(&bits, sizeof bits) != 0) bits = (uint64_t)(boltz_now() * 1e9) << 11;
  lua_pushnumber(L, (lua_Number)(bits >> 11) / 9007199254740992.0); /* 2^53 */
  return 1;
}

/* parse_date(text) -> seconds since the epoch | nil; HTTP's three forms (RFC 9110, 5.6.7) */
static int core_parse_date (lua_State *L) {
  time_t date = curl_getdate(luaL_checkstring(L, 1), NULL);
  if (date == -1)
    lua_pushnil(L);
  else
    lua_pushnumber(L, (lua_Number)date);
  return 1;
}

/* descriptors_left() -> how many more the process may have at most */
static int core_descriptors_left (lua_State *L) {
  lua_pushinteger(L, boltz_descriptors_left());
  return 1;
}

static const luaL_Reg functions[] = {{"array", boltz_json_array},
                                     {"beginning", boltz_lua_beginning},
                                     {"caller", boltz_lua_caller},
                                     {"check_header", boltz_lua_headers_check},
                                     {"conceal", boltz_lua_secret_conceal},
                                     {"descriptors_left", core_descriptors_left},
                                     {"encode", boltz_json_encode},
                                     {"engine", boltz_lua_engine_new},
                                     {"environment_proxy", boltz_lua_secret_environment_proxy},
                                     {"escape_path", boltz_lua_url_escape_path},
                                     {"has_nulls", boltz_json_hasnulls},
                                     {"ip_version", boltz_lua_url_ip_version},
                                     {"is_array", boltz_json_isarray},
                                     {"library_of", boltz_lua_libraryof},
                                     {"now", core_now},
                                     {"parse_date", core_parse_date},
                                     {"parse_url", boltz_lua_url_parse},
                                     {"query", boltz_lua_url_query},
                                     {"random", core_random},
                                     {"request_template", boltz_lua_request_template_new},
                                     {"reveal", boltz_lua_secret_reveal},
                                     {"secret", boltz_lua_secret_new},
                                     {"userinfo", boltz_lua_secret_userinfo},
                                     {"utf8_length", core_utf8_length},
                                     {"versions", boltz_lua_versions},
                                     {"wall", core_wall},
                                     {"watcher", boltz_lua_watcher_new},
                                     {NULL, NULL}};

__attribute__((visibility("default"))) int luaopen_boltz_core (lua_State *L);

int luaopen_boltz_core (lua_State *L) {
  boltz_checklua(L);
  boltz_lua_engine_open(L);
  boltz_lua_request_template_open(L);
  boltz_lua_result_open(L);
  boltz_lua_transfer_open(L);
  boltz_lua_secret_open(L);
  boltz_lua_url_open(L);
  boltz_lua_watcher_open(L);
  boltz_json_openencode(L);
  boltz_json_openmarks(L);
  luaL_newlib(L, functions);
  boltz_json_pushdecode(L);
  lua_setfield(L, -2, "decode");
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, BOLTZ_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
