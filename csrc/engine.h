/* SPDX-License-Identifier: MIT */
/*
** The engine drives transfers: one curl_multi with its pool of connections.
*/
#ifndef BOLTZ_ENGINE_H
#define BOLTZ_ENGINE_H

#include <lua.h>

#include "transfer.h"

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_engine_open (lua_State *L);

/* engine() -> engine */
int boltz_engine_new (lua_State *L);

/* Takes a running transfer out of its engine; the transfer then counts as cancelled. */
void boltz_engine_cancel (boltz_transfer *t);

/* From now on a running transfer has so many seconds before it counts as timed out. */
void boltz_engine_expire_in (boltz_transfer *t, double seconds);

/*
** The descriptor of the engine at `index`, for somebody who watches it for a host that steps by the
** clock as well; -1 where there is none, or for want of descriptors.   [-0, +0, v]
*/
int boltz_engine_descriptor (lua_State *L, int index);

#endif
