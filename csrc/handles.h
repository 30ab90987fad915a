/* SPDX-License-Identifier: MIT */
/*
** libcurl's handles of one engine, and what of one exchange another may use: the handle itself if
** all went well, TLS sessions, and connections that are beyond suspicion.
*/
#ifndef BOLTZ_HANDLES_H
#define BOLTZ_HANDLES_H

#include <curl/curl.h>
#include <stdbool.h>

#include "profile.h"

#define BOLTZ_HANDLES 16 /* that are kept */

typedef struct boltz_handles {
  CURLSH *share;
  struct {
    CURL *easy;
    boltz_profile *profile; /* it was set up for */
  } spare[BOLTZ_HANDLES];   /* the last one was used last */
  int count;
  long most;      /* transfers there have been at once */
  double suspect; /* when a transfer last timed out; 0: never */
} boltz_handles;

/* Before the first transfer is added to `multi`. False for want of memory. */
bool boltz_handles_open (boltz_handles *handles, CURLM *multi);

/* So many transfers are under way at once: as many connections are worth keeping. */
void boltz_handles_expect (boltz_handles *handles, CURLM *multi, long count);

/* A new handle that is set up for a profile. NULL for want of memory. */
CURL *boltz_handles_new (const boltz_handles *handles, const boltz_profile *profile);

/* The same, or one that was kept. */
CURL *boltz_handles_take (boltz_handles *handles, const boltz_profile *profile);

/* Takes one that may be used again as it is, but for what each request sets. */
void boltz_handles_keep (boltz_handles *handles, CURL *easy, boltz_profile *profile);

/*
** A transfer has timed out: no connection that is older than that is to be used again. Of each
** handle that is about to be used, `boltz_handles_avoid` sees to it.
*/
void boltz_handles_suspect (boltz_handles *handles);
void boltz_handles_avoid (const boltz_handles *handles, CURL *easy);

/* After the last transfer has ended. May be called again. */
void boltz_handles_close (boltz_handles *handles);

/* Leaves all to the parent process; see engine.c. */
void boltz_handles_forsake (boltz_handles *handles);

#endif
