# SPDX-License-Identifier: MIT
# Which Lua the core is built for, and where its headers are.
#
# Takes BOLTZ_LUA and BOLTZ_LUA_INCLUDE_DIR from the cache, either of which may be empty. Sets
# BOLTZ_LUA to 5.4, 5.3, 5.5 or luajit; lua_abi to the version that Lua's folders are named by;
# lua_include_dir; and lua_libraries, for programs that embed Lua, where pkg-config knows it.

# In `result`: the Lua whose headers are in a folder, as BOLTZ_LUA names it or 5.1 or 5.2; empty if
# there is no lua.h.
function(lua_of_headers folder result)
  set(lua "")
  if(EXISTS ${folder}/lua.h)
    # Lua 5.5 puts its version together from numbers of its own, the last of which this is.
    file(STRINGS ${folder}/lua.h lines
      REGEX "^#define[ \t]+LUA_VERSION_(NUM[ \t]+50|MINOR_N[ \t]+)[0-9]")
    if(lines MATCHES "(NUM[ \t]+50|MINOR_N[ \t]+)([0-9])")
      set(lua 5.${CMAKE_MATCH_2})
    endif()
    if(lua STREQUAL "5.1" AND EXISTS ${folder}/luajit.h)
      set(lua luajit)
    endif()
  endif()
  set(${result} "${lua}" PARENT_SCOPE)
endfunction()

# Looks for a Lua by pkg-config. Sets lua_found, lua_include_dir, lua_libraries and lua_looked_for.
# Its names: those of upstream and Debian, of Alpine, of Arch, and of Fedora, where `lua` is
# whichever version the system has chosen.
function(find_lua lua)
  string(REPLACE "." "" digits ${lua})
  set(names lua${lua} lua-${lua} lua${digits} lua)
  if(lua STREQUAL "luajit")
    set(names luajit)
  endif()
  set(lua_found FALSE PARENT_SCOPE)
  set(lua_include_dir "" PARENT_SCOPE)
  list(JOIN names ", " looked_for)
  set(lua_looked_for "pkg-config was asked for ${looked_for}" PARENT_SCOPE)
  find_package(PkgConfig QUIET)
  if(NOT PKG_CONFIG_FOUND)
    set(lua_looked_for "pkg-config is not there to look for them" PARENT_SCOPE)
    return()
  endif()
  foreach(name ${names})
    set(wanted ${name})
    if(lua MATCHES "^5\\.(.)$")
      math(EXPR next "${CMAKE_MATCH_1} + 1")
      set(wanted "${name}>=${lua}" "${name}<5.${next}")
    endif()
    pkg_check_modules(PC_${name} QUIET ${wanted}) # cached, so by a name for each
    if(PC_${name}_FOUND)
      set(lua_found TRUE PARENT_SCOPE)
      set(lua_include_dir "${PC_${name}_INCLUDE_DIRS}" PARENT_SCOPE)
      set(lua_libraries "${PC_${name}_LINK_LIBRARIES}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Ends for a Lua that boltz does not run on. LuaJIT is what many a reader of this has in mind.
function(refuse_lua lua)
  find_lua(luajit)
  set(folder "FOLDER-OF-LUAJIT.H")
  if(lua_include_dir)
    list(GET lua_include_dir 0 folder)
  endif()
  message(FATAL_ERROR
    "boltz does not run on plain Lua ${lua}: it needs Lua 5.3, 5.4, 5.5 or LuaJIT 2.1. "
    "For LuaJIT:\n"
    "  cmake -DBOLTZ_LUA_INCLUDE_DIR=${folder} ...\n"
    "  luarocks --lua-version=5.1 make LUA_INCDIR=${folder}")
endfunction()

set(luas 5.4 5.3 5.5 luajit)
if(BOLTZ_LUA MATCHES "^5\\.[12]$")
  refuse_lua(${BOLTZ_LUA})
elseif(BOLTZ_LUA AND NOT BOLTZ_LUA IN_LIST luas)
  message(FATAL_ERROR "BOLTZ_LUA is '${BOLTZ_LUA}', expected 5.4, 5.3, 5.5 or luajit")
endif()

if(BOLTZ_LUA_INCLUDE_DIR)
  set(lua_include_dir ${BOLTZ_LUA_INCLUDE_DIR})
  lua_of_headers(${lua_include_dir} lua)
  if(NOT lua)
    message(FATAL_ERROR "BOLTZ_LUA_INCLUDE_DIR is ${lua_include_dir}, and no Lua's lua.h is there")
  elseif(NOT lua IN_LIST luas)
    refuse_lua("${lua} (whose headers ${lua_include_dir} has)")
  elseif(BOLTZ_LUA AND NOT BOLTZ_LUA STREQUAL lua)
    message(FATAL_ERROR "BOLTZ_LUA is ${BOLTZ_LUA}, and the headers in BOLTZ_LUA_INCLUDE_DIR, "
      "${lua_include_dir}, are those of ${lua}: give one of the two alone, or other headers")
  endif()
  set(BOLTZ_LUA ${lua}) # not into the cache: the next one to configure may give other headers
else()
  if(NOT BOLTZ_LUA)
    set(BOLTZ_LUA 5.4)
  endif()
  find_lua(${BOLTZ_LUA})
  if(NOT lua_found)
    set(package liblua${BOLTZ_LUA}-dev)
    if(BOLTZ_LUA STREQUAL "luajit")
      set(package libluajit-5.1-dev)
    endif()
    message(FATAL_ERROR "No headers of Lua ${BOLTZ_LUA} (${lua_looked_for}). Install them "
      "(Debian's package is ${package}), or give the folder of its lua.h: "
      "-DBOLTZ_LUA_INCLUDE_DIR=...")
  endif()
endif()

set(lua_abi ${BOLTZ_LUA})
if(BOLTZ_LUA STREQUAL "luajit")
  set(lua_abi 5.1)
endif()
