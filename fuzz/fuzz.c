/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <lualib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int luaopen_boltz_core (lua_State *L);
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t length);
size_t LLVMFuzzerMutate (uint8_t *bytes, size_t length, size_t room);
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t length, size_t room, unsigned random);

#define LONG_EVERY 512 /* of so many inputs one is long: more of them, and all takes longer */
#define LENGTHS 7      /* as long as an input may be, half of that, and so on: 256 KiB to 4 KiB */
#define LONG 4096
#define MOST_SECONDS 5 /* of the processor's time, however busy the machine is */

static lua_State *state;
static int kept; /* height of the stack between two inputs */
static size_t long_inputs, longest;

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

static void report_long (void) {
  fprintf(stderr, "long inputs: %zu, of up to %zu bytes\n", long_inputs, longest);
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
  atexit(report_long);
  return 0;
}

static void run_one (const uint8_t *bytes, size_t length) {
  fuzz_input in = {bytes, length};
  fuzz_one(state, &in);
  lua_settop(state, kept);
}

/* None takes a second: one that does more than that grows by its square, or worse. */
static void run_long (const uint8_t *bytes, size_t length) {
  clock_t began = clock();
  run_one(bytes, length);
  double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
  if (seconds > MOST_SECONDS) fuzz_fail("%zu bytes took %.1f s", length, seconds);
  long_inputs++;
  if (length > longest) longest = length;
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t length) {
  if (length < LONG)
    run_one(bytes, length);
  else
    run_long(bytes, length);
  return 0;
}

/*
** Puts `bytes[from..from + size)` in again behind itself, until the input has `wanted` bytes.
** Returns its new length.
*/
static size_t stretch (uint8_t *bytes, size_t length, size_t from, size_t size, size_t wanted) {
  size_t added = wanted - length, behind = from + size;
  memmove(bytes + behind + added, bytes + behind, length - behind);
  for (size_t i = 0; i < added; i++) bytes[behind + i] = bytes[from + i % size];
  return wanted;
}

/* An input that is short becomes long: up to 64 bytes of it are repeated. */
static size_t make_long (uint8_t *bytes, size_t length, size_t room, unsigned random) {
  size_t wanted = room >> random % LENGTHS;
  if (length == 0 || wanted <= length) return length;
  random /= LENGTHS;
  size_t from = random % length, most = length - from < 64 ? length - from : 64;
  return stretch(bytes, length, from, 1 + random / 64 % most, wanted);
}

/*
** libFuzzer's own steps add few bytes each, and once an input has become long, so have all that it
** makes of it. Here few are long, whatever they are made of, and the others usual.
*/
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t length, size_t room, unsigned random) {
  bool is_long = random % LONG_EVERY == 0;
  if (!is_long && length > fuzz_usual) length = fuzz_usual;
  length = LLVMFuzzerMutate(bytes, length, is_long || room < fuzz_usual ? room : fuzz_usual);
  return is_long ? make_long(bytes, length, room, random / LONG_EVERY) : length;
}
