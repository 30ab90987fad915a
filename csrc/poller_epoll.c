/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "poller.h"

#define EVENTS 64     /* that one step takes; the kernel gives the others first the next time */
#define LONGEST 86400 /* seconds of one wait */
#define FOREVER 1e9   /* seconds since the machine started; a time_t may not hold much more */

/* ---- libcurl's callbacks: they come from within its functions, so they only take notes */

/*
** libcurl closes some sockets before it says REMOVE, or without asking `on_close`. The kernel takes
** a closed socket out of an epoll only when no other process has it, and after a fork one has: it
** would stay ready for ever, and nobody could take it out. So each socket tells once, and is told
** to go on as long as libcurl knows it. One that has told may as well stay where it is, for the
** next request on its connection.
*/
static int watch_socket (boltz_poller *poller, int socket) {
  boltz_watch *watch = &poller->sockets[socket];
  struct epoll_event event = {watch->wanted | EPOLLONESHOT, {.fd = socket}};
  watch->armed =
      epoll_ctl(poller->descriptor, EPOLL_CTL_MOD, socket, &event) == 0 ||
      (errno == ENOENT && epoll_ctl(poller->descriptor, EPOLL_CTL_ADD, socket, &event) == 0);
  return watch->armed ? 0 : -1;
}

static void forget_socket (boltz_poller *poller, int socket) {
  struct epoll_event none = {0, {.fd = socket}};
  epoll_ctl(poller->descriptor, EPOLL_CTL_DEL, socket, &none); /* gone already, if it fails */
  if (socket < poller->room) poller->sockets[socket] = (boltz_watch){0, false};
}

static bool make_room (boltz_poller *poller, int socket) {
  if (socket < poller->room) return true;
  int room = socket + 64;
  boltz_watch *sockets = realloc(poller->sockets, (size_t)room * sizeof *sockets);
  if (sockets == NULL) return false;
  memset(sockets + poller->room, 0, (size_t)(room - poller->room) * sizeof *sockets);
  poller->sockets = sockets;
  poller->room = room;
  return true;
}

static int on_socket (CURL *easy, curl_socket_t socket, int what, void *data, void *unused) {
  (void)easy;
  (void)unused;
  boltz_poller *poller = data;
  if (!make_room(poller, socket)) return -1;
  boltz_watch *watch = &poller->sockets[socket];
  watch->wanted = 0;
  if (what == CURL_POLL_REMOVE) {
    if (watch->armed) forget_socket(poller, socket);
    return 0;
  }
  if (what & CURL_POLL_IN) watch->wanted |= EPOLLIN;
  if (what & CURL_POLL_OUT) watch->wanted |= EPOLLOUT;
  return watch_socket(poller, socket);
}

static int on_close (void *data, curl_socket_t socket) {
  forget_socket(data, socket);
  return close(socket);
}

static int on_timer (CURLM *multi, long milliseconds, void *data) {
  (void)multi;
  boltz_poller *poller = data;
  poller->due = milliseconds < 0 ? INFINITY : boltz_now() + (double)milliseconds / 1000;
  return 0;
}

/* ---- */

bool boltz_poller_open (boltz_poller *poller, CURLM *multi) {
  poller->multi = multi;
  poller->due = poller->alarm = poller->armed = INFINITY;
  poller->timer = -1;
  poller->was_ready = false;
  poller->sockets = NULL;
  poller->room = 0;
  poller->descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (poller->descriptor < 0) return false;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
  return true;
}

void boltz_poller_prepare (boltz_poller *poller, CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, poller);
}

static CURLMcode act (boltz_poller *poller, const struct epoll_event *event) {
  int socket = event->data.fd;
  int running, ready = 0; /* 0: libcurl looks for itself, also for what is wrong */
  poller->sockets[socket].armed = false;
  if ((event->events & (EPOLLERR | EPOLLHUP)) == 0) {
    if (event->events & EPOLLIN) ready |= CURL_CSELECT_IN;
    if (event->events & EPOLLOUT) ready |= CURL_CSELECT_OUT;
  }
  CURLMcode code = curl_multi_socket_action(poller->multi, socket, ready, &running);
  if (poller->sockets[socket].wanted != 0) watch_socket(poller, socket);
  return code;
}

double boltz_poller_due (const boltz_poller *poller) {
  return fmin(poller->due, poller->alarm);
}

static int milliseconds_to_wait (const boltz_poller *poller, double seconds) {
  if (!(seconds > 0)) return 0;
  double left = fmin(fmin(seconds, boltz_poller_due(poller) - boltz_now()), LONGEST);
  return left > 0 ? (int)ceil(left * 1000) : 0;
}

CURLMcode boltz_poller_begin (boltz_poller *poller) {
  int running;
  poller->due = INFINITY;
  CURLMcode code = curl_multi_socket_action(poller->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  if (code != CURLM_OK) poller->due = boltz_now(); /* it has not said when to go on */
  return code;
}

CURLMcode boltz_poller_step (boltz_poller *poller, double seconds, boltz_sigpipe *sigpipe) {
  struct epoll_event events[EVENTS];
  CURLMcode code = CURLM_OK;
  poller->was_ready = false;
  int count = epoll_wait(poller->descriptor, events, EVENTS, milliseconds_to_wait(poller, seconds));
  for (int i = 0; i < count; i++) { /* all, as none of them tells again by itself */
    if (events[i].data.fd == poller->timer) {
      poller->armed = NAN; /* it has run out: to be set again, whatever to */
      continue;
    }
    boltz_sigpipe_hold(sigpipe);
    CURLMcode outcome = act(poller, &events[i]);
    if (code == CURLM_OK) code = outcome;
    poller->was_ready = true;
  }
  if (code != CURLM_OK || poller->due > boltz_now()) return code;
  boltz_sigpipe_hold(sigpipe);
  return boltz_poller_begin(poller);
}

/*
** While anything is due, a timer that is set too early stays: setting it costs more than a step
** that finds nothing to do, and most limits of time are never reached.
*/
static void set_timer (boltz_poller *poller) {
  double due = boltz_poller_due(poller);
  struct itimerspec when = {{0, 0}, {0, 0}}; /* never */
  if (poller->timer < 0 || due == poller->armed) return;
  if (due > poller->armed && due < INFINITY) return;
  if (due < FOREVER) {
    double whole = floor(due);
    when.it_value.tv_sec = (time_t)whole;
    when.it_value.tv_nsec = (long)((due - whole) * 1e9) | 1; /* 0 would be never */
  }
  timerfd_settime(poller->timer, TFD_TIMER_ABSTIME, &when, NULL);
  poller->armed = due;
}

void boltz_poller_arm (boltz_poller *poller, double alarm) {
  poller->alarm = alarm;
  set_timer(poller);
}

bool boltz_poller_is_watched (const boltz_poller *poller) {
  return poller->timer >= 0;
}

/* Most programs never ask, and spare the timer's system calls. */
bool boltz_poller_watch (boltz_poller *poller) {
  if (poller->timer >= 0) return true;
  poller->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  struct epoll_event event = {EPOLLIN, {.fd = poller->timer}};
  if (poller->timer < 0) return false;
  if (epoll_ctl(poller->descriptor, EPOLL_CTL_ADD, poller->timer, &event) != 0) {
    close(poller->timer);
    poller->timer = -1;
    return false;
  }
  poller->armed = INFINITY;
  set_timer(poller);
  return true;
}

void boltz_poller_close (boltz_poller *poller) {
  if (poller->timer >= 0) close(poller->timer);
  if (poller->descriptor >= 0) close(poller->descriptor);
  poller->timer = poller->descriptor = -1;
  free(poller->sockets);
  poller->sockets = NULL;
  poller->room = 0;
}
