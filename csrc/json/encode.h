/* SPDX-License-Identifier: MIT */
/*
** From Lua values to JSON. The core writes requests itself, because lua-cjson 2.1.0 cannot: it
** rounds numbers to 14 digits, has no empty array and passes bytes that are not UTF-8.
*/
#ifndef BOLTZ_JSON_ENCODE_H
#define BOLTZ_JSON_ENCODE_H

#include <lua.h>

/* Makes the encoder's type known to this Lua state.   [-0, +0, m] */
void boltz_json_openencode (lua_State *L);

/* encode(value) -> text | nil, what came instead of JSON, path of the field */
int boltz_json_encode (lua_State *L);

#endif
