/* SPDX-License-Identifier: MIT */
/*
** What the core is made of and runs on, for bug reports.
*/
#ifndef BOLTZ_LUA_VERSIONS_H
#define BOLTZ_LUA_VERSIONS_H

#include <lua.h>

/* versions() -> { libcurl =, tls =, features =, resolver =, poller =, system = }: texts, and of
   what runs, not of what this was compiled with; `tls` is nil where libcurl has none */
int boltz_lua_versions (lua_State *L);

/* library_of(function) -> path of the shared library of a C function | nil */
int boltz_lua_libraryof (lua_State *L);

#endif
