/* SPDX-License-Identifier: MIT */
/*
** What a finished transfer means: the answer, or a failure and its class.
*/
#ifndef BOLTZ_RESULT_H
#define BOLTZ_RESULT_H

#include <lua.h>

#include "transfer.h"

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_result_open (lua_State *L);

/*
** Pushes a table, of which `headers` are read when somebody asks for them:   [-0, +1, m]
**   status, headers, body    of the answer as far as it came; status is 0 without one
**   failure, message         nil when the answer is whole
**   transient                of a failure: whether it may pass
**   sent                     whether any byte of the request went out
**   forsaken                 true after a fork: the parent goes on with it
**   elapsed                  seconds
**   connects, http_version   connections made for it; 10, 11, 20 for 1.0, 1.1 and 2
*/
void boltz_result_push (lua_State *L, const boltz_transfer *t);

#endif
