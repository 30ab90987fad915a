/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <time.h>
#include <unistd.h>

#include "compat.h"

#define ENGINE "boltz.engine"

struct boltz_engine {
  CURLM *multi;            /* NULL when closed */
  pid_t owner;             /* the process that made it */
  boltz_transfer *running; /* first of a list; Lua owns the transfers */
  double suspect;          /* when a transfer last timed out; 0: never */
};

static void engine_link (boltz_engine *engine, boltz_transfer *t) {
  t->engine = engine;
  t->previous = NULL;
  t->next = engine->running;
  if (t->next != NULL) t->next->previous = t;
  engine->running = t;
}

static void engine_unlink (boltz_transfer *t) {
  if (t->previous != NULL)
    t->previous->next = t->next;
  else
    t->engine->running = t->next;
  if (t->next != NULL) t->next->previous = t->previous;
  t->engine = NULL;
  t->previous = t->next = NULL;
}

static void engine_release (boltz_transfer *t, CURLcode code) {
  curl_multi_remove_handle(t->engine->multi, t->easy);
  engine_unlink(t);
  boltz_transfer_finish(t, code);
}

/*
** In a child of the process that made the engine: its sockets are the parent's too, and ending
** libcurl's handles would speak on them (a TLS connection says goodbye). So they are left as they
** are, with their memory, and the child begins with nothing.
*/
static void forsake_transfer (boltz_transfer *t) {
  engine_unlink(t);
  t->easy = NULL;
  boltz_transfer_finish(t, CURLE_ABORTED_BY_CALLBACK);
}

static void forsake_engine (boltz_engine *engine) {
  while (engine->running != NULL) forsake_transfer(engine->running);
  engine->multi = NULL;
}

void boltz_engine_cancel (boltz_transfer *t) {
  if (t->engine == NULL) return;
  if (t->engine->owner != getpid())
    forsake_transfer(t);
  else
    engine_release(t, CURLE_ABORTED_BY_CALLBACK);
}

static void engine_open (lua_State *L, boltz_engine *engine) {
  engine->owner = getpid();
  engine->multi = curl_multi_init();
  if (engine->multi == NULL) luaL_error(L, "not enough memory");
}

static boltz_engine *engine_check (lua_State *L) {
  boltz_engine *engine = luaL_checkudata(L, 1, ENGINE);
  if (engine->multi == NULL) luaL_error(L, "engine is closed");
  if (engine->owner != getpid()) {
    forsake_engine(engine);
    engine_open(L, engine);
  }
  return engine;
}

/*
** A time-out ends its stream of HTTP/2 but not the connection, which libcurl would use again, also
** when its other end has long been gone (measured with curl 7.88.1: every later call timed out). So
** after one, no transfer uses a connection that is older than that. Which HTTP it was is not known
** where no answer came; of HTTP/1.1 libcurl closes the connection by itself.
*/
static void note_timeout (boltz_engine *engine, CURLcode code) {
  if (code == CURLE_OPERATION_TIMEDOUT) engine->suspect = boltz_engine_now();
}

static void avoid_suspects (const boltz_engine *engine, CURL *easy) {
  if (engine->suspect <= 0) return;
  double age = boltz_engine_now() - engine->suspect;
#if LIBCURL_VERSION_NUM >= 0x075000 /* 7.80.0 */
  if (age >= 1) {                   /* the option counts whole seconds */
    curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, age < 1e9 ? (long)age : 0);
    return;
  }
#endif
  if (age < 60) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

/* Lets libcurl do what it can without waiting, and ends the transfers that ran out. */
static void engine_perform (lua_State *L, boltz_engine *engine) {
  int running, queued;
  CURLMsg *message;
  CURLMcode status = curl_multi_perform(engine->multi, &running);
  if (status != CURLM_OK) luaL_error(L, "%s", curl_multi_strerror(status));
  while ((message = curl_multi_info_read(engine->multi, &queued)) != NULL) {
    char *t;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result; /* gone once the handle is removed */
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
    note_timeout(engine, code);
    engine_release((boltz_transfer *)(void *)t, code);
  }
}

/* engine:start(request) -> transfer */
static int engine_start (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  boltz_transfer *t = boltz_transfer_new(L, 2);
  avoid_suspects(engine, t->easy);
  CURLMcode code = curl_multi_add_handle(engine->multi, t->easy);
  if (code != CURLM_OK) return luaL_error(L, "%s", curl_multi_strerror(code));
  engine_link(engine, t);
  return 1;
}

/* engine:step(): never waits */
static int engine_step (lua_State *L) {
  engine_perform(L, engine_check(L));
  return 0;
}

double boltz_engine_now (void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/*
** engine:wait(transfer | nil, seconds) -> whether the transfer is done. Without one it waits out
** the time. All transfers of the engine go on meanwhile.
*/
static int engine_wait (lua_State *L) {
  boltz_engine *engine = engine_check(L);
  boltz_transfer *t = lua_isnil(L, 2) ? NULL : boltz_transfer_check(L, 2);
  double end = boltz_engine_now() + (double)luaL_checknumber(L, 3);
  for (;;) {
    engine_perform(L, engine);
    double left = end - boltz_engine_now();
    if ((t != NULL && t->done) || !(left > 0)) break; /* also when `left` is no number */
    curl_multi_poll(engine->multi, NULL, 0, left < 1 ? (int)(left * 1000) + 1 : 1000, NULL);
  }
  lua_pushboolean(L, t != NULL && t->done);
  return 1;
}

/* engine:close(), also its __gc and __close: cancels what runs. May be called again. */
static int engine_close (lua_State *L) {
  boltz_engine *engine = luaL_checkudata(L, 1, ENGINE);
  if (engine->owner != getpid()) forsake_engine(engine);
  while (engine->running != NULL) boltz_engine_cancel(engine->running);
  curl_multi_cleanup(engine->multi);
  engine->multi = NULL;
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
  engine->owner = getpid();
  engine->running = NULL;
  engine->suspect = 0;
  luaL_getmetatable(L, ENGINE);
  lua_setmetatable(L, -2);
  engine_open(L, engine);
  return 1;
}

static const luaL_Reg methods[] = {{"start", engine_start},
                                   {"step", engine_step},
                                   {"wait", engine_wait},
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
