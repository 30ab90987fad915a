/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "compat.h"
#include "engine.h"
#include "watcher.h"

#define WATCHER "boltz.watcher"
#define FOLDER P_tmpdir "/boltz-XXXXXX" /* mkdtemp: nobody else gets in */
#define NAME "/watcher"
#define EVENTS 16     /* that one byte tells of */
#define STACK 0x20000 /* bytes, of the thread */

typedef struct watcher {
  int descriptors; /* an epoll of what is watched, and of `stop` */
  int stop;        /* eventfd: the thread shall end */
  int listener;    /* until `begin` */
  int peer;        /* of the host's socket, from then on */
  bool runs;       /* the thread */
  pthread_t thread;
  pid_t owner;                /* process in which it does */
  struct sockaddr_un address; /* of `listener` */
} watcher;

static watcher *watcher_check (lua_State *L) {
  watcher *w = luaL_checkudata(L, 1, WATCHER);
  if (w->descriptors < 0) luaL_error(L, "the watcher is closed");
  if (w->owner != getpid()) luaL_error(L, "the watcher belongs to another process");
  return w;
}

/* ---- the thread */

static void *run (void *data) {
  const watcher *w = data;
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(w->descriptors, events, EVENTS, -1);
    if (count < 0 && errno != EINTR) return NULL;
    for (int i = 0; i < count; i++)
      if (events[i].data.fd == w->stop) return NULL;
    /* It does not wait for room: then the host has enough to read. */
    if (count > 0) send(w->peer, "!", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

/* Without signals, which are for the host's own threads. Returns what pthread_create does. */
static int start (watcher *w) {
  pthread_attr_t attributes;
  sigset_t all, before;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return error;
  pthread_attr_setstacksize(&attributes, STACK);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&w->thread, &attributes, run, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  w->runs = error == 0;
  return error;
}

/* ---- its socket */

static void shut (int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

static void remove_path (watcher *w) {
  char *path = w->address.sun_path;
  if (path[0] == '\0') return;
  unlink(path);
  *strrchr(path, '/') = '\0';
  rmdir(path);
  path[0] = '\0';
}

/* False with errno. */
static bool listen_at_path (watcher *w) {
  char *path = w->address.sun_path;
  memcpy(path, FOLDER, sizeof FOLDER);
  if (mkdtemp(path) == NULL) {
    path[0] = '\0';
    return false;
  }
  memcpy(path + sizeof FOLDER - 1, NAME, sizeof NAME);
  w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return w->listener >= 0 &&
         bind(w->listener, (const struct sockaddr *)&w->address, sizeof w->address) == 0 &&
         listen(w->listener, 1) == 0;
}

/* ---- */

static void dispose (watcher *w) {
  if (w->owner == getpid()) { /* a child has the descriptors, and neither thread nor path */
    remove_path(w);
    if (w->runs) {
      eventfd_write(w->stop, 1);
      pthread_join(w->thread, NULL);
    }
  }
  w->runs = false;
  shut(&w->descriptors);
  shut(&w->stop);
  shut(&w->listener);
  shut(&w->peer);
}

/* Closes it, and pushes nil and what the last system call has come to. */
static int give_up (lua_State *L, watcher *w, const char *what) {
  int error = errno;
  dispose(w);
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", what, strerror(error));
  return 2;
}

int boltz_watcher_new (lua_State *L) {
  watcher *w = lua_newuserdata(L, sizeof *w);
  w->descriptors = w->stop = w->listener = w->peer = -1;
  w->runs = false;
  w->owner = getpid();
  w->address = (struct sockaddr_un){.sun_family = AF_UNIX};
  luaL_getmetatable(L, WATCHER);
  lua_setmetatable(L, -2);
  if (!listen_at_path(w)) return give_up(L, w, P_tmpdir);
  w->stop = eventfd(0, EFD_CLOEXEC);
  w->descriptors = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {EPOLLIN, {.fd = w->stop}};
  if (w->stop < 0 || w->descriptors < 0 ||
      epoll_ctl(w->descriptors, EPOLL_CTL_ADD, w->stop, &event) != 0)
    return give_up(L, w, "epoll");
  return 1;
}

static int watcher_address (lua_State *L) {
  lua_pushfstring(L, "unix:%s", watcher_check(L)->address.sun_path);
  return 1;
}

static int watcher_begin (lua_State *L) {
  watcher *w = watcher_check(L);
  if (w->peer >= 0) return luaL_error(L, "the watcher has begun");
  w->peer = accept(w->listener, NULL, NULL);
  if (w->peer < 0) return give_up(L, w, "accept");
  fcntl(w->peer, F_SETFD, FD_CLOEXEC);
  shut(&w->listener);
  remove_path(w);
  errno = start(w);
  if (errno != 0) return give_up(L, w, "pthread_create");
  lua_pushboolean(L, true);
  return 1;
}

static int watcher_watch (lua_State *L) {
  watcher *w = watcher_check(L);
  int descriptor = boltz_engine_descriptor(L, 2);
  struct epoll_event event = {EPOLLIN | EPOLLONESHOT, {.fd = descriptor}};
  bool done = epoll_ctl(w->descriptors, EPOLL_CTL_MOD, descriptor, &event) == 0 ||
              epoll_ctl(w->descriptors, EPOLL_CTL_ADD, descriptor, &event) == 0;
  lua_pushboolean(L, done);
  return 1;
}

static int watcher_close (lua_State *L) {
  dispose(luaL_checkudata(L, 1, WATCHER));
  return 0;
}

static int watcher_tostring (lua_State *L) {
  watcher *w = luaL_checkudata(L, 1, WATCHER);
  lua_pushfstring(L, "boltz.watcher (%s)", w->descriptors >= 0 ? "open" : "closed");
  return 1;
}

static const luaL_Reg methods[] = {{"address", watcher_address},
                                   {"begin", watcher_begin},
                                   {"watch", watcher_watch},
                                   {"close", watcher_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__gc", watcher_close}, {"__tostring", watcher_tostring}, {NULL, NULL}};

void boltz_watcher_open (lua_State *L) {
  boltz_newtype(L, WATCHER, methods, metamethods);
  lua_pop(L, 1);
}
