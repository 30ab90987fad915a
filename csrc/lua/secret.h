/* SPDX-License-Identifier: MIT */
/*
** A secret is a userdata whose bytes Lua code cannot read, print or dump by accident: it shows its
** first 12 characters at most, goes into a header in C, and is overwritten when collected.
*/
#ifndef BOLTZ_LUA_SECRET_H
#define BOLTZ_LUA_SECRET_H

#include <lua.h>
#include <stddef.h>

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_lua_secret_open (lua_State *L);

/* secret(text [, prefix]): the secret is prefix .. text, of which only text's start is shown. */
int boltz_lua_secret_new (lua_State *L);

/* reveal(secret) -> text, for a transport that is not libcurl. */
int boltz_lua_secret_reveal (lua_State *L);

/* conceal(text, secret) -> text, in which the secret shows no more than tostring does, and no run
   of 13 characters beyond what all secrets of its kind begin with */
int boltz_lua_secret_conceal (lua_State *L);

/* userinfo(secret) -> a list of what is secret in the URL of a proxy: user, password, and the two
   as the proxy is sent them; empty if it has no user */
int boltz_lua_secret_userinfo (lua_State *L);

/* environment_proxy(url) -> the URL of the proxy that the environment names for that one, as a
   secret, with a scheme in any case; nil: none */
int boltz_lua_secret_environment_proxy (lua_State *L);

/* The bytes of the secret at `index`, with a NUL behind them, or NULL when it is something else.
   [-0, +0, -] */
const char *boltz_lua_secret_bytes (lua_State *L, int index, size_t *length);

#endif
