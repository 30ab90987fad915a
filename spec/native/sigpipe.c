/* SPDX-License-Identifier: MIT */
/*
** A host whose every write to a socket raises SIGPIPE, as OpenSSL's may before curl 7.87: this
** program has a `send` and a `write` of its own, which libcurl and OpenSSL then use. The scenes are
** in sigpipe.lua; here is what Lua cannot do by itself, in a table of functions.
*/
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state.h"

static pthread_t host; /* not libcurl's threads, which end as they like */
static int raised;
static volatile sig_atomic_t handled;

static void break_pipe (int descriptor) {
  struct stat what;
  int error = errno;
  if (pthread_equal(pthread_self(), host) && fstat(descriptor, &what) == 0 &&
      S_ISSOCK(what.st_mode)) {
    raised++;
    raise(SIGPIPE);
  }
  errno = error;
}

ssize_t send (int descriptor, const void *bytes, size_t length, int flags) {
  ssize_t sent = sendto(descriptor, bytes, length, flags, NULL, 0);
  break_pipe(descriptor);
  return sent;
}

ssize_t write (int descriptor, const void *bytes, size_t length) {
  ssize_t written = syscall(SYS_write, descriptor, bytes, length);
  break_pipe(descriptor);
  return written;
}

static void count (int signal) {
  (void)signal;
  handled++;
}

/* raised() -> how often a write has raised it since it was last asked */
static int process_raised (lua_State *L) {
  lua_pushinteger(L, raised);
  raised = 0;
  return 1;
}

/* handled() -> how often the handler has run since it was last asked */
static int process_handled (lua_State *L) {
  lua_pushinteger(L, handled);
  handled = 0;
  return 1;
}

/* raise(): SIGPIPE, to this thread */
static int process_raise (lua_State *L) {
  (void)L;
  raise(SIGPIPE);
  return 0;
}

/* handle(how): SIGPIPE, "count" or else "default" */
static int process_handle (lua_State *L) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = strcmp(luaL_checkstring(L, 1), "count") == 0 ? count : SIG_DFL;
  sigaction(SIGPIPE, &action, NULL);
  return 0;
}

/* block(boolean): whether this thread holds SIGPIPE back */
static int process_block (lua_State *L) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGPIPE);
  pthread_sigmask(lua_toboolean(L, 1) ? SIG_BLOCK : SIG_UNBLOCK, &only, NULL);
  return 0;
}

/* pending() -> whether SIGPIPE waits */
static int process_pending (lua_State *L) {
  sigset_t waiting;
  sigpending(&waiting);
  lua_pushboolean(L, sigismember(&waiting, SIGPIPE));
  return 1;
}

/* signals() -> what this thread holds back, and how SIGPIPE is handled, as bytes */
static int process_signals (lua_State *L) {
  struct sigaction action;
  sigset_t mask;
  memset(&mask, 0, sizeof mask);
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  sigaction(SIGPIPE, NULL, &action);
  lua_pushlstring(L, (const char *)&mask, sizeof mask);
  lua_pushlstring(L, (const char *)&action.sa_handler, sizeof action.sa_handler);
  lua_concat(L, 2);
  return 1;
}

static const luaL_Reg functions[] = {{"block", process_block},     {"handle", process_handle},
                                     {"handled", process_handled}, {"pending", process_pending},
                                     {"raise", process_raise},     {"raised", process_raised},
                                     {"signals", process_signals}, {NULL, NULL}};

/*
** sigpipe URL HTTP2_URL CA_FILE: two servers of TLS that keep connections open. The first speaks
** HTTP/1.1, and leaves /hang unanswered.
*/
int main (int count_of_arguments, char **arguments) {
  if (count_of_arguments != 4) return 2;
  host = pthread_self();
  lua_State *L = state_new_plain();
  state_push_script(L, "sigpipe");
  luaL_newlib(L, functions);
  lua_pushstring(L, arguments[1]);
  lua_pushstring(L, arguments[2]);
  lua_pushstring(L, arguments[3]);
  state_call(L, 4, 0);
  lua_close(L);
  return 0;
}
