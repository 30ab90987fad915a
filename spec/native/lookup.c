/* SPDX-License-Identifier: MIT */
/*
** A host that starts a program while libcurl asks for a name, which it does in a thread of its own.
** The program sees no socket of ours, also when the caller has long gone.
*/
#include <lauxlib.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdio.h>

#include "state.h"

static sem_t answer;

/* In the place of the C library's: a name server that takes its time. */
int getaddrinfo (const char *restrict name, const char *restrict service,
                 const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
  (void)name;
  (void)service;
  (void)hints;
  (void)result;
  sem_wait(&answer);
  return EAI_AGAIN;
}

/* It answers one of those that ask. */
static int give_answer (lua_State *L) {
  (void)L;
  sem_post(&answer);
  return 0;
}

int main (void) {
  sem_init(&answer, 0, 0);
  lua_State *L = state_new_plain();
  state_push_script(L, "lookup");
  lua_pushcfunction(L, give_answer);
  state_call(L, 1, 0);
  lua_close(L);
  return 0;
}
