/* SPDX-License-Identifier: MIT */
/*
** A Lua with nothing in it but lua-cjson, which decodes answers as our module has them decoded.
** Each function leaves Lua's stack as it was; decoded values are garbage after it.
*/
#ifndef BENCH_DECODE_H
#define BENCH_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

lua_State *bench_decoder (void);

/* Whether the text is an object whose `id` is this. */
bool bench_decode_is (lua_State *L, const char *text, size_t length, const char *id);

/*
** How many items a page has. The cursor of the page after it goes to `cursor`, "" if there is none.
*/
size_t bench_decode_page (lua_State *L, const char *text, size_t length, char *cursor, size_t size);

#endif
