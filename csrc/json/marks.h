/* SPDX-License-Identifier: MIT */
/*
** Which tables are JSON arrays and which are objects, and how deep both may nest.
**
** A table is an array when its metatable has `__jsontype = "array"`, an object when that is
** "object" (dkjson's convention, so that its tables serve too). The OpenResty branch of lua-cjson
** has marks of its own, which count as well: the metatables `array_mt` and, for a table without
** names, `empty_array_mt`, and the value `empty_array`. Without a mark a table is an array when its
** keys are 1..n with n > 0.
*/
#ifndef BOLTZ_JSON_MARKS_H
#define BOLTZ_JSON_MARKS_H

#include <lua.h>
#include <stddef.h>

#define BOLTZ_JSON_DEPTH 100 /* levels of nesting, both ways */
#define BOLTZ_ARRAY_MARK "boltz.array"

/* Makes the marks known to this Lua state.   [-0, +0, m] */
void boltz_json_openmarks (lua_State *L);

/* Pushes the metatable that marks an array.   [-0, +1, -] */
void boltz_json_pusharraymark (lua_State *L);

/* Has the marks of the lua-cjson on top count, if it has any.   [-0, +0, m] */
void boltz_json_adoptmarks (lua_State *L);

/* Pushes the metatable that marks an array of that length of which elements are null, and are nil
   in Lua.   [-0, +1, m] */
void boltz_json_pushnullsmark (lua_State *L, size_t length);

/* The length in the mark of such an array at `index`, and 0 for all else.   [-0, +0, m] */
size_t boltz_json_lengthwithnulls (lua_State *L, int index);

/* Whether the value at `index`, from 1, is a table that is marked as `type`.   [-0, +0, m] */
int boltz_json_ismarked (lua_State *L, int index, const char *type);

/* Whether the value at `index` is lua-cjson's `empty_array`.   [-0, +0, m] */
int boltz_json_isemptyarray (lua_State *L, int index);

/* array(t) -> t, marked as a JSON array */
int boltz_json_array (lua_State *L);

/* is_array(value) -> whether it is a table with such a mark, or lua-cjson's `empty_array` */
int boltz_json_isarray (lua_State *L);

/* has_nulls(value) -> whether it is a decoded array of which elements were null, and are nil: its
   length may not be what it was */
int boltz_json_hasnulls (lua_State *L);

#endif
