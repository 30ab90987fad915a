/* SPDX-License-Identifier: MIT */
/*
** JSON. `encode.c` writes requests itself, because lua-cjson 2.1.0 cannot: it rounds numbers to 14
** digits, has no empty array and passes bytes that are not UTF-8. `decode.c` reads answers with
** lua-cjson and then settles what that leaves open.
**
** A table is an array when its metatable has `__jsontype = "array"`, an object when that is
** "object" (dkjson's convention, so that its tables serve too). Without a mark it is an array when
** its keys are 1..n with n > 0.
*/
#ifndef BOLTZ_JSON_H
#define BOLTZ_JSON_H

#include <lua.h>

#define BOLTZ_JSON_DEPTH 100 /* levels of nesting, both ways */
#define BOLTZ_ARRAY_MARK "boltz.array"
#define BOLTZ_HOLES_MARK "boltz.array.holes" /* of a decoded one in which nulls were */

/* Makes the types known to this Lua state.   [-0, +0, m] */
void boltz_json_open (lua_State *L);

/* Pushes the metatable that marks an array.   [-0, +1, -] */
void boltz_json_pusharraymark (lua_State *L);

/* Whether the value at `index` is a table that is marked as `type`.   [-0, +0, -] */
int boltz_json_ismarked (lua_State *L, int index, const char *type);

/* Whether nulls were in the array at `index`: its length may not be what it was.   [-0, +0, -] */
int boltz_json_hasnulls (lua_State *L, int index);

/* encode(value) -> text | nil, what came instead of JSON, path of the field */
int boltz_json_encode (lua_State *L);

/* Pushes the function decode(text) -> value | nil, message; it owns a private lua-cjson. */
void boltz_json_pushdecode (lua_State *L);

#endif
