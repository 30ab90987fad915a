/* SPDX-License-Identifier: MIT */
/*
** From JSON to Lua values: lua-cjson reads the text, and the core settles what that leaves open.
*/
#ifndef BOLTZ_JSON_DECODE_H
#define BOLTZ_JSON_DECODE_H

#include <lua.h>

/* Pushes the function decode(text) -> value | nil, message; it owns a private lua-cjson.
   [-0, +1, e] */
void boltz_json_pushdecode (lua_State *L);

#endif
