/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "clock.h"

#define LONGEST 86400 /* seconds of one wait */

struct boltz_poller {
  CURLM *multi; /* NULL: none to serve */
  double due;   /* when libcurl's timer runs out */
  double alarm; /* when the engine wants to be stepped besides */
};

const char *boltz_poller_name (void) {
  return "portable";
}

boltz_code boltz_poller_new (boltz_poller **made) {
  boltz_poller *poller = malloc(sizeof *poller);
  *made = poller;
  if (poller == NULL) return BOLTZ_NO_MEMORY;
  *poller = (boltz_poller){NULL, INFINITY, INFINITY};
  return BOLTZ_OK;
}

void boltz_poller_serve (boltz_poller *poller, CURLM *multi) {
  poller->multi = multi;
  poller->due = INFINITY;
}

void boltz_poller_prepare (boltz_poller *poller, CURL *easy) {
  (void)poller;
  (void)easy;
}

CURLMcode boltz_poller_begin (boltz_poller *poller) {
  int running;
  return curl_multi_perform(poller->multi, &running);
}

void boltz_poller_wait (boltz_poller *poller, double seconds) {
  double left = fmin(fmin(seconds, boltz_poller_due(poller) - boltz_now()), LONGEST);
  int milliseconds = left > 0 ? (int)ceil(left * 1000) : 0;
  if (poller->multi == NULL)
    poll(NULL, 0, milliseconds);
  else if (milliseconds > 0)
    curl_multi_poll(poller->multi, NULL, 0, milliseconds, NULL);
}

CURLMcode boltz_poller_act (boltz_poller *poller, boltz_sigpipe *sigpipe) {
  if (poller->multi == NULL) return CURLM_OK;
  boltz_sigpipe_hold(sigpipe);
  return boltz_poller_begin(poller);
}

/* Once, as libcurl does not tell whether there was anything to do. */
CURLMcode boltz_poller_drain (boltz_poller *poller, boltz_sigpipe *sigpipe) {
  return boltz_poller_act(poller, sigpipe);
}

void boltz_poller_arm (boltz_poller *poller, double alarm) {
  long milliseconds = -1;
  if (poller->multi != NULL) curl_multi_timeout(poller->multi, &milliseconds);
  poller->due = milliseconds < 0 ? INFINITY : boltz_now() + (double)milliseconds / 1000;
  poller->alarm = alarm;
}

double boltz_poller_due (const boltz_poller *poller) {
  return fmin(poller->due, poller->alarm);
}

bool boltz_poller_is_watched (const boltz_poller *poller) {
  (void)poller;
  return false;
}

boltz_code boltz_poller_watch (boltz_poller *poller, int *descriptor) {
  (void)poller;
  *descriptor = -1;
  return BOLTZ_OK;
}

void boltz_poller_free (boltz_poller *poller) {
  free(poller);
}
