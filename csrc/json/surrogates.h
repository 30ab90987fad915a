/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_JSON_SURROGATES_H
#define BOLTZ_JSON_SURROGATES_H

#include <lua.h>
#include <stddef.h>

/*
** JSON may have escapes of half a character, as what cuts a text within an emoji leaves them. They
** mean no text, and lua-cjson refuses them. If there are any, pushes the text with U+FFFD in their
** places; otherwise returns 0 and pushes nothing.   [-0, +(0|1), m]
*/
int boltz_json_mendsurrogates (lua_State *L, const char *text, size_t length);

#endif
