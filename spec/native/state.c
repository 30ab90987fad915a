/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <dirent.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

int luaopen_boltz_core (lua_State *L);

/* Puts `open` where `require` finds it. */
static void preload (lua_State *L, const char *name, lua_CFunction open) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

#ifdef NATIVE_CJSON /* built into the program too, with its sanitizer */
int luaopen_cjson (lua_State *L);
#endif

lua_State *state_new (lua_Alloc alloc, void *data) {
  lua_State *L = lua_newstate(alloc, data);
  if (L == NULL) abort();
  luaL_openlibs(L);
  preload(L, "boltz.core", luaopen_boltz_core);
#ifdef NATIVE_CJSON
  preload(L, "cjson", luaopen_cjson);
#endif
  lua_getglobal(L, "package");
  lua_pushliteral(L, NATIVE_ROOT "/lua/?.lua;" NATIVE_ROOT "/lua/?/init.lua;" NATIVE_ROOT
                                 "/spec/native/?.lua;" NATIVE_ROOT "/spec/?.lua");
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
  return L;
}

static void *plain_alloc (void *unused, void *block, size_t old_size, size_t new_size) {
  (void)unused;
  (void)old_size;
  if (new_size > 0) return realloc(block, new_size);
  free(block);
  return NULL;
}

lua_State *state_new_plain (void) {
  return state_new(plain_alloc, NULL);
}

static int traceback (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

void state_call (lua_State *L, int arguments, int results) {
  int handler = lua_gettop(L) - arguments;
  lua_pushcfunction(L, traceback);
  lua_insert(L, handler);
  if (lua_pcall(L, arguments, results, handler) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    exit(1);
  }
  lua_remove(L, handler);
}

void state_push_script (lua_State *L, const char *name) {
  lua_getglobal(L, "require");
  lua_pushstring(L, name);
  state_call(L, 1, 1);
}

int state_descriptors (void) {
  int count = -1; /* the folder's own */
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) abort();
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count - 2; /* "." and ".." */
}
