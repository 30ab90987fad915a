/* SPDX-License-Identifier: MIT */
#include "watcher.h"

#include <errno.h>
#include <string.h>

#include "compat.h"
#include "engine.h"
#include "http/watcher.h"

#define WATCHER "boltz.watcher"

/* What Lua has of a watcher. */
typedef struct reference {
  boltz_watcher *watcher; /* NULL when it could not be made, and after its __gc */
} reference;

static boltz_watcher *watcher_check (lua_State *L) {
  const reference *held = luaL_checkudata(L, 1, WATCHER);
  const char *problem =
      held->watcher != NULL ? boltz_watcher_problem(held->watcher) : "the watcher is closed";
  if (problem != NULL) luaL_error(L, "%s", problem);
  return held->watcher;
}

/* Pushes nil and why: what failed, and what the system call has come to. */
static int refuse (lua_State *L, const char *what, int error) {
  lua_pushnil(L);
  if (error == 0)
    lua_pushstring(L, what);
  else
    lua_pushfstring(L, "%s: %s", what, strerror(error));
  return 2;
}

int boltz_lua_watcher_new (lua_State *L) {
  const char *what;
  reference *held = lua_newuserdata(L, sizeof *held);
  held->watcher = NULL;
  luaL_getmetatable(L, WATCHER);
  lua_setmetatable(L, -2);
  held->watcher = boltz_watcher_new(&what);
  return held->watcher != NULL ? 1 : refuse(L, what, errno);
}

static int watcher_address (lua_State *L) {
  lua_pushfstring(L, "unix:%s", boltz_watcher_path(watcher_check(L)));
  return 1;
}

static int watcher_begin (lua_State *L) {
  boltz_watcher *watcher = watcher_check(L);
  if (boltz_watcher_has_begun(watcher)) return luaL_error(L, "the watcher has begun");
  const char *what = boltz_watcher_begin(watcher);
  if (what != NULL) return refuse(L, what, errno);
  lua_pushboolean(L, 1);
  return 1;
}

/* This host steps by the clock as well, so that the engine does not take it for prompt. */
static int watcher_watch (lua_State *L) {
  boltz_watcher *watcher = watcher_check(L);
  int descriptor = -1;
  boltz_code code = boltz_engine_watch(boltz_lua_engine_check(L, 2), false, &descriptor);
  if (code != BOLTZ_NO_DESCRIPTOR) boltz_lua_engine_raise(L, code);
  lua_pushboolean(L, descriptor >= 0 && boltz_watcher_watch(watcher, descriptor));
  return 1;
}

static int watcher_close (lua_State *L) {
  const reference *held = luaL_checkudata(L, 1, WATCHER);
  if (held->watcher != NULL) boltz_watcher_close(held->watcher);
  return 0;
}

static int watcher_gc (lua_State *L) {
  reference *held = luaL_checkudata(L, 1, WATCHER);
  boltz_watcher_free(held->watcher);
  held->watcher = NULL;
  return 0;
}

static int watcher_tostring (lua_State *L) {
  const reference *held = luaL_checkudata(L, 1, WATCHER);
  bool open = held->watcher != NULL && boltz_watcher_is_open(held->watcher);
  lua_pushfstring(L, "boltz.watcher (%s)", open ? "open" : "closed");
  return 1;
}

static const luaL_Reg methods[] = {{"address", watcher_address},
                                   {"begin", watcher_begin},
                                   {"watch", watcher_watch},
                                   {"close", watcher_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__gc", watcher_gc}, {"__tostring", watcher_tostring}, {NULL, NULL}};

void boltz_lua_watcher_open (lua_State *L) {
  boltz_newtype(L, WATCHER, methods, metamethods);
  lua_pop(L, 1);
}
