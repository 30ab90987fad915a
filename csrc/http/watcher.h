/* SPDX-License-Identifier: MIT */
/*
** A watcher is for a host that cannot watch a foreign descriptor, and can read a socket of its own:
** nginx. A thread waits for the descriptors of engines, and writes a byte into that socket when one
** of them is ready. The thread knows nothing of libcurl; it runs from `begin` to `close`. As with
** the poller, a build without epoll has none (`watcher_portable.c`).
*/
#ifndef BOLTZ_WATCHER_H
#define BOLTZ_WATCHER_H

#include <stdbool.h>

typedef struct boltz_watcher boltz_watcher;

/*
** Makes one, which listens at its path. NULL if it cannot: `*what` then says what failed, and errno
** why, or 0 if no system call has failed.
*/
boltz_watcher *boltz_watcher_new (const char **what);

/* Whether it is neither closed nor the watcher of another process: NULL, or what it is. */
const char *boltz_watcher_problem (const boltz_watcher *watcher);

bool boltz_watcher_is_open (const boltz_watcher *watcher);

/* The path of the socket that the host is to connect to, next and once; "" once it has begun. */
const char *boltz_watcher_path (const boltz_watcher *watcher);

bool boltz_watcher_has_begun (const boltz_watcher *watcher);

/*
** Takes that connection, removes the path, and starts the thread. NULL, or what failed, with errno;
** the watcher is then closed.
*/
const char *boltz_watcher_begin (boltz_watcher *watcher);

/*
** One byte comes as soon as the descriptor is ready, which may be at once; again only after another
** call. False for want of memory or descriptors.
*/
bool boltz_watcher_watch (boltz_watcher *watcher, int descriptor);

/* The host's socket is then at its end. May be called again. */
void boltz_watcher_close (boltz_watcher *watcher);

/* Closes it, and frees its memory. Accepts NULL. */
void boltz_watcher_free (boltz_watcher *watcher);

#endif
