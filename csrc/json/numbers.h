/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_JSON_NUMBERS_H
#define BOLTZ_JSON_NUMBERS_H

#include <lua.h>
#include <stddef.h>

/*
** Numbers that lua-cjson does not give as they are, because it reads doubles: from 2^53 on not each
** whole number is one, and beyond 1.8e308 none is. Its OpenResty branch has no whole ones beyond
** 2^63 - 1.
*/

/* From here on a double may be another number than the text's: 2^53, which 2^53 + 1 is read as. */
#define BOLTZ_JSON_DOUBTFUL 9007199254740992.0

/*
** Pushes a JSON text, which lua-cjson has accepted, with such numbers as strings. A whole number
** that this Lua holds has `*mark` in front, a byte that no other string of the text has. If there
** is no such number, returns 0 and pushes nothing. [-0, +(0|1), m]
*/
int boltz_json_quotenumbers (lua_State *L, const char *text, size_t length, char *mark);

/* Pushes the number of a string that begins with `mark`; of another one it pushes nothing, and
   returns 0.   [-0, +(0|1), m] */
int boltz_json_pushmarked (lua_State *L, int index, char mark);

#endif
