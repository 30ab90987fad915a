/* SPDX-License-Identifier: MIT */
/*
** Fields of a table that Lua code gives to the core. What is found stays on the stack, so that its
** text stays alive.
*/
#ifndef BOLTZ_LUA_FIELDS_H
#define BOLTZ_LUA_FIELDS_H

#include <lua.h>
#include <stddef.h>

/* Pushes the field, as rawget has it. Returns its type.   [-0, +1, m] */
int boltz_lua_field_raw (lua_State *L, int index, const char *field);

/*
** The value on top, found under that name, as text for libcurl, which reads to a NUL: a string or a
** secret; NULL for nil. Raises on a line end.   [-0, +0, v]
*/
const char *boltz_lua_field_text (lua_State *L, const char *field);

/* The field as a size: a number that is not below 0; what no size holds is the largest one.
   [-0, +0, e] */
size_t boltz_lua_field_size (lua_State *L, int index, const char *field);

#endif
