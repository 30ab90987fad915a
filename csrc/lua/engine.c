/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <math.h>

#include "compat.h"
#include "transfer.h"

#define ENGINE "boltz.engine"

/* What Lua has of an engine. */
typedef struct reference {
  boltz_engine *engine; /* NULL when it could not be made, and after its __gc */
} reference;

boltz_engine *boltz_lua_engine_check (lua_State *L, int index) {
  const reference *held = luaL_checkudata(L, index, ENGINE);
  if (held->engine == NULL) luaL_error(L, "%s", boltz_code_text(BOLTZ_CLOSED));
  return held->engine;
}

void boltz_lua_engine_raise (lua_State *L, boltz_code code) {
  if (code != BOLTZ_OK) luaL_error(L, "%s", boltz_code_text(code));
}

/* What is returned instead, and not raised.   [-0, +2, m] */
static int push_lack (lua_State *L) {
  lua_pushnil(L);
  lua_pushstring(L, boltz_code_text(BOLTZ_NO_DESCRIPTOR));
  return 2;
}

static int engine_start (lua_State *L) {
  boltz_engine *engine = boltz_lua_engine_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  boltz_transfer *t = boltz_lua_transfer_new(L);
  int top = lua_gettop(L);
  boltz_request request = boltz_lua_request_read(L, 2);
  boltz_code code = boltz_engine_start(engine, t, &request);
  if (code == BOLTZ_NO_DESCRIPTOR) return push_lack(L);
  if (code == BOLTZ_REFUSED) return luaL_error(L, "%s", t->message);
  boltz_lua_engine_raise(L, code);
  lua_settop(L, top);
  return 1;
}

static int engine_step (lua_State *L) {
  int news;
  boltz_engine *engine = boltz_lua_engine_check(L, 1);
  double seconds = (double)luaL_optnumber(L, 2, 0);
  boltz_lua_engine_raise(L, boltz_engine_step(engine, seconds, &news));
  lua_pushinteger(L, news);
  return 1;
}

static int engine_nudge (lua_State *L) {
  boltz_lua_engine_raise(L, boltz_engine_nudge(boltz_lua_engine_check(L, 1)));
  return 0;
}

static int engine_wake (lua_State *L) {
  boltz_engine *engine = boltz_lua_engine_check(L, 1);
  double seconds = (double)luaL_optnumber(L, 2, 0);
  boltz_lua_engine_raise(L, boltz_engine_wake(engine, seconds));
  return 0;
}

static int engine_pollfd (lua_State *L) {
  int descriptor;
  boltz_engine *engine = boltz_lua_engine_check(L, 1);
  boltz_code code = boltz_engine_watch(engine, true, &descriptor);
  if (code != BOLTZ_NO_DESCRIPTOR) boltz_lua_engine_raise(L, code);
  if (descriptor < 0) return 0;
  lua_pushinteger(L, descriptor);
  return 1;
}

static int engine_events (lua_State *L) {
  double seconds;
  boltz_lua_engine_raise(L, boltz_engine_timeout(boltz_lua_engine_check(L, 1), &seconds));
  lua_pushliteral(L, "r");
  return 1;
}

static int engine_timeout (lua_State *L) {
  double seconds;
  boltz_lua_engine_raise(L, boltz_engine_timeout(boltz_lua_engine_check(L, 1), &seconds));
  if (isinf(seconds)) return 0;
  lua_pushnumber(L, (lua_Number)seconds);
  return 1;
}

static int engine_disconnect (lua_State *L) {
  lua_pushboolean(L, boltz_engine_disconnect(boltz_lua_engine_check(L, 1)));
  return 1;
}

static int engine_close (lua_State *L) {
  const reference *held = luaL_checkudata(L, 1, ENGINE);
  if (held->engine != NULL) boltz_engine_close(held->engine);
  return 0;
}

static int engine_gc (lua_State *L) {
  reference *held = luaL_checkudata(L, 1, ENGINE);
  boltz_engine_free(held->engine);
  held->engine = NULL;
  return 0;
}

static int engine_tostring (lua_State *L) {
  const reference *held = luaL_checkudata(L, 1, ENGINE);
  bool open = held->engine != NULL && boltz_engine_is_open(held->engine);
  lua_pushfstring(L, "boltz.engine (%s)", open ? "open" : "closed");
  return 1;
}

int boltz_lua_engine_new (lua_State *L) {
  reference *held = lua_newuserdata(L, sizeof *held);
  held->engine = NULL;
  luaL_getmetatable(L, ENGINE);
  lua_setmetatable(L, -2);
  boltz_code code = boltz_engine_new(&held->engine);
  if (code == BOLTZ_NO_DESCRIPTOR) return push_lack(L);
  boltz_lua_engine_raise(L, code);
  return 1;
}

static const luaL_Reg methods[] = {{"start", engine_start},     {"step", engine_step},
                                   {"nudge", engine_nudge},     {"wake", engine_wake},
                                   {"pollfd", engine_pollfd},   {"events", engine_events},
                                   {"timeout", engine_timeout}, {"disconnect", engine_disconnect},
                                   {"close", engine_close},     {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__gc", engine_gc}, {"__close", engine_close}, {"__tostring", engine_tostring}, {NULL, NULL}};

void boltz_lua_engine_open (lua_State *L) {
  boltz_newtype(L, ENGINE, methods, metamethods);
  lua_pop(L, 1);
}
