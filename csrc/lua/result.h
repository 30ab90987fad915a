/* SPDX-License-Identifier: MIT */
/*
** A result: what Lua gets of a finished transfer, an answer or a failure.
*/
#ifndef BOLTZ_LUA_RESULT_H
#define BOLTZ_LUA_RESULT_H

#include <lua.h>

#include "http/transfer.h"

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_lua_result_open (lua_State *L);

/*
** Pushes a table, of which `headers` are read when they are asked for:   [-0, +1, m]
**   status, headers, body    of the answer as far as it came; status is 0 without one
**   failure, message         nil when the answer is whole
**   transient                of a failure: whether it may pass
**   sent                     whether any byte of the request went out
**   forsaken                 true after a fork: the parent goes on with it
**   elapsed                  seconds
*/
void boltz_lua_result_push (lua_State *L, boltz_transfer *t);

#endif
