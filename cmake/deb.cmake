# SPDX-License-Identifier: MIT
# What CPack has to know for the Debian package. tools/deb calls it, and adds what it finds out: the
# version, the maintainer and the builds, which are installed below one prefix. $LUAS names them.
set(CPACK_GENERATOR DEB)
set(CPACK_CMAKE_GENERATOR "Unix Makefiles")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)

set(CPACK_PACKAGE_NAME lua-boltz)
set(CPACK_PACKAGE_VENDOR "boltz for Lua")
set(CPACK_PACKAGE_FILE_NAME lua-boltz) # of CPack's scratch folder; the next names the package's
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION interpreters)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://api.boltz.bio)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# The C libraries are found by dpkg-shlibdeps. Like Debian's other Lua modules it leaves the choice
# of an interpreter to the user; nginx is for boltz-emulator, and openssl for its --tls.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "lua-cjson (>= 2.1.0)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "lua5.4 | lua5.3 | luajit | luajit2, nginx, libnginx-mod-http-lua, openssl")

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "client for the admin side of the Boltz API, for Lua")
set(CPACK_PACKAGE_DESCRIPTION
"Workspaces, API keys, spending limits and usage of a Boltz organization.
A core in C speaks HTTP (libcurl) and JSON; lists are iterators; errors
are values; no call blocks the event loop of a host such as nginx.
.
The module is there for these Luas: $ENV{LUAS}. With it comes
boltz-emulator, a stand-in for the service to test scripts against, which
needs nginx with its Lua module, and the module for LuaJIT.")
