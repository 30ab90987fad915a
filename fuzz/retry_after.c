/* SPDX-License-Identifier: MIT */
/*
** What a server asks to wait, on any header values: nothing, or a finite number that is not
** negative. The input is `retry-after-ms`, `Retry-After` and `Date`, a line each; an empty one is
** absent.
**
** The code under test is Lua, which clang does not see. A hook counts its lines in a section that
** libFuzzer takes for coverage.
*/
#include <math.h>

#include "fuzz.h"

#define REQUESTED_WAIT 2
#define NOW 1700000000 /* seconds since the epoch */

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t lines[256];

static void count_line (lua_State *L, lua_Debug *event) {
  (void)L;
  lines[event->currentline % 256]++;
}

const size_t fuzz_usual = 512;

void fuzz_setup (lua_State *L) {
  lua_getglobal(L, "package");
  lua_pushliteral(L, BOLTZ_LUA_DIR "/?.lua");
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
  if (luaL_dofile(L, BOLTZ_LUA_DIR "/boltz/request/retry.lua")) lua_error(L);
  lua_getfield(L, -1, "requested_delay");
  lua_replace(L, REQUESTED_WAIT);
  lua_sethook(L, count_line, LUA_MASKLINE, 0);
}

static void set_field (lua_State *L, int fields, fuzz_input *in, const char *name) {
  fuzz_pushuntil(L, in, '\n');
  if (lua_rawlen(L, -1) > 0) lua_setfield(L, fields, name);
}

void fuzz_one (lua_State *L, fuzz_input *in) {
  lua_pushvalue(L, REQUESTED_WAIT);
  lua_newtable(L);
  int fields = lua_gettop(L);
  set_field(L, fields, in, "retry-after-ms");
  set_field(L, fields, in, "retry-after");
  set_field(L, fields, in, "date");
  lua_settop(L, fields);
  lua_pushinteger(L, NOW);
  lua_call(L, 2, 1);
  if (lua_isnil(L, -1)) return;
  double wait = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
  if (!(isfinite(wait) && wait >= 0)) fuzz_fail("a wait of %s", luaL_tolstring(L, -1, NULL));
}
