/* SPDX-License-Identifier: MIT */
/*
** What differs between Lua 5.1 (LuaJIT), 5.3, 5.4 and 5.5: the only file that asks which Lua it is.
*/
#ifndef BOLTZ_COMPAT_H
#define BOLTZ_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#include <luajit.h> /* if this is missing: plain Lua 5.1 is not a Lua that this module runs on */
#elif LUA_VERSION_NUM < 503 || LUA_VERSION_NUM > 505
#error "boltz needs Lua 5.3, 5.4, 5.5 or LuaJIT 2.1"
#endif

#if LUA_VERSION_NUM < 502 /* LuaJIT 2.1 has luaL_setfuncs and luaL_testudata, but not this */
#define lua_rawlen(L, index) lua_objlen((L), (index))
#endif

/*
** Functions of this Lua that another one lacks. As weak symbols they do not stop the system from
** loading the core into that one, where luaopen_boltz_core then says in words what is wrong; what
** all have stays strong. spec/csrc/lua/compat_spec.lua finds what is missing here.
*/
#pragma weak luaL_setfuncs
#pragma weak luaL_testudata
#pragma weak lua_copy
#pragma weak lua_tointegerx
#pragma weak lua_tonumberx
#if LUA_VERSION_NUM < 502
#pragma weak luaL_prepbuffer
#pragma weak lua_call
#pragma weak lua_insert
#pragma weak lua_objlen
#pragma weak lua_pcall
#pragma weak lua_remove
#pragma weak lua_replace
#pragma weak lua_tonumber
#else
#pragma weak luaL_checkversion_
#pragma weak luaL_prepbuffsize
#pragma weak lua_callk
#pragma weak lua_getglobal
#pragma weak lua_isinteger
#pragma weak lua_pcallk
#pragma weak lua_rawlen
#pragma weak lua_rotate
#pragma weak lua_stringtonumber
#endif
#if LUA_VERSION_NUM < 504
#pragma weak lua_newuserdata
#else
#pragma weak lua_newuserdatauv
#endif

/* The Lua that the core is built for, as LUA_VERSION_NUM; LuaJIT's is that of Lua 5.1. */
#define BOLTZ_LUA_NUM LUA_VERSION_NUM

/* Raises, in words, unless the Lua of `L` is the one that the core is built for. It calls nothing
** that some Lua lacks.   [-0, +0, v] */
void boltz_checklua (lua_State *L);

/*
** Integers. Before 5.3 every number is a double, and whole ones need no second form.
*/
#if LUA_VERSION_NUM >= 503

#define boltz_isinteger(L, index) lua_isinteger((L), (index))

/* Pushes `number` as an integer when that loses nothing; otherwise pushes nothing. */
static inline int boltz_pushwhole (lua_State *L, lua_Number number) {
  /* 2^63 is a double, and LUA_MAXINTEGER, which is one less, is not. */
  if (!(number >= (lua_Number)LUA_MININTEGER && number < -(lua_Number)LUA_MININTEGER)) return 0;
  if ((lua_Number)(lua_Integer)number != number) return 0;
  lua_pushinteger(L, (lua_Integer)number);
  return 1;
}

/* Pushes the integer that a text is; otherwise pushes nothing.   [-0, +(0|1), -] */
static inline int boltz_pushwholetext (lua_State *L, const char *text) {
  if (lua_stringtonumber(L, text) == 0) return 0;
  if (lua_isinteger(L, -1)) return 1;
  lua_pop(L, 1);
  return 0;
}

/* Whether the integer at `index` is the first or the last one. */
static inline int boltz_islimit (lua_State *L, int index) {
  lua_Integer integer = lua_tointeger(L, index);
  return integer == LUA_MININTEGER || integer == LUA_MAXINTEGER;
}

#else

#define boltz_isinteger(L, index) ((void)(L), (void)(index), 0)

static inline int boltz_pushwhole (lua_State *L, lua_Number number) {
  (void)L;
  (void)number;
  return 0;
}

static inline int boltz_pushwholetext (lua_State *L, const char *text) {
  (void)L;
  (void)text;
  return 0;
}

#define boltz_islimit(L, index) ((void)(L), (void)(index), 0)

#endif

/*
** Makes metatable `type` with `methods` as both its metamethods and its `__index`, and leaves it
** on the stack. `__name` is what Lua 5.3 and later print for such a value.   [-0, +1, m]
*/
static inline void boltz_newtype (lua_State *L, const char *type, const luaL_Reg *methods,
                                  const luaL_Reg *metamethods) {
  luaL_newmetatable(L, type);
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__name");
  luaL_setfuncs(L, metamethods, 0);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
}

#endif
