/* SPDX-License-Identifier: MIT */
/*
** A watcher is for a host that cannot watch a foreign descriptor, and can read a socket of its own:
** nginx. A thread waits for the descriptors of engines, and writes a byte into that socket when one
** of them is ready. The thread knows nothing of Lua or libcurl; it runs from `begin` to `close`. As
** with the poller, a build without epoll has none (`watcher_portable.c`).
*/
#ifndef BOLTZ_WATCHER_H
#define BOLTZ_WATCHER_H

#include <lua.h>

/*
** watcher() -> watcher | nil, why there is none
**
**   watcher:address()      -> "unix:/path" that the host is to connect to, next and once
**   watcher:begin()        -> true: has taken that connection, and removed the path | nil, why it
**                          could not, and is closed
**   watcher:watch(engine)  -> true: one byte comes as soon as the engine is to be stepped, which
**                          may be at once; again only after another call | false: no descriptor is
**                          left
**   watcher:close()        also its __gc; the host's socket is then at its end. May be repeated.
*/
int boltz_watcher_new (lua_State *L);

/* Registers the type. */
void boltz_watcher_open (lua_State *L);

#endif
