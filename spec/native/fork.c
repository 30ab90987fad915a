/* SPDX-License-Identifier: MIT */
/*
** Processes that fork with TLS connections open. The scenes are in fork.lua; here is what Lua
** cannot do by itself, in a table of functions.
*/
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

/* fork() -> process id, 0 in the child */
static int process_fork (lua_State *L) {
  fflush(NULL);
  lua_pushinteger(L, fork());
  return 1;
}

/* leave(): ends a child as programs end, but without a look for leaks: it has its parent's. */
static int process_leave (lua_State *L) {
  lua_close(L);
  fflush(NULL);
  _exit(0);
}

/* wait(process id) -> exit status, 128 + signal */
static int process_wait (lua_State *L) {
  int status;
  if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) == -1) return luaL_error(L, "no child");
  lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 1;
}

/* hold(): in a child, keeps what it has inherited until it is stopped. Does not return. */
static int process_hold (lua_State *L) {
  (void)L;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  while (pause() == -1) continue;
  return 0;
}

/* readable(descriptor, milliseconds) -> whether it can be read within that time */
static int process_readable (lua_State *L) {
  struct pollfd watched = {.fd = (int)luaL_checkinteger(L, 1), .events = POLLIN};
  lua_pushboolean(L, poll(&watched, 1, (int)luaL_checkinteger(L, 2)) == 1);
  return 1;
}

/* spawn(program, argument...) -> process id; the program ends with this process */
static int process_spawn (lua_State *L) {
  char *words[16] = {NULL};
  for (int i = 1; i <= lua_gettop(L) && i < 16; i++) words[i - 1] = (char *)luaL_checkstring(L, i);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execvp(words[0], words);
    perror(words[0]);
    _exit(127);
  }
  lua_pushinteger(L, pid);
  return 1;
}

/* stop(process id) */
static int process_stop (lua_State *L) {
  pid_t pid = (pid_t)luaL_checkinteger(L, 1);
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
  return 0;
}

/*
** reserve_port() -> a port of 127.0.0.1 that nobody else is given. Its socket stays open but never
** listens, so that nginx may bind beside it: both have SO_REUSEADDR.
*/
static int process_reserve_port (lua_State *L) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (bind(fd, (struct sockaddr *)&address, size) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0)
    return luaL_error(L, "cannot bind");
  lua_pushinteger(L, ntohs(address.sin_port));
  return 1;
}

static const luaL_Reg functions[] = {{"fork", process_fork},
                                     {"hold", process_hold},
                                     {"leave", process_leave},
                                     {"readable", process_readable},
                                     {"reserve_port", process_reserve_port},
                                     {"spawn", process_spawn},
                                     {"stop", process_stop},
                                     {"wait", process_wait},
                                     {NULL, NULL}};

int main (void) {
  char folder[4096], path[4096];
  const char *temporary = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/boltz-fork.XXXXXX", temporary != NULL ? temporary : "/tmp");
  if (mkdtemp(folder) == NULL) abort();
  snprintf(path, sizeof path, "%s:/usr/sbin", getenv("PATH")); /* where Debian has nginx */
  setenv("PATH", path, 1);
  lua_State *L = state_new_plain();
  state_push_script(L, "fork");
  luaL_newlib(L, functions);
  lua_pushstring(L, folder);
  state_call(L, 2, 0);
  lua_close(L);
  return 0;
}
