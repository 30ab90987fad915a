/* SPDX-License-Identifier: MIT */
/*
** A second opinion on JSON, which shares no code with csrc/ and none with lua-cjson.
*/
#ifndef BOLTZ_JSON_ORACLE_H
#define BOLTZ_JSON_ORACLE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/*
** Reads JSON (RFC 8259). Arrays get the metatable at `mark`, null is a light userdata, numbers
** are integers where the text has neither fraction nor exponent and 64 bits hold it, and their text
** where they are whole and no double, or beyond all doubles. A lone surrogate is U+FFFD. More than
** RFC 8259, as lua-cjson does, it lets control characters other than NUL stand in strings and does
** not look at UTF-8. False, with nothing pushed: it is not JSON, or is nested deeper than 100.
** `text` ends in a NUL that `length` does not count.   [-0, +(0|1), m]
*/
bool oracle_read (lua_State *L, const char *text, size_t length, int mark);

/* How a value came back from text. */
typedef enum oracle_way {
  ORACLE_TEXT,  /* read by oracle_read: all is there, numbers are exact */
  ORACLE_CJSON, /* by lua-cjson: no marks, numbers are doubles */
  ORACLE_CORE   /* by boltz.core: whole doubles have become integers, null is absent */
} oracle_way;

/*
** Whether the value at `actual` is the one at `expected` after that. In `expected`, a table
** without `__jsontype` in its metatable is an array when it has a first element.   [-0, +0, -]
*/
bool oracle_same (lua_State *L, int expected, int actual, oracle_way way);

#endif
