/* SPDX-License-Identifier: MIT */
/*
** 8 threads, each with its own Lua state and client, 1,000 calls each. For ThreadSanitizer, which
** looks into Lua as well when BOLTZ_LUA_SOURCE and BOLTZ_CJSON_SOURCE are given. libcurl is the
** system's: of it it sees the locks and what goes to malloc, memcpy and the like.
*/
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "server.h"
#include "state.h"

#define THREADS 8

/* luaopen_cjson notes the locale's decimal point in a static variable, the same in every thread. */
const char *__tsan_default_suppressions (void);
const char *__tsan_default_suppressions (void) {
  return "race:fpconv_update_locale\n";
}

static int port;
static pthread_barrier_t start; /* they load the module at the same time */

static void *run (void *number) {
  pthread_barrier_wait(&start);
  lua_State *L = state_new_plain();
  state_push_script(L, "threads");
  lua_pushinteger(L, port);
  lua_pushinteger(L, *(int *)number);
  state_call(L, 2, 0);
  lua_close(L);
  return NULL;
}

int main (void) {
  pthread_t threads[THREADS];
  int numbers[THREADS];
  port = server_start();
  pthread_barrier_init(&start, NULL, THREADS);
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i + 1;
    if (pthread_create(&threads[i], NULL, run, &numbers[i]) != 0) abort();
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&start);
  server_stop();
  printf("%d threads, 1,000 calls each\n", THREADS);
  return 0;
}
