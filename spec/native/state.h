/* SPDX-License-Identifier: MIT */
/*
** A Lua state with the module in it. The C core is linked into the program instead of loaded, so
** that a sanitizer still knows its functions after lua_close; the Lua half comes from lua/.
*/
#ifndef NATIVE_STATE_H
#define NATIVE_STATE_H

#include <lauxlib.h>
#include <lua.h>

/* A new state with Lua's libraries, `require "boltz"`, and spec/native in package.path. */
lua_State *state_new (lua_Alloc alloc, void *data);

/* The same with Lua's own allocator. */
lua_State *state_new_plain (void);

/*
** Requires spec/native/`name`.lua, which returns a function, and pushes that.
** Ends the program when it cannot.   [-0, +1, -]
*/
void state_push_script (lua_State *L, const char *name);

/* Calls a function, which must not fail: that ends the program.   [-(arguments + 1), +results] */
void state_call (lua_State *L, int arguments, int results);

/* Descriptors that this process has open. */
int state_descriptors (void);

#endif
