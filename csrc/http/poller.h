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

#include "code.h"
#include "sigpipe.h"

typedef struct boltz_poller boltz_poller;

/* "epoll" or "portable". */
const char *boltz_poller_name (void);

/* Makes one, without a multi. `*poller` is NULL unless that went well. */
boltz_code boltz_poller_new (boltz_poller **poller);

/* Serves a multi from now on, before its first transfer is added; with NULL, none. */
void boltz_poller_serve (boltz_poller *poller, CURLM *multi);

/* Once for each handle, before it is added to the multi for the first time. */
void boltz_poller_prepare (boltz_poller *poller, CURL *easy);

/* Waits until there is something to do, `seconds` at most. */
void boltz_poller_wait (boltz_poller *poller, double seconds);

/*
** Has libcurl do it: to be called after each wait. From then on it holds `sigpipe`, which the
** caller releases. What it returns besides CURLM_OK is a failure of the multi, which is of no more
** use: libcurl's own, or one that a callback has met and told the poller instead of libcurl.
*/
CURLMcode boltz_poller_act (boltz_poller *poller, boltz_sigpipe *sigpipe);

/* Has libcurl begin what was added, while the caller holds SIGPIPE. Returns the same. */
CURLMcode boltz_poller_begin (boltz_poller *poller);

/*
** Goes on, without waiting, until one has found no socket ready: so it reads all that
** has come before the call. Returns the same.
*/
CURLMcode boltz_poller_drain (boltz_poller *poller, boltz_sigpipe *sigpipe);

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
** The descriptor that a host is to watch for reading; it stays the same as long as the poller is
** there. -1 in a build without epoll.
*/
boltz_code boltz_poller_watch (boltz_poller *poller, int *descriptor);

/* After its multi has gone. Accepts NULL. */
void boltz_poller_free (boltz_poller *poller);

#endif
