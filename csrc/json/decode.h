/* SPDX-License-Identifier: MIT */
/*
** From JSON to Lua values: lua-cjson reads the text, and the core settles what that leaves open.
*/
#ifndef BOLTZ_JSON_DECODE_H
#define BOLTZ_JSON_DECODE_H

#include <lua.h>

/*
** Pushes the function, which owns a private lua-cjson:   [-0, +1, e]
**
**   decode(text [, max_values [, keep_nulls]]) -> value | nil, message, whether it is more than so
**     many values
**
** JSON null is nil, or with `keep_nulls` lua-cjson's null.
** A whole number that this Lua cannot hold exactly, and one beyond a double's range, is its text;
** an escape of half a character is U+FFFD. Values are counted before any table is made.
*/
void boltz_json_pushdecode (lua_State *L);

#endif
