/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_JSON_UTF8_H
#define BOLTZ_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
** Whether the bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
** U+10FFFF. `characters`, unless NULL, receives the number of code points.
*/
bool boltz_utf8_check (const char *bytes, size_t length, size_t *characters);

#endif
