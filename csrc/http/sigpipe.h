/* SPDX-License-Identifier: MIT */
/*
** SIGPIPE, held back in this thread while libcurl works. libcurl writes to sockets without it, but
** before curl 7.87 OpenSSL does not, also when it ends a connection; and the signal's default is to
** kill the process.
**
** Afterwards the host's mask, its handler, and a SIGPIPE that was pending before are as they were.
** One from elsewhere that becomes pending in the meantime is lost with libcurl's own: so only
** libcurl runs in it, and no Lua; and the engine does not wait in it.
*/
#ifndef BOLTZ_SIGPIPE_H
#define BOLTZ_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

/* All zero: not held. */
typedef struct boltz_sigpipe {
  bool held;
  bool pending;    /* before: only where the host itself holds it back */
  sigset_t before; /* the thread's mask */
} boltz_sigpipe;

/* Where it is held already, this does nothing and costs nothing. */
void boltz_sigpipe_hold (boltz_sigpipe *sigpipe);

/* In the same thread. Where it is not held, this does nothing. */
void boltz_sigpipe_release (boltz_sigpipe *sigpipe);

#endif
