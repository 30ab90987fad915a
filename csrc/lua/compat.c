/* SPDX-License-Identifier: MIT */
/*
** Which Lua has loaded the core. It need not be the one that the core is built for: a cpath that
** names the wrong folder is enough. Then hardly a function can be called, so that a Lua is known by
** the functions it has.
*/
#include "compat.h"

#include <stddef.h>

/* Not every lua.h declares these; a Lua that lacks one leaves it NULL. */
extern size_t(lua_objlen)(lua_State *L, int index);
extern void *(lua_newuserdatauv)(lua_State *L, size_t size, int values);
extern int luaJIT_setmode (lua_State *L, int index, int mode);
#pragma weak lua_objlen
#pragma weak lua_newuserdatauv
#pragma weak luaJIT_setmode
#pragma weak lua_version

/* lua_version returns a number since 5.4, and before that a pointer to one. */
typedef lua_Number (*version_function)(lua_State *L);
typedef const lua_Number *(*old_version_function)(lua_State *L);

/* The version of a Lua as LUA_VERSION_NUM has it, and 0 where it cannot be told. */
static int running_lua (lua_State *L) {
  void (*version)(void) = (void (*)(void))lua_version;
  if (lua_objlen != NULL) return 501;
  if (version == NULL) return 0;
  if (lua_newuserdatauv != NULL) return (int)((version_function)version)(L);
  return (int)*((old_version_function)version)(L);
}

/* Plain Lua 5.1 has neither of these two. A program with LuaJIT in it may hide what it likes, but
** not luaL_setfuncs, which the core cannot do without. */
static int is_luajit (void) {
  return luaJIT_setmode != NULL || luaL_setfuncs != NULL;
}

/* How to build for a Lua, by its version; NULL when it is none that the core can be built for. */
static const char *build_name (int version) {
  switch (version) {
    case 501:
      return is_luajit() ? "luajit" : NULL;
    case 503:
      return "5.3";
    case 504:
      return "5.4";
    case 505:
      return "5.5";
    default:
      return NULL;
  }
}

/* Pushes a Lua's name.   [-0, +1, m] */
static const char *push_name (lua_State *L, int version, int luajit) {
  if (version == 501 && luajit) return lua_pushfstring(L, "LuaJIT 2.1");
  return lua_pushfstring(L, "Lua %d.%d", version / 100, version % 100);
}

void boltz_checklua (lua_State *L) {
  int running = running_lua(L);
  const char *built_for, *this_one, *build;
  if (running == 0) return;
  build = build_name(running);
  if (running == BOLTZ_LUA_NUM && build != NULL) return;
  built_for = push_name(L, BOLTZ_LUA_NUM, 1);
  this_one = push_name(L, running, is_luajit());
  if (build == NULL)
    luaL_error(L,
               "boltz.core was built for %s, and this is %s: boltz needs Lua 5.3, 5.4, 5.5 or "
               "LuaJIT 2.1",
               built_for, this_one);
  luaL_error(L,
             "boltz.core was built for %s, and this is %s: build it for this one too (cmake "
             "-DBOLTZ_LUA=%s, or luarocks --lua-version=%d.%d make), and let LUA_CPATH name the "
             "folder of that one first",
             built_for, this_one, build, running / 100, running % 100);
}
