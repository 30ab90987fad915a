/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_LUA_URL_H
#define BOLTZ_LUA_URL_H

#include <lua.h>

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_lua_url_open (lua_State *L);

/* escape_path(text) -> one path segment: everything that a segment may not hold as %XX. */
int boltz_lua_url_escape_path (lua_State *L);

/* query{name, value, name, value, ...} -> "name=value&name=value", all but unreserved as %XX. */
int boltz_lua_url_query (lua_State *L);

/* parse_url(text) -> {scheme, host, port, path, query, fragment, user, password} | nil, message */
int boltz_lua_url_parse (lua_State *L);

/* ip_version(text) -> 4 | 6 | nil when it is no address */
int boltz_lua_url_ip_version (lua_State *L);

#endif
