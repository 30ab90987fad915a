/* SPDX-License-Identifier: MIT */
#include "watcher.h"

#include <errno.h>
#include <stddef.h>

boltz_watcher *boltz_watcher_new (const char **what) {
  *what = "built without epoll";
  errno = 0;
  return NULL;
}

/* As none is ever made, the rest is never called. */

const char *boltz_watcher_problem (const boltz_watcher *watcher) {
  (void)watcher;
  return NULL;
}

bool boltz_watcher_is_open (const boltz_watcher *watcher) {
  (void)watcher;
  return false;
}

const char *boltz_watcher_path (const boltz_watcher *watcher) {
  (void)watcher;
  return "";
}

bool boltz_watcher_has_begun (const boltz_watcher *watcher) {
  (void)watcher;
  return false;
}

const char *boltz_watcher_begin (boltz_watcher *watcher) {
  (void)watcher;
  return NULL;
}

bool boltz_watcher_watch (boltz_watcher *watcher, int descriptor) {
  (void)watcher;
  (void)descriptor;
  return false;
}

void boltz_watcher_close (boltz_watcher *watcher) {
  (void)watcher;
}

void boltz_watcher_free (boltz_watcher *watcher) {
  (void)watcher;
}
