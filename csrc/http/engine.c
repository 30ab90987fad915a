/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "lateness.h"
#include "multi.h"
#include "poller.h"
#include "sigpipe.h"
#include "transfer_list.h"

typedef enum engine_state {
  CLOSED, /* has nothing but its memory */
  OPEN,
  FAILED /* has no multi; also once it is disconnected */
} engine_state;

struct boltz_engine {
  engine_state state;
  CURLM *multi;
  boltz_handle_pool pool;
  boltz_poller *poller;
  pid_t owner;                 /* the process that made it */
  boltz_transfer_list running; /* the caller owns the transfers */
  double alarm;                /* no running transfer expires before; INFINITY: none does */
  double bell;                 /* when a waiter wants to be woken; INFINITY: never */
  int news;                    /* transfers that have ended, and bells, since the last step */
  boltz_lateness lateness;     /* of the step that is being taken */
  boltz_sigpipe sigpipe;       /* held while libcurl works, and never while the caller does */
};

/* ---- the transfers that run */

static void engine_link (boltz_engine *engine, boltz_transfer *t) {
  t->engine = engine;
  boltz_transfer_list_add(&engine->running, t);
  boltz_handle_pool_expect(&engine->pool, engine->multi, engine->running.count);
}

static void engine_unlink (boltz_transfer *t) {
  boltz_transfer_list_remove(&t->engine->running, t);
  t->engine = NULL;
}

/* Holds SIGPIPE, as a connection may end with the transfer. */
static void engine_release (boltz_transfer *t, CURLcode code) {
  boltz_engine *engine = t->engine;
  boltz_sigpipe_hold(&engine->sigpipe);
  curl_multi_remove_handle(engine->multi, t->handle->easy);
  engine_unlink(t);
  boltz_transfer_finish(t, code, &engine->pool);
}

/* The same, for the next step to tell. */
static void engine_end (boltz_transfer *t, CURLcode code) {
  boltz_engine *engine = t->engine;
  boltz_handle_pool_learn(&engine->pool, t->handle, code);
  engine_release(t, code);
  engine->news++;
}

/* After a call into libcurl, and after a change of `alarm` or `bell`. */
static void engine_arm (boltz_engine *engine) {
  if (engine->running.first == NULL) engine->alarm = INFINITY;
  boltz_poller_arm(engine->poller, fmin(engine->alarm, engine->bell));
}

/* Has the host look, if one watches the descriptor: what it waits for may have come another way. */
static void engine_wake_in (boltz_engine *engine, double seconds) {
  engine->bell = fmin(engine->bell, boltz_now() + seconds);
  engine_arm(engine);
}

/* ---- open, failed, closed */

/* The connections go before the sessions that they share. */
static void engine_dispose (boltz_engine *engine) {
  boltz_sigpipe_hold(&engine->sigpipe);
  curl_multi_cleanup(engine->multi);
  engine->multi = NULL;
  boltz_handle_pool_close(&engine->pool);
  if (engine->poller != NULL) boltz_poller_serve(engine->poller, NULL);
  boltz_sigpipe_release(&engine->sigpipe);
  engine->state = FAILED;
}

static boltz_code engine_open (boltz_engine *engine) {
  engine->owner = getpid();
  boltz_code code = engine->poller == NULL ? boltz_poller_new(&engine->poller) : BOLTZ_OK;
  if (code == BOLTZ_OK) code = boltz_multi_new(&engine->multi);
  if (code != BOLTZ_OK) return code;
  if (!boltz_handle_pool_open(&engine->pool, engine->multi, engine->poller)) {
    engine_dispose(engine);
    return BOLTZ_NO_MEMORY;
  }
  boltz_poller_serve(engine->poller, engine->multi);
  engine->state = OPEN;
  return BOLTZ_OK;
}

/* The multi may be in any state: so it goes, with all transfers. SIGPIPE is held until the end. */
static void engine_fail (boltz_engine *engine, CURLMcode code) {
  while (engine->running.first != NULL) {
    boltz_transfer *t = engine->running.first;
    (void)snprintf(t->message, sizeof t->message, "the engine has failed: %s",
                   curl_multi_strerror(code));
    engine_end(t, CURLE_FAILED_INIT);
  }
  engine_dispose(engine);
}

/* In a child: to end libcurl's handles would speak on the parent's sockets (TLS says goodbye). */
static void forsake_transfer (boltz_transfer *t) {
  engine_unlink(t);
  boltz_transfer_forsake(t);
}

static void forsake_engine (boltz_engine *engine) {
  while (engine->running.first != NULL) forsake_transfer(engine->running.first);
  boltz_handle_pool_forsake(&engine->pool);
  engine->multi = NULL;
  engine->alarm = engine->bell = INFINITY;
  boltz_poller_free(engine->poller); /* the child's descriptors; the parent keeps its own */
  engine->poller = NULL;
  if (engine->state == OPEN) engine->state = FAILED;
}

/* Sees to it that this process has an engine with a poller; its multi may have failed. */
static boltz_code engine_check (boltz_engine *engine) {
  if (engine->state == CLOSED) return BOLTZ_CLOSED;
  if (engine->owner != getpid()) forsake_engine(engine);
  return engine->poller != NULL ? BOLTZ_OK : engine_open(engine);
}

boltz_code boltz_engine_new (boltz_engine **made) {
  *made = NULL;
  boltz_engine *engine = malloc(sizeof *engine);
  if (engine == NULL) return BOLTZ_NO_MEMORY;
  memset(engine, 0, sizeof *engine);
  engine->alarm = engine->bell = INFINITY;
  engine->lateness.left = boltz_now();
  boltz_code code = engine_open(engine);
  if (code == BOLTZ_OK)
    *made = engine;
  else
    boltz_engine_free(engine);
  return code;
}

bool boltz_engine_is_open (const boltz_engine *engine) {
  return engine->state != CLOSED;
}

bool boltz_engine_disconnect (boltz_engine *engine) {
  if (engine->running.first != NULL) return false;
  if (engine->state == OPEN && engine->owner == getpid()) engine_dispose(engine);
  return true;
}

void boltz_engine_close (boltz_engine *engine) {
  if (engine->owner != getpid()) forsake_engine(engine);
  while (engine->running.first != NULL)
    engine_release(engine->running.first, CURLE_ABORTED_BY_CALLBACK);
  engine_dispose(engine); /* and releases SIGPIPE */
  boltz_poller_free(engine->poller);
  engine->poller = NULL;
  engine->state = CLOSED;
}

void boltz_engine_free (boltz_engine *engine) {
  if (engine != NULL) boltz_engine_close(engine);
  free(engine);
}

/* ---- limits of time */

/*
** While a script works on something else, it does not read what its transfers get, and a server
** cannot send more than a socket holds. So a transfer that goes on with the next step gets that
** time back, once; a host that goes by the descriptor would have looked if there had been anything.
** And so does one that connects, before libcurl looks at the time.
*/
static void engine_spare_connecting (boltz_engine *engine, double came, double until) {
  boltz_lateness_measure(&engine->lateness, came, boltz_poller_due(engine->poller), until);
  if (!boltz_lateness_is_long(&engine->lateness)) return;
  double seconds = engine->lateness.seconds;
  for (boltz_transfer *t = engine->running.first; t != NULL; t = t->next)
    engine->alarm = fmin(engine->alarm, boltz_transfer_spare(t, seconds));
}

/* Ends the transfers whose time was over `now`. All that was ready by then has been read. */
static void engine_check_time (boltz_engine *engine, double now) {
  if (engine->bell <= now) {
    engine->bell = INFINITY;
    engine->news++;
  }
  if (engine->alarm > now) return;
  engine->alarm = INFINITY;
  for (boltz_transfer *t = engine->running.first, *next; t != NULL; t = next) {
    next = t->next;
    if (t->expires <= now && boltz_lateness_is_long(&engine->lateness) && !engine->lateness.prompt)
      boltz_transfer_lengthen(t, engine->lateness.seconds);
    if (boltz_transfer_expire(t, now))
      engine_end(t, CURLE_OPERATION_TIMEDOUT);
    else
      engine->alarm = fmin(engine->alarm, boltz_transfer_due(t));
  }
}

void boltz_engine_expire_in (boltz_transfer *t, double timeout, double deadline) {
  boltz_engine *engine = t->engine;
  boltz_transfer_limit(t, timeout, deadline);
  if (engine == NULL) return;
  /* Nothing but memory changes where no host watches; otherwise the timer is the parent's, too. */
  if (boltz_poller_is_watched(engine->poller) && engine->owner != getpid()) return;
  engine->alarm = fmin(engine->alarm, t->expires);
  engine_arm(engine);
}

/* ---- moving on */

/* Takes what libcurl has finished. */
static void engine_collect (boltz_engine *engine) {
  int queued;
  CURLMsg *message;
  while ((message = curl_multi_info_read(engine->multi, &queued)) != NULL) {
    char *handle;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result; /* gone once the handle is removed */
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &handle);
    engine_end(((boltz_handle *)(void *)handle)->transfer, code);
  }
}

/* After calls into libcurl that may have ended transfers, and what they came to. */
static void engine_settle (boltz_engine *engine, CURLMcode status) {
  if (engine->state == OPEN) engine_collect(engine);
  if (engine->state == OPEN && status != CURLM_OK) engine_fail(engine, status);
  engine_arm(engine);
  boltz_sigpipe_release(&engine->sigpipe);
}

/*
** The process may be stopped or starved at any point. So a limit of time only counts after a look
** at the sockets that began later and found nothing.
*/
static void engine_perform (boltz_engine *engine, double seconds) {
  double came = boltz_now();
  double due = boltz_poller_due(engine->poller), until = fmax(came, fmin(came + seconds, due));
  boltz_poller_wait(engine->poller, seconds);
  engine_spare_connecting(engine, came, until);
  CURLMcode status = boltz_poller_act(engine->poller, &engine->sigpipe);
  if (engine->state == OPEN) engine_collect(engine);
  double now = boltz_now();
  boltz_lateness_measure(&engine->lateness, came, due, until);
  if (engine->alarm <= now) {
    if (status == CURLM_OK) status = boltz_poller_drain(engine->poller, &engine->sigpipe);
    engine_collect(engine);
  }
  engine_check_time(engine, now);
  engine->lateness.left = boltz_now();
  engine_settle(engine, status);
}

boltz_code boltz_engine_step (boltz_engine *engine, double seconds, int *news) {
  boltz_code code = engine_check(engine);
  *news = 0;
  if (code != BOLTZ_OK) return code;
  engine_perform(engine, seconds);
  *news = engine->news;
  engine->news = 0;
  return BOLTZ_OK;
}

boltz_code boltz_engine_nudge (boltz_engine *engine) {
  boltz_code code = engine_check(engine);
  if (code != BOLTZ_OK) return code;
  engine_perform(engine, 0);
  if (engine->news > 0) engine_wake_in(engine, 0);
  return BOLTZ_OK;
}

/* Adds to the multi what has been prepared. Releases SIGPIPE. */
static boltz_code engine_begin (boltz_engine *engine, boltz_transfer *t, double timeout) {
  CURLMcode status = curl_multi_add_handle(engine->multi, t->handle->easy);
  if (status == CURLM_OUT_OF_MEMORY) {
    boltz_transfer_finish(t, CURLE_OUT_OF_MEMORY, NULL);
    boltz_sigpipe_release(&engine->sigpipe);
    return BOLTZ_NO_MEMORY;
  }
  engine_spare_connecting(engine, boltz_now(), INFINITY);
  engine_link(engine, t);
  boltz_engine_expire_in(t, timeout, INFINITY);
  if (status == CURLM_OK) status = boltz_poller_begin(engine->poller);
  engine_settle(engine, status);
  if (engine->news > 0) engine_wake_in(engine, 0);
  return BOLTZ_OK;
}

boltz_code boltz_engine_start (boltz_engine *engine, boltz_transfer *t,
                               const boltz_request *request) {
  boltz_code code = engine_check(engine);
  if (code == BOLTZ_OK && engine->state == FAILED) code = engine_open(engine);
  if (code == BOLTZ_OK) code = boltz_transfer_prepare(t, request, &engine->pool);
  if (code != BOLTZ_OK) return code;
  boltz_sigpipe_hold(&engine->sigpipe);
  boltz_handle_pool_avoid(&engine->pool, t->handle, t->once);
  return engine_begin(engine, t, request->timeout);
}

void boltz_engine_cancel (boltz_transfer *t) {
  boltz_engine *engine = t->engine;
  if (engine == NULL) return;
  if (engine->owner != getpid()) {
    forsake_transfer(t);
    return;
  }
  engine_release(t, CURLE_ABORTED_BY_CALLBACK);
  boltz_sigpipe_release(&engine->sigpipe);
  engine_wake_in(engine, 0);
}

/* ---- what a host watches */

boltz_code boltz_engine_wake (boltz_engine *engine, double seconds) {
  boltz_code code = engine_check(engine);
  if (code == BOLTZ_OK) engine_wake_in(engine, seconds);
  return code;
}

boltz_code boltz_engine_watch (boltz_engine *engine, bool prompt, int *descriptor) {
  *descriptor = -1;
  boltz_code code = engine_check(engine);
  if (code == BOLTZ_OK) code = boltz_poller_watch(engine->poller, descriptor);
  if (*descriptor >= 0 && prompt) engine->lateness.prompt = true;
  return code;
}

boltz_code boltz_engine_timeout (boltz_engine *engine, double *seconds) {
  boltz_code code = engine_check(engine);
  double due = code == BOLTZ_OK ? boltz_poller_due(engine->poller) : INFINITY;
  *seconds = isinf(due) ? INFINITY : fmax(0, due - boltz_now());
  return code;
}
