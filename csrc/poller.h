/* SPDX-License-Identifier: MIT */
/*
** A poller tells a curl_multi when its sockets and its timer are ready. There are two, of which a
** build has one: `poller_epoll.c` has a descriptor that a host's event loop can watch;
** `poller_portable.c`, for systems without epoll, lets libcurl poll by itself and has none.
**
** Times are those of boltz_now; INFINITY stands for never.
*/
#ifndef BOLTZ_POLLER_H
#define BOLTZ_POLLER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "sigpipe.h"

/* A socket of libcurl's, as epoll has it. */
typedef struct boltz_watch {
  unsigned wanted; /* what libcurl wants to hear of it; 0: nothing */
  bool armed;      /* epoll will tell */
} boltz_watch;

typedef struct boltz_poller {
  CURLM *multi;
  double due;           /* when libcurl's timer runs out */
  double alarm;         /* when the engine wants to be stepped besides */
  int descriptor;       /* of an epoll that holds libcurl's sockets and `timer`; -1: none */
  int timer;            /* timerfd; -1 until a host asks for the descriptor */
  double armed;         /* what `timer` is set to */
  bool was_ready;       /* a socket, in the last step */
  boltz_watch *sockets; /* by their number */
  int room;             /* of `sockets` */
} boltz_poller;

/* Before the first transfer is added. False for want of memory or descriptors. */
bool boltz_poller_open (boltz_poller *poller, CURLM *multi);

/* Before each transfer is added. */
void boltz_poller_prepare (boltz_poller *poller, CURL *easy);

/*
** Waits until there is something to do, `seconds` at most, and has libcurl do it. From then on it
** holds `sigpipe`, which the caller releases.
*/
CURLMcode boltz_poller_step (boltz_poller *poller, double seconds, boltz_sigpipe *sigpipe);

/* Has libcurl begin what was added, while the caller holds SIGPIPE. */
CURLMcode boltz_poller_begin (boltz_poller *poller);

/*
** Sets the alarm, and the timer to what comes first. To be called after every call into libcurl,
** which changes its own timer in many of them.
*/
void boltz_poller_arm (boltz_poller *poller, double alarm);

/* When it must be stepped even if nothing is ready. */
double boltz_poller_due (const boltz_poller *poller);

/* Whether a host watches. */
bool boltz_poller_is_watched (const boltz_poller *poller);

/*
** Before a host watches `descriptor` for reading, if there is one; its number stays the same. False
** for want of descriptors.
*/
bool boltz_poller_watch (boltz_poller *poller);

/* Closes its own descriptors, after the multi has gone. May be called again. */
void boltz_poller_close (boltz_poller *poller);

#endif
