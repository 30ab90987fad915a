/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "descriptors.h"

#define EVENTS 64     /* that one wait takes; the kernel gives the others first the next time */
#define ROUNDS 1000   /* of reading what comes, after which it has to prove itself late or not */
#define LONGEST 86400 /* seconds of one wait */
#define FOREVER 1e9   /* seconds since the machine started; a time_t may not hold much more */

/* A socket of libcurl's, as epoll has it. */
typedef struct watch {
  unsigned wanted; /* what libcurl wants to hear of it; 0: nothing */
  bool armed;      /* epoll will tell */
} watch;

struct boltz_poller {
  CURLM *multi;      /* NULL: none to serve */
  double due;        /* when libcurl's timer runs out */
  double alarm;      /* when the engine wants to be stepped besides */
  int descriptor;    /* of an epoll that holds libcurl's sockets and `timer` */
  int timer;         /* timerfd; -1 until a host asks for the descriptor */
  double armed;      /* what `timer` is set to */
  bool was_ready;    /* a socket, when it last acted */
  bool looks_up;     /* libcurl has begun to look a name up, and not told of a socket since */
  CURLMcode failure; /* that a callback has met */
  watch *sockets;    /* by their number */
  int room;          /* of `sockets` */
  int count;         /* of `events`: what the last wait has found, until it acts */
  struct epoll_event events[EVENTS];
};

/* ---- libcurl's callbacks: they come from within its functions, so they only take notes */

/*
** libcurl closes some sockets before it says REMOVE, or without asking `on_close`. The kernel takes
** a closed socket out of an epoll only when no other process has it, and after a fork one has: it
** would stay ready for ever, and could not be taken out. So each socket tells once, and is told
** to go on as long as libcurl knows it. One that has told may as well stay where it is, for the
** next request on its connection.
*/
static void watch_socket (boltz_poller *poller, int socket) {
  watch *w = &poller->sockets[socket];
  struct epoll_event event = {w->wanted | EPOLLONESHOT, {.fd = socket}};
  w->armed = epoll_ctl(poller->descriptor, EPOLL_CTL_MOD, socket, &event) == 0 ||
             (errno == ENOENT && epoll_ctl(poller->descriptor, EPOLL_CTL_ADD, socket, &event) == 0);
  if (!w->armed && (errno == ENOMEM || errno == ENOSPC)) poller->failure = CURLM_OUT_OF_MEMORY;
}

static void forget_socket (boltz_poller *poller, int socket) {
  struct epoll_event none = {0, {.fd = socket}};
  epoll_ctl(poller->descriptor, EPOLL_CTL_DEL, socket, &none); /* gone already, if it fails */
  if (socket < poller->room) poller->sockets[socket] = (watch){0, false};
}

static bool make_room (boltz_poller *poller, int socket) {
  if (socket < poller->room) return true;
  int room = socket + 64;
  watch *sockets = realloc(poller->sockets, (size_t)room * sizeof *sockets);
  if (sockets == NULL) return false;
  memset(sockets + poller->room, 0, (size_t)(room - poller->room) * sizeof *sockets);
  poller->sockets = sockets;
  poller->room = room;
  return true;
}

/*
** Never returns an error: libcurl would refuse all that the multi is asked for from then on, and
** tell of it only later.
*/
static int on_socket (CURL *easy, curl_socket_t socket, int what, void *data, void *unused) {
  (void)easy;
  (void)unused;
  boltz_poller *poller = data;
  if (!make_room(poller, socket)) {
    if (what != CURL_POLL_REMOVE) poller->failure = CURLM_OUT_OF_MEMORY;
    return 0;
  }
  watch *w = &poller->sockets[socket];
  w->wanted = 0;
  if (what == CURL_POLL_REMOVE) {
    if (w->armed) forget_socket(poller, socket);
    return 0;
  }
  if (poller->looks_up) boltz_descriptors_seal_pair(socket);
  poller->looks_up = false;
  if (what & CURL_POLL_IN) w->wanted |= EPOLLIN;
  if (what & CURL_POLL_OUT) w->wanted |= EPOLLOUT;
  watch_socket(poller, socket);
  return 0;
}

/*
** The thread that looks a name up tells of its end by a socketpair. curl 7.88 lets programs inherit
** that, and names one of its ends to `on_socket` before it does anything else.
*/
static int on_lookup (void *state, void *unused, void *data) {
  (void)state;
  (void)unused;
  ((boltz_poller *)data)->looks_up = true;
  return 0;
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

const char *boltz_poller_name (void) {
  return "epoll";
}

boltz_code boltz_poller_new (boltz_poller **made) {
  *made = NULL;
  boltz_poller *poller = malloc(sizeof *poller);
  if (poller == NULL) return BOLTZ_NO_MEMORY;
  memset(poller, 0, sizeof *poller);
  poller->due = poller->alarm = poller->armed = INFINITY;
  poller->timer = -1;
  poller->descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (poller->descriptor < 0) {
    free(poller);
    return BOLTZ_NO_DESCRIPTOR;
  }
  *made = poller;
  return BOLTZ_OK;
}

void boltz_poller_serve (boltz_poller *poller, CURLM *multi) {
  poller->multi = multi;
  poller->due = INFINITY;
  poller->was_ready = poller->looks_up = false;
  poller->failure = CURLM_OK;
  if (multi == NULL) return;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
}

void boltz_poller_prepare (boltz_poller *poller, CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, poller);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, poller);
}

/* The first failure of those that callbacks and libcurl itself have told of. */
static CURLMcode outcome (const boltz_poller *poller, CURLMcode code) {
  return poller->failure != CURLM_OK ? poller->failure : code;
}

static CURLMcode act_on (boltz_poller *poller, const struct epoll_event *event) {
  int socket = event->data.fd;
  int running, ready = 0; /* 0: libcurl looks for itself, also for what is wrong */
  poller->sockets[socket].armed = false;
  if ((event->events & (EPOLLERR | EPOLLHUP)) == 0) {
    if (event->events & EPOLLIN) ready |= CURL_CSELECT_IN;
    if (event->events & EPOLLOUT) ready |= CURL_CSELECT_OUT;
  }
  CURLMcode code = curl_multi_socket_action(poller->multi, socket, ready, &running);
  if (poller->sockets[socket].wanted != 0) watch_socket(poller, socket);
  return outcome(poller, code);
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
  return outcome(poller, code);
}

void boltz_poller_wait (boltz_poller *poller, double seconds) {
  poller->count =
      epoll_wait(poller->descriptor, poller->events, EVENTS, milliseconds_to_wait(poller, seconds));
}

CURLMcode boltz_poller_act (boltz_poller *poller, boltz_sigpipe *sigpipe) {
  CURLMcode code = poller->failure; /* of a callback between the steps */
  poller->was_ready = false;
  for (int i = 0; i < poller->count; i++) { /* all, as none of them tells again by itself */
    if (poller->events[i].data.fd == poller->timer) {
      poller->armed = NAN; /* it has run out: to be set again, whatever to */
      continue;
    }
    boltz_sigpipe_hold(sigpipe);
    CURLMcode done = act_on(poller, &poller->events[i]);
    if (code == CURLM_OK) code = done;
    poller->was_ready = true;
  }
  if (code != CURLM_OK || poller->due > boltz_now()) return code;
  boltz_sigpipe_hold(sigpipe);
  return boltz_poller_begin(poller);
}

CURLMcode boltz_poller_drain (boltz_poller *poller, boltz_sigpipe *sigpipe) {
  CURLMcode code;
  int rounds = 0;
  do {
    boltz_poller_wait(poller, 0);
    code = boltz_poller_act(poller, sigpipe);
    rounds++;
  } while (code == CURLM_OK && poller->was_ready && rounds < ROUNDS);
  return code;
}

/*
** While anything is due, a timer that is set too early stays: setting it costs more than a step
** that finds nothing to do, and most limits of time are never reached. Returns false if the
** system twice refuses to set it, which is then due the next time: a host must not wait for a timer
** that says nothing.
*/
static bool set_timer (boltz_poller *poller) {
  double due = boltz_poller_due(poller);
  struct itimerspec when = {{0, 0}, {0, 0}}; /* never */
  if (poller->timer < 0 || due == poller->armed) return true;
  if (due > poller->armed && due < INFINITY) return true;
  if (due < FOREVER) {
    double whole = floor(due);
    when.it_value.tv_sec = (time_t)whole;
    when.it_value.tv_nsec = (long)((due - whole) * 1e9) | 1; /* 0 would be never */
  }
  bool is_set = false;
  for (int i = 0; i < 2 && !is_set; i++)
    is_set = timerfd_settime(poller->timer, TFD_TIMER_ABSTIME, &when, NULL) == 0;
  poller->armed = is_set ? due : NAN;
  return is_set;
}

void boltz_poller_arm (boltz_poller *poller, double alarm) {
  poller->alarm = alarm;
  set_timer(poller);
}

bool boltz_poller_is_watched (const boltz_poller *poller) {
  return poller->timer >= 0;
}

static boltz_code make_timer (boltz_poller *poller) {
  poller->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (poller->timer < 0) return BOLTZ_NO_DESCRIPTOR;
  struct epoll_event event = {EPOLLIN, {.fd = poller->timer}};
  poller->armed = NAN;
  if (set_timer(poller) && epoll_ctl(poller->descriptor, EPOLL_CTL_ADD, poller->timer, &event) == 0)
    return BOLTZ_OK;
  close(poller->timer);
  poller->timer = -1;
  return BOLTZ_NO_DESCRIPTOR;
}

/*
** Most programs never ask, and spare the timer's system calls. Where it cannot be set, as a sandbox
** may have it, the host has to do without.
*/
boltz_code boltz_poller_watch (boltz_poller *poller, int *descriptor) {
  *descriptor = -1;
  if (poller->timer < 0) {
    boltz_code code = make_timer(poller);
    if (code != BOLTZ_OK) return code;
  }
  *descriptor = poller->descriptor;
  return BOLTZ_OK;
}

void boltz_poller_free (boltz_poller *poller) {
  if (poller == NULL) return;
  if (poller->timer >= 0) close(poller->timer);
  close(poller->descriptor);
  free(poller->sockets);
  free(poller);
}
