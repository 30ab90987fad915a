/* SPDX-License-Identifier: MIT */
/*
** 10,000 clients in one Lua state, each with one call, and nobody who collects garbage but Lua.
** After 2,000 of them all that grows at first has grown; 8,000 later the process must hold as many
** descriptors, and as much memory within 1 MiB. That is 131 bytes a client, less than the smallest
** thing one could lose; a libcurl handle alone is thousands. Not for a build with a sanitizer,
** which keeps freed memory for a while.
*/
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server.h"
#include "state.h"

#define TOLERANCE 1024 /* KiB */

typedef struct holding {
  int descriptors;
  long resident; /* KiB */
} holding;

static holding measure (void) {
  long size, resident;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &size, &resident) != 2) abort();
  fclose(file);
  return (holding){state_descriptors(), resident * (sysconf(_SC_PAGESIZE) / 1024)};
}

/* Makes clients number `first` to `last`. Returns the most descriptors that were open meanwhile. */
static int churn (lua_State *L, int first, int last) {
  int port = server_start(), most = 0;
  for (int i = first; i <= last; i++) {
    lua_pushvalue(L, -1);
    lua_pushinteger(L, port);
    lua_pushinteger(L, i);
    state_call(L, 2, 0);
    int now = state_descriptors();
    if (now > most) most = now;
  }
  lua_gc(L, LUA_GCCOLLECT, 0);
  server_stop(); /* its descriptors are this process's too */
  return most;
}

int main (void) {
  lua_State *L = state_new_plain();
  state_push_script(L, "churn");
  churn(L, 1, 2000);
  holding before = measure();
  int most = churn(L, 2001, 10000);
  holding after = measure();
  printf("after 2,000 clients: %d descriptors, %ld KiB resident\n", before.descriptors,
         before.resident);
  printf("after 10,000:        %d descriptors, %ld KiB resident; at most %d descriptors\n",
         after.descriptors, after.resident, most);
  lua_close(L);
  return after.descriptors != before.descriptors || after.resident > before.resident + TOLERANCE;
}
