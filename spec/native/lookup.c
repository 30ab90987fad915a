/* SPDX-License-Identifier: MIT */
/*
** A host that starts a program while libcurl asks for a name, which it does in a thread of its own.
** The program sees no socket of ours, also when the caller has long gone.
*/
#include <lauxlib.h>
#include <stdio.h>

#include "names.h"
#include "state.h"

static int give_answer (lua_State *L) {
  (void)L;
  names_answer();
  return 0;
}

int main (void) {
  names_init();
  lua_State *L = state_new_plain();
  state_push_script(L, "lookup");
  lua_pushcfunction(L, give_answer);
  state_call(L, 1, 0);
  lua_close(L);
  return 0;
}
