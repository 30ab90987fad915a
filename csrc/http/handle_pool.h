/* SPDX-License-Identifier: MIT */
/*
** libcurl's handles of one engine, and what of one transfer another may use: the handle itself if
** all went well, TLS sessions, and connections that are beyond suspicion.
*/
#ifndef BOLTZ_HANDLE_POOL_H
#define BOLTZ_HANDLE_POOL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "poller.h"
#include "request_template.h"

struct boltz_transfer;

/*
** A handle of libcurl's, and what its options point to: so a transfer that takes one which is set
** up has hardly more to set than its URL.
*/
typedef struct boltz_handle {
  CURL *easy;
  boltz_request_template *template; /* it was set up for */
  bool secure;                      /* likewise: for URLs with https */
  bool has_callbacks;               /* the transfer's */
  long connect_timeout;             /* milliseconds; 0: libcurl's own, of five minutes */
  struct boltz_transfer *transfer;  /* that has it */
  char message[CURL_ERROR_SIZE];    /* libcurl's */
} boltz_handle;

#define BOLTZ_HANDLES_KEPT 16

typedef struct boltz_handle_pool {
  boltz_poller *poller;
  CURLSH *share;
  boltz_handle *kept[BOLTZ_HANDLES_KEPT]; /* the last one was used last */
  int count;                              /* of these */
  long most;                              /* transfers there have been at once */
  double suspect;                         /* when one may have been left dead; 0: never */
  long version;                           /* CURL_HTTP_VERSION of the last answer over TLS */
} boltz_handle_pool;

/*
** Before the first transfer is added to `multi`, which the poller serves. False for want of memory;
** it is then to be closed as well.
*/
bool boltz_handle_pool_open (boltz_handle_pool *pool, CURLM *multi, boltz_poller *poller);

/* So many transfers are under way at once: as many connections are worth keeping. */
void boltz_handle_pool_expect (boltz_handle_pool *pool, CURLM *multi, long count);

/* A new handle that is set up for a GET of a template. NULL for want of memory. */
boltz_handle *boltz_handle_pool_new (const boltz_handle_pool *pool,
                                     boltz_request_template *template, bool secure);

/* The same, or one that was kept. */
boltz_handle *boltz_handle_pool_take (boltz_handle_pool *pool, boltz_request_template *template,
                                      bool secure);

/* Takes one back that may be used again as it is, but for its URL. */
void boltz_handle_pool_keep (boltz_handle_pool *pool, boltz_handle *handle);

/* Ends a handle that is not to be kept. Accepts NULL. */
void boltz_handle_free (boltz_handle *handle);

/*
** The transfer that has this handle has ended. If it has timed out and may have spoken HTTP/2, no
** connection that is older than that is to be used again. Of each handle that is about to be used,
** `boltz_handle_pool_avoid` sees to it; `fresh` says whether it needs a new connection anyway.
*/
void boltz_handle_pool_learn (boltz_handle_pool *pool, const boltz_handle *handle, CURLcode code);
void boltz_handle_pool_avoid (const boltz_handle_pool *pool, boltz_handle *handle, bool fresh);

/* After the last transfer has ended, and the multi has gone. May be called again. */
void boltz_handle_pool_close (boltz_handle_pool *pool);

/* Leaves all to the parent process; see engine.c. */
void boltz_handle_pool_forsake (boltz_handle_pool *pool);

#endif
