/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <lualib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int luaopen_boltz_core (lua_State *L);
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t length);

static lua_State *state;
static int kept; /* height of the stack between two inputs */

uint8_t fuzz_byte (fuzz_input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->bytes++;
}

uint64_t fuzz_number (fuzz_input *in, unsigned size) {
  uint64_t number = 0;
  for (unsigned i = 0; i < size; i++) number |= (uint64_t)fuzz_byte(in) << (8 * i);
  return number;
}

void fuzz_pushbytes (lua_State *L, fuzz_input *in, size_t length) {
  if (length > in->left) length = in->left;
  lua_pushlstring(L, (const char *)in->bytes, length);
  in->bytes += length;
  in->left -= length;
}

void fuzz_pushuntil (lua_State *L, fuzz_input *in, char separator) {
  const uint8_t *found = in->left > 0 ? memchr(in->bytes, separator, in->left) : NULL;
  fuzz_pushbytes(L, in, found != NULL ? (size_t)(found - in->bytes) : in->left);
  fuzz_byte(in);
}

void fuzz_callcore (lua_State *L, const char *name, int arguments, int results) {
  lua_getfield(L, FUZZ_CORE, name);
  lua_insert(L, -arguments - 1);
  lua_call(L, arguments, results);
}

void fuzz_fail (const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("finding: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  abort();
}

static int panic (lua_State *L) {
  fuzz_fail("raised: %s", luaL_tolstring(L, -1, NULL));
}

int LLVMFuzzerInitialize (int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  state = luaL_newstate();
  lua_atpanic(state, panic);
  luaL_openlibs(state);
  luaL_requiref(state, "boltz.core", luaopen_boltz_core, 0);
  fuzz_setup(state);
  kept = lua_gettop(state);
  return 0;
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t length) {
  fuzz_input in = {bytes, length};
  fuzz_one(state, &in);
  lua_settop(state, kept);
  return 0;
}
