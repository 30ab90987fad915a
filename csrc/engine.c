/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "compat.h"
#include "poller.h"
#include "sigpipe.h"

#define ENGINE "boltz.engine"
#define NO_DESCRIPTOR "no descriptor left for the engine"

struct boltz_engine {
  CURLM *multi; /* NULL when closed */
  boltz_handles handles;
  boltz_poller poller;
  pid_t owner;             /* the process that made it */
  boltz_transfer *running; /* first of a list; Lua owns the transfers */
  long count;              /* of these */
  double alarm;            /* no running transfer expires before; INFINITY: none does */
  double bell;             /* when somebody wants to be woken; INFINITY: nobody does */
  int news;                /* transfers that have ended, and bells, since the last step */
  double left;             /* when it was last stepped */
  double idle;             /* seconds from then to this step */
  bool prompt;             /* a host steps it as soon as its descriptor is ready, and only then */
  boltz_sigpipe sigpipe;   /* held while libcurl works, and never while Lua does */
};

static void engine_link (boltz_engine *engine, boltz_transfer *t) {
  boltz_handles_expect(&engine->handles, engine->multi, ++engine->count);
  t->engine = engine;
  t->previous = NULL;
  t->next = engine->running;
  if (t->next != NULL) t->next->previous = t;
  engine->running = t;
}

static void engine_unlink (boltz_transfer *t) {
  t->engine->count--;
  if (t->previous != NULL)
    t->previous->next = t->next;
  else
    t->engine->running = t->next;
  if (t->next != NULL) t->next->previous = t->previous;
  t->engine = NULL;
  t->previous = t->next = NULL;
}

/* Holds SIGPIPE, as a connection may end with the transfer. */
static void engine_release (boltz_transfer *t, CURLcode code) {
  boltz_engine *engine = t->engine;
  boltz_sigpipe_hold(&engine->sigpipe);
  curl_multi_remove_handle(engine->multi, t->easy);
  engine_unlink(t);
  boltz_transfer_finish(t, code, &engine->handles);
}

/* After a call into libcurl, and after a change of `alarm` or `bell`. */
static void engine_arm (boltz_engine *engine) {
  if (engine->running == NULL) engine->alarm = INFINITY;
  boltz_poller_arm(&engine->poller, fmin(engine->alarm, engine->bell));
}

static void engine_wake_at (boltz_engine *engine, double time) {
  engine->bell = fmin(engine->bell, time);
  engine_arm(engine);
}

/* Has whoever watches the descriptor look: what it waits for may have come in another way. */
static void engine_wake (boltz_engine *engine) {
  engine_wake_at(engine, boltz_now());
}

/*
** In a child of the process that made the engine: its sockets are the parent's too, and ending
** libcurl's handles would speak on them (a TLS connection says goodbye). So they are left as they
** are, with their memory, and the child begins with nothing.
*/
static void forsake_transfer (boltz_transfer *t) {
  engine_unlink(t);
  t->easy = NULL;
  t->forsaken = true;
  boltz_transfer_finish(t, CURLE_ABORTED_BY_CALLBACK, NULL);
}

static void forsake_engine (boltz_engine *engine) {
  while (engine->running != NULL) forsake_transfer(engine->running);
  boltz_handles_forsake(&engine->handles);
  engine->multi = NULL;
  engine->alarm = engine->bell = INFINITY;
  boltz_poller_close(&engine->poller); /* the child's descriptors; the parent keeps its own */
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
  engine_wake(engine);
}

/* The connections go before the sessions that they share. */
static void engine_dispose (boltz_engine *engine) {
  boltz_sigpipe_hold(&engine->sigpipe);
  curl_multi_cleanup(engine->multi);
  engine->multi = NULL;
  boltz_handles_close(&engine->handles);
  boltz_sigpipe_release(&engine->sigpipe);
}

/*
** Once a process, since before curl 7.84 this is not safe in two threads at once. Never undone:
** nobody knows who else uses libcurl here. With the first engine, since OpenSSL then reads its
** configuration, and loading a module reads nothing.
*/
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void initialise_curl (void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

/*
** Since curl 8.20 a multi has threads that look names up, and its end would wait for those that
** still do. Earlier versions do not know the option: there each transfer has its own, see
** profile.c.
*/
static void skip_joining_threads (CURLM *multi) {
  enum { QUICK_EXIT = CURLOPTTYPE_LONG + 21 }; /* CURLMOPT_QUICK_EXIT, which older headers lack */
  curl_multi_setopt(multi, (CURLMoption)QUICK_EXIT, 1L);
}

/*
** A multi needs descriptors of its own (curl 8.23; 7.88 gets on without), and libcurl does not say
** whether it lacked these or memory.
*/
static bool has_descriptors_left (void) {
  int pair[2];
  if (pipe(pair) != 0) return false;
  close(pair[0]);
  close(pair[1]);
  return true;
}

static void engine_open (lua_State *L, boltz_engine *engine) {
  engine->owner = getpid();
  pthread_once(&curl_once, initialise_curl);
  engine->multi = curl_multi_init();
  if (engine->multi == NULL || !boltz_handles_open(&engine->handles, engine->multi)) {
    engine_dispose(engine);
    luaL_error(L, has_descriptors_left() ? "not enough memory" : NO_DESCRIPTOR);
  }
  skip_joining_threads(engine->multi);
  if (!boltz_poller_open(&engine->poller, engine->multi)) {
    engine_dispose(engine);
    luaL_error(L, NO_DESCRIPTOR);
  }
}

static boltz_engine *engine_at (lua_State *L, int index) {
  boltz_engine *engine = luaL_checkudata(L, index, ENGINE);
  if (engine->multi == NULL) luaL_error(L, "engine is closed");
  if (engine->owner != getpid()) {
    forsake_engine(engine);
    engine_open(L, engine);
  }
  return engine;
}

static boltz_engine *engine_check (lua_State *L) {
  return engine_at(L, 1);
}

static void engine_expire (boltz_transfer *t, double now) {
  boltz_engine *engine = t->engine;
  (void)snprintf(t->message, sizeof t->message, "timed out after %.3f s with %zu bytes received",
                 now - t->started, t->body.length);
  boltz_handles_suspect(&engine->handles);
  engine_release(t, CURLE_OPERATION_TIMEDOUT);
  engine->news++;
}

#define GAP 0.05 /* seconds between two steps, beyond which the program did something else */

/*
** While a script works on something else, nobody reads what its transfers get, and a server cannot
** send more than a socket holds. So a transfer that goes on as soon as somebody looks gets that
** time back. A host that goes by the descriptor would have looked if there had been anything.
*/
static bool engine_forgives (const boltz_engine *engine, boltz_transfer *t, double now) {
  size_t progress = t->sent + t->head.received + t->body.length;
  bool moves = progress > t->progress;
  t->progress = progress;
  if (!moves || engine->idle < GAP || engine->prompt) return false;
  t->expires = now + engine->idle;
  return true;
}

/*
** Ends the transfers whose time is over. After all that was ready has been read: what has arrived
** while nobody stepped the engine is not late.
*/
static void engine_check_time (boltz_engine *engine, double now) {
  if (engine->bell <= now) {
    engine->bell = INFINITY;
    engine->news++;
  }
  if (engine->alarm > now) return;
  engine->alarm = INFINITY;
  for (boltz_transfer *t = engine->running, *next; t != NULL; t = next) {
    next = t->next;
    if (t->expires <= now && !engine_forgives(engine, t, now))
      engine_expire(t, now);
    else
      engine->alarm = fmin(engine->alarm, t->expires);
  }
}

/* Takes what libcurl has finished. */
static void engine_collect (boltz_engine *engine) {
  int queued;
  CURLMsg *message;
  while ((message = curl_multi_info_read(engine->multi, &queued)) != NULL) {
    char *t;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result; /* gone once the handle is removed */
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
    if (code == CURLE_OPERATION_TIMEDOUT) boltz_handles_suspect(&engine->handles);
    engine_release((boltz_transfer *)(void *)t, code);
    engine->news++;
  }
}

/* After a call into libcurl that may end transfers. Releases SIGPIPE before it may raise. */
static void engine_settle (lua_State *L, boltz_engine *engine, CURLMcode status) {
  engine_collect(engine);
  engine_arm(engine);
  boltz_sigpipe_release(&engine->sigpipe);
  if (status != CURLM_OK) luaL_error(L, "%s", curl_multi_strerror(status));
}

void boltz_engine_expire_in (boltz_transfer *t, double seconds) {
  boltz_engine *engine = t->engine;
  double now = boltz_now();
  t->started = now;
  t->expires = now + seconds;
  if (engine == NULL) return;
  /* Nothing but memory changes where no host watches; otherwise the timer is the parent's, too. */
  if (boltz_poller_is_watched(&engine->poller) && engine->owner != getpid()) return;
  engine->alarm = fmin(engine->alarm, t->expires);
  engine_arm(engine);
}

#define ROUNDS 1000 /* after which what still comes has to prove itself late or not */

/* Before times are checked: reads what has come, which may be more than one step does. */
static CURLMcode engine_drain (boltz_engine *engine, CURLMcode status) {
  for (int i = 0; i < ROUNDS && status == CURLM_OK && engine->poller.was_ready; i++) {
    status = boltz_poller_step(&engine->poller, 0, &engine->sigpipe);
    engine_collect(engine);
  }
  return status;
}

/* Waits until there is something to do, `seconds` at most, and does it. */
static void engine_perform (lua_State *L, boltz_engine *engine, double seconds) {
  engine->idle = boltz_now() - engine->left;
  CURLMcode status = boltz_poller_step(&engine->poller, seconds, &engine->sigpipe);
  engine_collect(engine);
  double now = boltz_now();
  if (engine->alarm <= now) {
    status = engine_drain(engine, status);
    now = boltz_now();
  }
  engine_check_time(engine, now);
  engine->left = now;
  engine_settle(L, engine, status);
}

/* A step of whoever waits, and has to look if others do when it pushes more than 0. */
static int engine_step_of_loop (lua_State *L, boltz_engine *engine, double seconds) {
  engine_perform(L, engine, seconds);
  lua_pushinteger(L, engine->news);
  engine->news = 0;
  return 1;
}

/* engine:step() -> 0: nothing that somebody may wait for has come since the last; never waits */
static int engine_step (lua_State *L) {
  return engine_step_of_loop(L, engine_check(L), 0);
}

/* engine:poll(seconds) -> as engine:step, which follows as soon as there is something to do */
static int engine_poll (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  return engine_step_of_loop(L, engine, (double)luaL_checknumber(L, 2));
}

/* A step of somebody who does not wait, while others may: if there is news, they are woken. */
static void engine_nudge (lua_State *L, boltz_engine *engine) {
  engine_perform(L, engine, 0);
  if (engine->news > 0) engine_wake(engine);
}

/* engine:start(request) -> transfer, which is then under way as far as that needs no waiting */
static int engine_start (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  boltz_transfer *t = boltz_transfer_new(L, 2, &engine->handles);
  boltz_sigpipe_hold(&engine->sigpipe);
  boltz_handles_avoid(&engine->handles, t->easy);
  boltz_poller_prepare(&engine->poller, t->easy);
  CURLMcode code = curl_multi_add_handle(engine->multi, t->easy);
  if (code != CURLM_OK) {
    boltz_transfer_finish(t, CURLE_FAILED_INIT, NULL);
    boltz_sigpipe_release(&engine->sigpipe);
    return luaL_error(L, "%s", curl_multi_strerror(code));
  }
  engine_link(engine, t);
  boltz_engine_expire_in(t, t->timeout);
  code = boltz_poller_begin(&engine->poller);
  if (code != CURLM_OK) boltz_engine_cancel(t); /* nobody would have it */
  engine_settle(L, engine, code);
  if (engine->news > 0) engine_wake(engine);
  return 1;
}

/* engine:nudge(): a step that leaves what it ends for the next engine:step to tell */
static int engine_nudge_method (lua_State *L) {
  engine_nudge(L, engine_check(L));
  return 0;
}

/*
** engine:wake([seconds]): the descriptor becomes readable, now or then, and the step after that
** tells something. The earliest call counts, and ends all: who waits for a later time asks again.
*/
static int engine_wake_method (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  engine_wake_at(engine, boltz_now() + (double)luaL_optnumber(L, 2, 0));
  return 0;
}

/*
** engine:wait(transfer | nil, seconds) -> whether the transfer is done. Without one it waits out
** the time. All transfers of the engine go on meanwhile.
*/
static int engine_wait (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  boltz_transfer *t = lua_isnil(L, 2) ? NULL : boltz_transfer_check(L, 2);
  double end = boltz_now() + (double)luaL_checknumber(L, 3);
  double left = 0;
  do {
    engine_perform(L, engine, left);
    left = end - boltz_now();
  } while (!(t != NULL && t->done) && left > 0); /* not when `left` is no number */
  lua_pushboolean(L, t != NULL && t->done);
  return 1;
}

int boltz_engine_descriptor (lua_State *L, int index) {
  boltz_engine *engine = engine_at(L, index);
  return boltz_poller_watch(&engine->poller) ? engine->poller.descriptor : -1;
}

/* engine:pollfd() -> the descriptor to watch, which stays the same | nil: built without epoll */
static int engine_pollfd (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  if (!boltz_poller_watch(&engine->poller)) return luaL_error(L, NO_DESCRIPTOR);
  if (engine->poller.descriptor < 0) return 0;
  engine->prompt = true;
  lua_pushinteger(L, engine->poller.descriptor);
  return 1;
}

/* engine:events() -> "r": what to watch the descriptor for */
static int engine_events (lua_State *L) {
  engine_check(L);
  lua_pushliteral(L, "r");
  return 1;
}

/* engine:timeout() -> seconds after which to step even if nothing is readable | nil: never */
static int engine_timeout (lua_State *L) {
  double due = boltz_poller_due(&engine_check(L)->poller);
  if (isinf(due)) return 0;
  lua_pushnumber(L, (lua_Number)fmax(0, due - boltz_now()));
  return 1;
}

/* engine:close(), also its __gc and __close: cancels what runs. May be called again. */
static int engine_close (lua_State *L) {
  boltz_engine *engine = luaL_checkudata(L, 1, ENGINE);
  if (engine->owner != getpid()) forsake_engine(engine);
  while (engine->running != NULL) engine_release(engine->running, CURLE_ABORTED_BY_CALLBACK);
  engine_dispose(engine); /* and releases SIGPIPE */
  boltz_poller_close(&engine->poller);
  return 0;
}

static int engine_tostring (lua_State *L) {
  boltz_engine *engine = luaL_checkudata(L, 1, ENGINE);
  lua_pushfstring(L, "boltz.engine (%s)", engine->multi != NULL ? "open" : "closed");
  return 1;
}

int boltz_engine_new (lua_State *L) {
  boltz_engine *engine = lua_newuserdata(L, sizeof *engine);
  engine->multi = NULL;
  memset(&engine->handles, 0, sizeof engine->handles);
  memset(&engine->poller, 0, sizeof engine->poller);
  memset(&engine->sigpipe, 0, sizeof engine->sigpipe);
  engine->poller.descriptor = engine->poller.timer = -1;
  engine->owner = getpid();
  engine->running = NULL;
  engine->count = 0;
  engine->alarm = engine->bell = INFINITY;
  engine->news = 0;
  engine->left = boltz_now();
  engine->idle = 0;
  engine->prompt = false;
  luaL_getmetatable(L, ENGINE);
  lua_setmetatable(L, -2);
  engine_open(L, engine);
  return 1;
}

static const luaL_Reg methods[] = {{"start", engine_start},
                                   {"step", engine_step},
                                   {"poll", engine_poll},
                                   {"wait", engine_wait},
                                   {"nudge", engine_nudge_method},
                                   {"wake", engine_wake_method},
                                   {"pollfd", engine_pollfd},
                                   {"events", engine_events},
                                   {"timeout", engine_timeout},
                                   {"close", engine_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", engine_close},
                                       {"__close", engine_close},
                                       {"__tostring", engine_tostring},
                                       {NULL, NULL}};

void boltz_engine_open (lua_State *L) {
  boltz_newtype(L, ENGINE, methods, metamethods);
  lua_pop(L, 1);
}
