/* SPDX-License-Identifier: MIT */
#include "request_template.h"

#include "compat.h"
#include "fields.h"
#include "headers.h"

#define TEMPLATE "boltz.request_template"

/* What Lua has of a template. */
typedef struct reference {
  boltz_request_template *template; /* NULL after its __gc */
} reference;

static void check_memory (lua_State *L, bool done) {
  if (!done) luaL_error(L, "not enough memory");
}

/* Pushes a reference to a template that says nothing yet. */
static boltz_request_template *new_template (lua_State *L) {
  reference *held = lua_newuserdata(L, sizeof *held);
  held->template = NULL;
  luaL_getmetatable(L, TEMPLATE);
  lua_setmetatable(L, -2);
  held->template = boltz_request_template_new();
  check_memory(L, held->template != NULL);
  return held->template;
}

static void read_text (lua_State *L, int index, const char *field, char **copy) {
  lua_getfield(L, index, field);
  check_memory(L, boltz_request_template_set_text(copy, boltz_lua_field_text(L, field)));
  lua_pop(L, 1);
}

static void read_headers (lua_State *L, int index, boltz_request_template *template) {
  lua_getfield(L, index, "headers");
  luaL_checktype(L, -1, LUA_TTABLE);
  const char *problem = boltz_lua_headers_read(L, lua_gettop(L), &template->headers);
  if (problem != NULL) luaL_error(L, "%s", problem);
  lua_pop(L, 1);
}

/* Pushes a template of the table at `index`. */
static boltz_request_template *read_template (lua_State *L, int index) {
  boltz_request_template *template = new_template(L);
  template->max_response_bytes = boltz_lua_field_size(L, index, "max_response_bytes");
  read_headers(L, index, template);
  read_text(L, index, "ca_file", &template->ca_file);
  read_text(L, index, "ca_file_variable", &template->ca_file_variable);
  read_text(L, index, "proxy", &template->proxy);
  read_text(L, index, "no_proxy", &template->no_proxy);
  check_memory(L, boltz_request_template_finish(template));
  return template;
}

int boltz_lua_request_template_new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  read_template(L, 1);
  return 1;
}

boltz_request_template *boltz_lua_request_template_of (lua_State *L, int index) {
  if (boltz_lua_field_raw(L, index, "template") != LUA_TNIL) {
    const reference *held = luaL_checkudata(L, -1, TEMPLATE);
    if (held->template != NULL) return held->template; /* else a finalizer makes this request */
  }
  lua_pop(L, 1);
  return read_template(L, index);
}

static int template_gc (lua_State *L) {
  reference *held = luaL_checkudata(L, 1, TEMPLATE);
  boltz_request_template_leave(held->template);
  held->template = NULL;
  return 0;
}

static const luaL_Reg methods[] = {{NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", template_gc}, {NULL, NULL}};

void boltz_lua_request_template_open (lua_State *L) {
  boltz_newtype(L, TEMPLATE, methods, metamethods);
  lua_pop(L, 1);
}
