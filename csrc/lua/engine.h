/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_LUA_ENGINE_H
#define BOLTZ_LUA_ENGINE_H

#include <lua.h>

#include "http/engine.h"

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_lua_engine_open (lua_State *L);

/*
** engine() -> engine | nil, "no descriptor left ..."
**
**   engine:start(request)   -> transfer, which is then under way as far as that needs no waiting;
**                           the request is as transfer.h has it | nil, "no descriptor left ..."
**   engine:step([seconds])  -> how many transfers and alarms have ended since the last step: if
**                           0, nothing has come for any waiter. It moves all transfers on, and
**                           waits for something to do, so many seconds at most; without a number it
**                           never waits
**   engine:nudge()          a step that leaves what it ends for the next engine:step to tell
**   engine:wake([seconds])  the descriptor becomes readable, now or then, and the step after that
**                           tells something. The earliest call counts, and ends all: a caller that
**                           waits for a later time asks again
**   engine:pollfd()         -> the descriptor to watch, which stays the same | nil: built without
**                           epoll, or there is none left for its timer
**   engine:events()         -> "r": what to watch the descriptor for
**   engine:timeout()        -> seconds after which to step even if nothing is readable | nil: never
**   engine:disconnect()     ends the connections, and keeps the descriptor -> true | false: nothing
**                           is done while transfers run
**   engine:close()          also its __gc and __close: cancels what runs. May be called again
*/
int boltz_lua_engine_new (lua_State *L);

/* The engine at `index`, which may be closed.   [-0, +0, v] */
boltz_engine *boltz_lua_engine_check (lua_State *L, int index);

/* Raises what a code says, unless all went well.   [-0, +0, v] */
void boltz_lua_engine_raise (lua_State *L, boltz_code code);

#endif
