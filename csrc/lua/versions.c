/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dladdr */
#include "versions.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <string.h>
#include <sys/utsname.h>

#include "compat.h"
#include "http/poller.h"

static const struct {
  int bit;
  const char *name;
} features[] = {{CURL_VERSION_HTTP2, "HTTP/2"}, {CURL_VERSION_IPV6, "IPv6"},
                {CURL_VERSION_LIBZ, "gzip"},    {CURL_VERSION_BROTLI, "brotli"},
                {CURL_VERSION_ZSTD, "zstd"},    {CURL_VERSION_HTTPS_PROXY, "HTTPS proxies"}};

/* Pushes the names of libcurl's features that matter here.   [-0, +1, m] */
static void push_features (lua_State *L, int bits) {
  luaL_Buffer out;
  int count = 0;
  luaL_buffinit(L, &out);
  for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
    if ((bits & features[i].bit) == 0) continue;
    if (count++ > 0) luaL_addstring(&out, ", ");
    luaL_addstring(&out, features[i].name);
  }
  luaL_pushresult(&out);
}

static const char *resolver_of (const curl_version_info_data *info) {
  if ((info->features & CURL_VERSION_ASYNCHDNS) == 0) return "blocking";
  return info->ares != NULL ? "c-ares" : "threaded";
}

/* Pushes the name and release of the system, without that of the machine.   [-0, +1, m] */
static void push_system (lua_State *L) {
  struct utsname about;
  if (uname(&about) < 0)
    lua_pushliteral(L, "unknown");
  else
    lua_pushfstring(L, "%s %s, %s", about.sysname, about.release, about.machine);
}

int boltz_lua_versions (lua_State *L) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  lua_newtable(L);
  lua_pushstring(L, info->version);
  lua_setfield(L, -2, "libcurl");
  lua_pushstring(L, info->ssl_version);
  lua_setfield(L, -2, "tls");
  push_features(L, info->features);
  lua_setfield(L, -2, "features");
  lua_pushstring(L, resolver_of(info));
  lua_setfield(L, -2, "resolver");
  lua_pushstring(L, boltz_poller_name());
  lua_setfield(L, -2, "poller");
  push_system(L);
  lua_setfield(L, -2, "system");
  return 1;
}

int boltz_lua_libraryof (lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_CFunction function = lua_tocfunction(L, 1);
  void *address;
  Dl_info info;
  memcpy(&address, &function, sizeof address); /* ISO C has no cast for it */
  if (address == NULL || dladdr(address, &info) == 0) return 0;
  lua_pushstring(L, info.dli_fname);
  return 1;
}
