/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* accept4 */
#include "watcher.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FOLDER P_tmpdir "/boltz-XXXXXX" /* mkdtemp: no other user gets in */
#define NAME "/watcher"
#define EVENTS 16     /* that one byte tells of */
#define STACK 0x20000 /* bytes, of the thread */

struct boltz_watcher {
  int descriptors; /* an epoll of what is watched, and of `stop` */
  int stop;        /* eventfd: the thread shall end */
  int listener;    /* until `begin` */
  int peer;        /* of the host's socket, from then on */
  bool runs;       /* the thread */
  pthread_t thread;
  pid_t owner;                /* process in which it does */
  struct sockaddr_un address; /* of `listener` */
};

/* ---- the thread */

static void *run (void *data) {
  const boltz_watcher *w = data;
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
static int start (boltz_watcher *w) {
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

static void remove_path (boltz_watcher *w) {
  char *path = w->address.sun_path;
  if (path[0] == '\0') return;
  unlink(path);
  *strrchr(path, '/') = '\0';
  rmdir(path);
  path[0] = '\0';
}

/* False with errno. */
static bool listen_at_path (boltz_watcher *w) {
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

void boltz_watcher_close (boltz_watcher *w) {
  int error = errno;
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
  errno = error;
}

void boltz_watcher_free (boltz_watcher *w) {
  int error = errno;
  if (w != NULL) boltz_watcher_close(w);
  free(w);
  errno = error;
}

/* Returns what failed, with errno, or NULL. */
static const char *set_up (boltz_watcher *w) {
  if (!listen_at_path(w)) return P_tmpdir;
  w->stop = eventfd(0, EFD_CLOEXEC);
  w->descriptors = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {EPOLLIN, {.fd = w->stop}};
  if (w->stop < 0 || w->descriptors < 0) return "epoll";
  return epoll_ctl(w->descriptors, EPOLL_CTL_ADD, w->stop, &event) == 0 ? NULL : "epoll";
}

boltz_watcher *boltz_watcher_new (const char **what) {
  boltz_watcher *w = malloc(sizeof *w);
  *what = "malloc";
  if (w == NULL) return NULL;
  memset(w, 0, sizeof *w);
  w->descriptors = w->stop = w->listener = w->peer = -1;
  w->owner = getpid();
  w->address.sun_family = AF_UNIX;
  *what = set_up(w);
  if (*what == NULL) return w;
  boltz_watcher_free(w);
  return NULL;
}

bool boltz_watcher_is_open (const boltz_watcher *w) {
  return w->descriptors >= 0;
}

const char *boltz_watcher_problem (const boltz_watcher *w) {
  if (!boltz_watcher_is_open(w)) return "the watcher is closed";
  return w->owner == getpid() ? NULL : "the watcher belongs to another process";
}

const char *boltz_watcher_path (const boltz_watcher *w) {
  return w->address.sun_path;
}

bool boltz_watcher_has_begun (const boltz_watcher *w) {
  return w->peer >= 0;
}

static const char *begin (boltz_watcher *w) {
  w->peer = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);
  if (w->peer < 0) return "accept";
  shut(&w->listener);
  remove_path(w);
  errno = start(w);
  return errno == 0 ? NULL : "pthread_create";
}

const char *boltz_watcher_begin (boltz_watcher *w) {
  const char *what = begin(w);
  if (what != NULL) boltz_watcher_close(w);
  return what;
}

bool boltz_watcher_watch (boltz_watcher *w, int descriptor) {
  struct epoll_event event = {EPOLLIN | EPOLLONESHOT, {.fd = descriptor}};
  return epoll_ctl(w->descriptors, EPOLL_CTL_MOD, descriptor, &event) == 0 ||
         epoll_ctl(w->descriptors, EPOLL_CTL_ADD, descriptor, &event) == 0;
}
