/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_LUA_WATCHER_H
#define BOLTZ_LUA_WATCHER_H

#include <lua.h>

/*
** watcher() -> watcher | nil, why there is none; see http/watcher.h
**
**   watcher:address()      -> "unix:/path" that the host is to connect to, next and once
**   watcher:begin()        -> true: has taken that connection, and removed the path | nil, why it
**                          could not, and is closed
**   watcher:watch(engine)  -> true: one byte comes as soon as the engine is to be stepped, which
**                          may be at once; again only after another call | false: no descriptor is
**                          left
**   watcher:close()        also its __gc; the host's socket is then at its end. May be repeated.
*/
int boltz_lua_watcher_new (lua_State *L);

/* Registers the type. */
void boltz_lua_watcher_open (lua_State *L);

#endif
