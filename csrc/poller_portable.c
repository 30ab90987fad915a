/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "clock.h"
#include "poller.h"

#define LONGEST 86400 /* seconds of one wait */

bool boltz_poller_open (boltz_poller *poller, CURLM *multi) {
  poller->multi = multi;
  poller->due = poller->alarm = poller->armed = INFINITY;
  poller->timer = poller->descriptor = -1;
  poller->was_ready = false;
  return true;
}

void boltz_poller_prepare (boltz_poller *poller, CURL *easy) {
  (void)poller;
  (void)easy;
}

CURLMcode boltz_poller_begin (boltz_poller *poller) {
  int running;
  return curl_multi_perform(poller->multi, &running);
}

CURLMcode boltz_poller_step (boltz_poller *poller, double seconds, boltz_sigpipe *sigpipe) {
  double left = fmin(fmin(seconds, boltz_poller_due(poller) - boltz_now()), LONGEST);
  if (left > 0) curl_multi_poll(poller->multi, NULL, 0, (int)ceil(left * 1000), NULL);
  boltz_sigpipe_hold(sigpipe);
  return boltz_poller_begin(poller);
}

void boltz_poller_arm (boltz_poller *poller, double alarm) {
  long milliseconds = -1;
  curl_multi_timeout(poller->multi, &milliseconds);
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

bool boltz_poller_watch (boltz_poller *poller) {
  (void)poller;
  return true;
}

void boltz_poller_close (boltz_poller *poller) {
  (void)poller;
}
