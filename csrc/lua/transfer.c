/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <math.h>

#include "compat.h"
#include "fields.h"
#include "http/engine.h"
#include "request_template.h"
#include "result.h"

#define TRANSFER "boltz.transfer"
#define SHORTEST_CONNECT 0.001 /* seconds; 0 would be libcurl's own limit */

boltz_transfer *boltz_lua_transfer_new (lua_State *L) {
  boltz_transfer *t = lua_newuserdata(L, sizeof *t);
  boltz_transfer_init(t);
  luaL_getmetatable(L, TRANSFER);
  lua_setmetatable(L, -2);
  return t;
}

static const char *read_text (lua_State *L, int index, const char *field) {
  boltz_lua_field_raw(L, index, field);
  const char *text = boltz_lua_field_text(L, field);
  if (text == NULL) luaL_error(L, "a request without a %s", field);
  return text;
}

boltz_request boltz_lua_request_read (lua_State *L, int index) {
  boltz_request request;
  request.body_length = 0;
  request.method = read_text(L, index, "method");
  request.url = read_text(L, index, "url");
  boltz_lua_field_raw(L, index, "body");
  request.body = luaL_optlstring(L, -1, NULL, &request.body_length);
  boltz_lua_field_raw(L, index, "once");
  request.once = lua_toboolean(L, -1);
  boltz_lua_field_raw(L, index, "timeout");
  request.timeout = (double)luaL_optnumber(L, -1, (lua_Number)INFINITY);
  boltz_lua_field_raw(L, index, "connect_timeout");
  request.connect_timeout =
      lua_isnil(L, -1) ? 0 : fmax((double)luaL_checknumber(L, -1), SHORTEST_CONNECT);
  request.template = boltz_lua_request_template_of(L, index);
  return request;
}

static boltz_transfer *transfer_check (lua_State *L) {
  return luaL_checkudata(L, 1, TRANSFER);
}

static int transfer_result (lua_State *L) {
  boltz_transfer *t = transfer_check(L);
  if (!t->done) return 0;
  if (t->out_of_memory) return luaL_error(L, "not enough memory");
  boltz_lua_result_push(L, t);
  return 1;
}

static int transfer_done (lua_State *L) {
  lua_pushboolean(L, transfer_check(L)->done);
  return 1;
}

static int transfer_cancel (lua_State *L) {
  boltz_engine_cancel(transfer_check(L));
  return 0;
}

static int transfer_expire_in (lua_State *L) {
  boltz_transfer *t = transfer_check(L);
  double timeout = (double)luaL_checknumber(L, 2);
  boltz_engine_expire_in(t, timeout, (double)luaL_optnumber(L, 3, (lua_Number)INFINITY));
  return 0;
}

static int transfer_gc (lua_State *L) {
  boltz_transfer *t = transfer_check(L);
  boltz_engine_cancel(t);
  boltz_transfer_dispose(t);
  return 0;
}

static const luaL_Reg methods[] = {{"done", transfer_done},
                                   {"result", transfer_result},
                                   {"cancel", transfer_cancel},
                                   {"expire_in", transfer_expire_in},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", transfer_gc}, {NULL, NULL}};

void boltz_lua_transfer_open (lua_State *L) {
  boltz_newtype(L, TRANSFER, methods, metamethods);
  lua_pop(L, 1);
}
