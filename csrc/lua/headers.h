/* SPDX-License-Identifier: MIT */
/*
** Header fields between Lua and csrc/http.
*/
#ifndef BOLTZ_LUA_HEADERS_H
#define BOLTZ_LUA_HEADERS_H

#include <lua.h>
#include <stddef.h>

#include "http/headers.h"

/* check_header(name, value) -> nil | what is wrong; a value is a string or a secret, or false
   for a field to leave out, whose name is checked all the same. */
int boltz_lua_headers_check (lua_State *L);

/*
** Adds the fields of the flat Lua list {name, value, name, value, ...} at `index`; false for a
** value keeps libcurl from sending a field of its own. Returns NULL, or what is wrong.
** [-0, +0, -]
*/
const char *boltz_lua_headers_read (lua_State *L, int index, struct curl_slist **list);

/* Pushes {["lower-case-name"] = value}; equal names are joined by ", ".   [-0, +1, m] */
void boltz_lua_headers_push (lua_State *L, const char *lines, size_t length);

#endif
