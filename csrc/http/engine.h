/* SPDX-License-Identifier: MIT */
/*
** The engine drives transfers: one curl_multi with its pool of handles and connections.
**
** An engine is open, failed or closed. When libcurl or the system fails it, its transfers end as
** failures, and the next one begins with a new multi; the descriptor that a host watches stays.
**
** It belongs to the process that made it. In a child each function that returns a code first makes
** it anew, without its transfers, and leaves the parent's sockets alone.
*/
#ifndef BOLTZ_ENGINE_H
#define BOLTZ_ENGINE_H

#include <stdbool.h>

#include "code.h"
#include "transfer.h"

typedef struct boltz_engine boltz_engine;

/* Makes one. `*engine` is NULL unless that went well. */
boltz_code boltz_engine_new (boltz_engine **engine);

/*
** Starts a transfer that has been initialised, and has it under way as far as that needs no
** waiting. It must not move or go before it is done, or has been cancelled.
*/
boltz_code boltz_engine_start (boltz_engine *engine, boltz_transfer *t,
                               const boltz_request *request);

/*
** Moves all transfers on: waits until there is something to do, `seconds` at most, and does it.
** `*news` tells how many transfers and alarms have ended since the last step.
*/
boltz_code boltz_engine_step (boltz_engine *engine, double seconds, int *news);

/*
** Moves them on without waiting, for a caller that others wait beside: what ends is left for the
** next step to tell, which the descriptor then asks for.
*/
boltz_code boltz_engine_nudge (boltz_engine *engine);

/*
** The descriptor becomes readable after so many seconds, and the step after that tells news. The
** earliest call counts, and ends all: a caller that waits for a later time asks again.
*/
boltz_code boltz_engine_wake (boltz_engine *engine, double seconds);

/*
** The descriptor to watch for reading, which stays the same; -1 in a build without epoll. `prompt`:
** the host steps the engine as soon as it is readable, and only then.
*/
boltz_code boltz_engine_watch (boltz_engine *engine, bool prompt, int *descriptor);

/* In how many seconds it is to be stepped even if nothing is readable; INFINITY: never. */
boltz_code boltz_engine_timeout (boltz_engine *engine, double *seconds);

/* Takes a running transfer out of its engine; it then counts as cancelled. */
void boltz_engine_cancel (boltz_transfer *t);

/*
** From now on a running transfer has `timeout` seconds before it counts as timed out. A step that
** comes late may lengthen them once, by as much as it is late, but never beyond `deadline` seconds.
*/
void boltz_engine_expire_in (boltz_transfer *t, double timeout, double deadline);

/*
** Ends the connections, and keeps the descriptor that a host watches; but while transfers run it
** does nothing, and returns false.
*/
bool boltz_engine_disconnect (boltz_engine *engine);

/* Cancels what runs, and ends the connections. May be called again. */
void boltz_engine_close (boltz_engine *engine);

bool boltz_engine_is_open (const boltz_engine *engine);

/* Closes it, and frees its memory. Accepts NULL. */
void boltz_engine_free (boltz_engine *engine);

#endif
