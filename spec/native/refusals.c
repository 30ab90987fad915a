/* SPDX-License-Identifier: MIT */
/*
** Refuses system calls of the core's to refusals.lua: each function at its first call, at its
** second, and so on, once, and from there on, until the script runs through without a refusal.
** What libcurl calls by itself, and other threads, are left alone.
*/
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"
#include "state.h"

#define ALWAYS LONG_MAX

enum {
  EPOLL_CREATE1,
  EPOLL_CTL,
  EPOLL_WAIT,
  TIMERFD_CREATE,
  TIMERFD_SETTIME,
  EVENTFD,
  SOCKET,
  SOCKETPAIR,
  GETSOCKNAME,
  FCNTL,
  GETRLIMIT,
  PTHREAD_CREATE,
  MKDTEMP,
  BIND,
  LISTEN,
  ACCEPT4,
  COUNT
};

/*
** `lasts`: the last call from which on all are refused, as well as alone. A wait that is always
** interrupted ends with the limit of time. A sandbox that forbids to set a timer does so from the
** beginning.
*/
static struct door {
  const char *name;
  int error;
  long lasts;
} doors[] = {[EPOLL_CREATE1] = {"epoll_create1", EMFILE, ALWAYS},
             [EPOLL_CTL] = {"epoll_ctl", ENOSPC, ALWAYS},
             [EPOLL_WAIT] = {"epoll_wait", EINTR, 0},
             [TIMERFD_CREATE] = {"timerfd_create", EMFILE, ALWAYS},
             [TIMERFD_SETTIME] = {"timerfd_settime", EPERM, 1},
             [EVENTFD] = {"eventfd", EMFILE, ALWAYS},
             [SOCKET] = {"socket", EMFILE, ALWAYS},
             [SOCKETPAIR] = {"socketpair", EMFILE, ALWAYS},
             [GETSOCKNAME] = {"getsockname", ENOBUFS, ALWAYS},
             [FCNTL] = {"fcntl", EPERM, ALWAYS},
             [GETRLIMIT] = {"getrlimit", EPERM, ALWAYS},
             [PTHREAD_CREATE] = {"pthread_create", EAGAIN, ALWAYS},
             [MKDTEMP] = {"mkdtemp", EACCES, ALWAYS},
             [BIND] = {"bind", EADDRINUSE, ALWAYS},
             [LISTEN] = {"listen", EADDRINUSE, ALWAYS},
             [ACCEPT4] = {"accept4", EMFILE, ALWAYS}};

static _Thread_local int refused = COUNT; /* the door that is; COUNT: none */
static _Thread_local long asked, first, last;

static bool opens (int door) {
  if (door != refused) return true;
  asked++;
  if (asked < first || asked > last) return true;
  errno = doors[door].error;
  return false;
}

/* The linker leads this program's calls of these functions here. */
#define STAND_IN(result, name, parameters, arguments, door, refusal)                               \
  result __real_##name parameters;                                                                 \
  result __wrap_##name parameters;                                                                 \
  result __wrap_##name parameters {                                                                \
    return opens(door) ? __real_##name arguments : (refusal);                                      \
  }

STAND_IN(int, epoll_create1, (int flags), (flags), EPOLL_CREATE1, -1)
STAND_IN(int, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event *event),
         (epoll, operation, fd, event), EPOLL_CTL, -1)
STAND_IN(int, epoll_wait, (int epoll, struct epoll_event *events, int most, int milliseconds),
         (epoll, events, most, milliseconds), EPOLL_WAIT, -1)
STAND_IN(int, timerfd_create, (int clock, int flags), (clock, flags), TIMERFD_CREATE, -1)
STAND_IN(int, timerfd_settime,
         (int fd, int flags, const struct itimerspec *when, struct itimerspec *before),
         (fd, flags, when, before), TIMERFD_SETTIME, -1)
STAND_IN(int, eventfd, (unsigned value, int flags), (value, flags), EVENTFD, -1)
STAND_IN(int, socket, (int domain, int type, int protocol), (domain, type, protocol), SOCKET, -1)
STAND_IN(int, socketpair, (int domain, int type, int protocol, int pair[2]),
         (domain, type, protocol, pair), SOCKETPAIR, -1)
STAND_IN(int, getsockname, (int fd, struct sockaddr *address, socklen_t *length),
         (fd, address, length), GETSOCKNAME, -1)
STAND_IN(int, getrlimit, (int resource, struct rlimit *limit), (resource, limit), GETRLIMIT, -1)
STAND_IN(int, pthread_create,
         (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data),
         (thread, attributes, run, data), PTHREAD_CREATE, errno)
STAND_IN(char *, mkdtemp, (char *template), (template), MKDTEMP, NULL)
STAND_IN(int, bind, (int fd, const struct sockaddr *address, socklen_t length),
         (fd, address, length), BIND, -1)
STAND_IN(int, listen, (int fd, int backlog), (fd, backlog), LISTEN, -1)
STAND_IN(int, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags),
         (fd, address, length, flags), ACCEPT4, -1)

int __real_fcntl (int fd, int command, ...);
int __wrap_fcntl (int fd, int command, ...);
int __wrap_fcntl (int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  int flags = va_arg(arguments, int); /* the core's commands have it, or do not look at it */
  va_end(arguments);
  return opens(FCNTL) ? __real_fcntl(fd, command, flags) : -1;
}

/* ---- what the script is given */

/* refuse(name, n, lasting): the n-th call from now on, and the later ones if `lasting`. */
static int refuse (lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  asked = 0;
  first = (long)luaL_checkinteger(L, 2);
  last = lua_toboolean(L, 3) ? LONG_MAX : first;
  for (refused = 0; refused < COUNT; refused++)
    if (strcmp(doors[refused].name, name) == 0) return 0;
  return luaL_error(L, "no such door");
}

/* Refuses no more, and tells whether it has. */
static int grant (lua_State *L) {
  refused = COUNT;
  lua_pushboolean(L, asked >= first);
  return 1;
}

/* Whether a descriptor becomes readable within so many milliseconds. */
static int readable (lua_State *L) {
  struct pollfd look = {.fd = (int)luaL_checkinteger(L, 1), .events = POLLIN};
  lua_pushboolean(L, poll(&look, 1, (int)luaL_checkinteger(L, 2)) == 1);
  return 1;
}

/* A connection to a path. */
static int join (lua_State *L) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = __real_socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s", luaL_checkstring(L, 1));
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
    return luaL_error(L, "connect: %s", strerror(errno));
  lua_pushinteger(L, fd);
  return 1;
}

static int leave (lua_State *L) {
  close((int)luaL_checkinteger(L, 1));
  return 0;
}

static void push_system (lua_State *L) {
  static const luaL_Reg functions[] = {{"refuse", refuse}, {"grant", grant}, {"readable", readable},
                                       {"join", join},     {"leave", leave}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_createtable(L, COUNT, 0);
  for (int i = 0; i < COUNT; i++) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, doors[i].name);
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, doors[i].lasts);
    lua_setfield(L, -2, "lasts");
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "doors");
}

static void play (bool refusing) {
  int port = server_start();
  lua_State *L = state_new_plain();
  state_push_script(L, "refusals");
  lua_pushinteger(L, port);
  push_system(L);
  lua_pushboolean(L, refusing);
  state_call(L, 3, 0);
  lua_close(L);
  server_stop();
}

int main (void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  play(false); /* what libcurl opens once is open now */
  int descriptors = state_descriptors();
  play(true);
  int left = state_descriptors() - descriptors;
  printf("%d descriptors left\n", left);
  return left != 0;
}
