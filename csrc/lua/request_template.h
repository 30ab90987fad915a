/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_LUA_REQUEST_TEMPLATE_H
#define BOLTZ_LUA_REQUEST_TEMPLATE_H

#include <lua.h>

#include "http/request_template.h"

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_lua_request_template_open (lua_State *L);

/*
** request_template(table) -> what requests have in common. The fields of the table:
**   headers             flat list {name, value, ...}; a value is a string or a secret; false: leave
**                       out what libcurl itself would send under that name
**   max_response_bytes  after decompression
**   ca_file, proxy, no_proxy   strings or secrets; absent: the environment's
*/
int boltz_lua_request_template_new (lua_State *L);

/*
** The template of the request table at `index`: its field `template`, or else one that is made of
** the request's own fields. It stays on the stack, where its userdata uses it.   [-0, +1, m e]
*/
boltz_request_template *boltz_lua_request_template_of (lua_State *L, int index);

#endif
