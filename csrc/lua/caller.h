/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_LUA_CALLER_H
#define BOLTZ_LUA_CALLER_H

#include <lua.h>

/*
** Places in a program, also in hosts that take `debug` away.
**
** caller(own) -> place | nil   the line that runs in the nearest function whose source does not
**                           begin with `own`, such as "audit.lua:12"; functions in C, and those
**                           that have lost their lines, are passed over
** beginning(fn) -> place | nil, source   where a function begins, and the source that it is from
*/
int boltz_lua_caller (lua_State *L);
int boltz_lua_beginning (lua_State *L);

#endif
