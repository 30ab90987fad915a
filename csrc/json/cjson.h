/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_JSON_CJSON_H
#define BOLTZ_JSON_CJSON_H

#include <lua.h>

/*
** Pushes the decode function of a private lua-cjson, whose settings nobody else has or changes, and
** `new`, which makes another one. Raises, with the word cjson, when `require "cjson"` gives
** something that does not read JSON as lua-cjson does.   [-0, +2, e]
*/
void boltz_json_pushcjson (lua_State *L);

#endif
