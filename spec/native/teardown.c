/* SPDX-License-Identifier: MIT */
/*
** Lua states that end in the middle of everything: teardown.lua, 1,000 times. Sanitizers and
** valgrind say what is wrong then; the program itself sees to it that no descriptor is left.
**
** usage: teardown [seed [rounds]]; the seed that is printed repeats a run, and each round has its
** own, the run's plus its number.
*/
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "server.h"
#include "state.h"

/* Returns how many transfers were running when lua_close began. */
static lua_Integer play (int port, long seed) {
  lua_State *L = state_new_plain();
  state_push_script(L, "teardown");
  lua_pushinteger(L, port);
  lua_pushinteger(L, seed);
  state_call(L, 2, 1);
  lua_Integer running = lua_tointeger(L, -1);
  lua_close(L);
  return running;
}

int main (int count, char **arguments) {
  long seed = count > 1 ? atol(arguments[1]) : (long)time(NULL);
  long rounds = count > 2 ? atol(arguments[2]) : 1000;
  lua_Integer running = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("seed %ld\n", seed);
  play(server_start(), seed); /* what libcurl and OpenSSL open once is open now */
  server_stop();
  int descriptors = state_descriptors();
  int port = server_start();
  for (long i = 0; i < rounds; i++) running += play(port, seed + i);
  server_stop();
  int left = state_descriptors() - descriptors;
  printf("%ld rounds, %lld transfers in flight, %d descriptors left\n", rounds, (long long)running,
         left);
  return left != 0 ||
         running < rounds / 2; /* fewer would be no test; curl 7.81 ends many at once */
}
