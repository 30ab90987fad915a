/* SPDX-License-Identifier: MIT */
/*
** What the targets share. A target is `fuzz_setup`, called once, and `fuzz_one`, called for each
** input, both in one Lua state that lives as long as the process. libFuzzer learns of a finding by
** `fuzz_fail`, by a sanitizer, or by an error that is raised and not caught.
*/
#ifndef BOLTZ_FUZZ_H
#define BOLTZ_FUZZ_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The input, taken from its front. Behind its end there are only zeros. */
typedef struct fuzz_input {
  const uint8_t *bytes;
  size_t left;
} fuzz_input;

/*
** The target's own. The stack holds the module boltz.core at FUZZ_CORE and, above it, what
** `fuzz_setup` has left there; what `fuzz_one` leaves is dropped.
*/
#define FUZZ_CORE 1
void fuzz_setup (lua_State *L);
void fuzz_one (lua_State *L, fuzz_input *in);

/* How many bytes an input has, but for one in 512, which has as many as -max_len allows. */
extern const size_t fuzz_usual;

uint8_t fuzz_byte (fuzz_input *in);

/* `size` bytes as an unsigned number, the lowest one first. */
uint64_t fuzz_number (fuzz_input *in, unsigned size);

/* Pushes the next `length` bytes, fewer where the input ends.   [-0, +1, m] */
void fuzz_pushbytes (lua_State *L, fuzz_input *in, size_t length);

/* Pushes what comes before the next `separator`, and steps over that.   [-0, +1, m] */
void fuzz_pushuntil (lua_State *L, fuzz_input *in, char separator);

/* Calls core[name] with the `arguments` on top.   [-arguments, +results, e] */
void fuzz_callcore (lua_State *L, const char *name, int arguments, int results);

/* Reports a finding and ends the process. */
__attribute__((noreturn, format(printf, 1, 2))) void fuzz_fail (const char *format, ...);

#endif
