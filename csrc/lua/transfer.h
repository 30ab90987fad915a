/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_LUA_TRANSFER_H
#define BOLTZ_LUA_TRANSFER_H

#include <lua.h>

#include "http/transfer.h"

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_lua_transfer_open (lua_State *L);

/*
** Pushes a transfer that has not begun. Its methods:
**   transfer:done()              -> boolean
**   transfer:result()            -> table, see result.h | nil while it runs
**   transfer:cancel()            at once; its result is then the failure "cancelled", unless it was
**                                done
**   transfer:expire_in(timeout, [deadline])  seconds from now; until then its timeout does not
**                                count. A step that comes late may lengthen `timeout`, but never
**                                beyond `deadline`; absent: none
** [-0, +1, m]
*/
boltz_transfer *boltz_lua_transfer_new (lua_State *L);

/*
** Reads the request table at `index`, whose texts stay on the stack:
**   method, url      strings
**   template         see request_template.h; absent: its fields are the request's own
**   body             string; absent: none
**   once             true: the body is never sent a second time, on no connection
**   timeout          seconds from the start to the last byte; absent: none
**   connect_timeout  seconds for the connection; absent: libcurl's own
** All but the template's fields are read as rawget has it. Raises on a request that is malformed.
** [-0, +7, m e]
*/
boltz_request boltz_lua_request_read (lua_State *L, int index);

#endif
