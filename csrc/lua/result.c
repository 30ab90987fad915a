/* SPDX-License-Identifier: MIT */
#include "result.h"

#include "compat.h"
#include "headers.h"
#include "http/advice.h"
#include "http/failure.h"

#define RESULT "boltz.result"
#define BEGINNING 8192

static void set_failure (lua_State *L, boltz_transfer *t) {
  boltz_failure failure = boltz_failure_of(t);
  lua_pushstring(L, failure.kind);
  lua_setfield(L, -2, "failure");
  lua_pushboolean(L, failure.transient);
  lua_setfield(L, -2, "transient");
  lua_pushfstring(L, "%s%s", failure.message, boltz_advice_of(t));
  lua_setfield(L, -2, "message");
}

/* The table has room for `secrets`, too: see lua/boltz/request/response.lua. */
void boltz_lua_result_push (lua_State *L, boltz_transfer *t) {
  lua_createtable(L, 0, 8);
  lua_pushinteger(L, (lua_Integer)boltz_failure_status(t));
  lua_setfield(L, -2, "status");
  lua_pushboolean(L, t->has_been_sent);
  lua_setfield(L, -2, "sent");
  lua_pushnumber(L, (lua_Number)t->elapsed);
  lua_setfield(L, -2, "elapsed");
  lua_pushlstring(L, t->head.lines.bytes, t->head.lines.length);
  lua_setfield(L, -2, "head");
  /* What is too large has been counted, and is of no other use than to show how it begins. */
  size_t length = t->excess != NULL && t->body.length > BEGINNING ? BEGINNING : t->body.length;
  lua_pushlstring(L, t->body.bytes, length);
  lua_setfield(L, -2, "body");
  if (t->forsaken) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "forsaken");
  }
  if (t->code != CURLE_OK) set_failure(L, t);
  luaL_getmetatable(L, RESULT);
  lua_setmetatable(L, -2);
}

/* result.headers: nearly all answers are used without a look at them. */
static int result_index (lua_State *L) {
  lua_settop(L, 2);
  lua_pushliteral(L, "headers");
  if (!lua_rawequal(L, 2, 3)) return 0;
  size_t length = 0;
  lua_getfield(L, 1, "head");
  const char *lines = lua_tolstring(L, -1, &length);
  boltz_lua_headers_push(L, lines, length);
  lua_pushvalue(L, 3);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
  return 1;
}

void boltz_lua_result_open (lua_State *L) {
  luaL_newmetatable(L, RESULT);
  lua_pushcfunction(L, result_index);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
