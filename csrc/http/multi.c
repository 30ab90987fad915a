/* SPDX-License-Identifier: MIT */
#include "multi.h"

#include <pthread.h>
#include <stdbool.h>

#include "descriptors.h"

/*
** Once a process, since before curl 7.84 this is not safe in two threads at once. Never undone: the
** program may use libcurl besides. With the first multi, since OpenSSL then reads its
** configuration, and loading a module reads nothing.
*/
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void initialise_curl (void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

/*
** Since curl 8.20 a multi has threads that look names up, and its end would wait for those that
** still do. Earlier versions do not know the option: there each transfer has its own, see
** request_template.c.
*/
static void skip_joining_threads (CURLM *multi) {
  enum { QUICK_EXIT = CURLOPTTYPE_LONG + 21 }; /* CURLMOPT_QUICK_EXIT, which older headers lack */
  curl_multi_setopt(multi, (CURLMoption)QUICK_EXIT, 1L);
}

/*
** A multi has descriptors of its own, and libcurl does not say whether it lacked these or memory
** (8.23; 7.88 gets on without). The first are the ends of a socketpair, which wakes its waits. curl
** 7.88 lets programs inherit that, and tells of it nowhere; but its numbers are those that are
** next.
*/
boltz_code boltz_multi_new (CURLM **multi) {
  pthread_once(&curl_once, initialise_curl);
  int pair[2];
  bool has_descriptors = boltz_descriptors_next(pair);
  *multi = curl_multi_init();
  if (*multi == NULL) return has_descriptors ? BOLTZ_NO_MEMORY : BOLTZ_NO_DESCRIPTOR;
  if (has_descriptors) {
    boltz_descriptors_seal(pair[0]);
    boltz_descriptors_seal(pair[1]);
  }
  skip_joining_threads(*multi);
  return BOLTZ_OK;
}
