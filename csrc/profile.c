/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "compat.h"
#include "headers.h"
#include "secret.h"

#define PROFILE "boltz.profile"
#define RECEIVE_BYTES                                                                              \
  65536L /* at once: a page of 100 items fits, where libcurl's 16 KiB take two */

/* ---- from a table to a profile */

/* A proxy's URL may hold a password. */
static void free_text (char **text) {
  if (*text != NULL) boltz_wipe(*text, strlen(*text));
  free(*text);
  *text = NULL;
}

static void free_unused (boltz_profile *profile) {
  if (profile->users > 0) return;
  boltz_headers_free(profile->headers);
  profile->headers = profile->bodiless = NULL;
  free_text(&profile->ca_file);
  free_text(&profile->proxy);
  free_text(&profile->no_proxy);
  if (profile->handles == 0) free(profile);
}

boltz_profile *boltz_profile_use (boltz_profile *profile) {
  profile->users++;
  return profile;
}

void boltz_profile_leave (boltz_profile *profile) {
  if (profile == NULL) return;
  profile->users--;
  free_unused(profile);
}

void boltz_profile_keep (boltz_profile *profile) {
  profile->handles++;
}

void boltz_profile_drop (boltz_profile *profile) {
  profile->handles--;
  free_unused(profile);
}

/* What Lua has of a profile. */
typedef struct reference {
  boltz_profile *profile; /* NULL after its __gc */
} reference;

/* Pushes a reference to a profile that says nothing yet. */
static boltz_profile *new_profile (lua_State *L) {
  reference *held = lua_newuserdata(L, sizeof *held);
  held->profile = NULL;
  luaL_getmetatable(L, PROFILE);
  lua_setmetatable(L, -2);
  boltz_profile *profile = calloc(1, sizeof *profile);
  if (profile != NULL)
    held->profile = boltz_profile_use(profile);
  else
    luaL_error(L, "not enough memory");
  return profile;
}

const char *boltz_profile_text (lua_State *L, int index, const char *field) {
  size_t length = 0;
  lua_getfield(L, index, field);
  const char *text = boltz_secret_bytes(L, -1, &length);
  if (text == NULL) text = luaL_optlstring(L, -1, NULL, &length);
  if (text != NULL && strcspn(text, "\r\n") != length) {
    luaL_error(L, "'%s' of a request holds a line end or a NUL", field);
  }
  return text;
}

static void read_text (lua_State *L, int index, const char *field, char **copy) {
  const char *text = boltz_profile_text(L, index, field);
  if (text != NULL && (*copy = strdup(text)) == NULL) luaL_error(L, "not enough memory");
  lua_pop(L, 1);
}

static void append (lua_State *L, struct curl_slist **list, const char *line) {
  if (!boltz_headers_append(list, line)) luaL_error(L, "not enough memory");
}

/* Whether a list has a field, or the word that libcurl's own is to be left out. */
static bool has_field (const struct curl_slist *list, const char *name) {
  size_t length = strlen(name);
  while (list != NULL && !curl_strnequal(list->data, name, length)) list = list->next;
  return list != NULL;
}

/*
** Where these are not given, libcurl would add a Content-Type for a form, an Expect before a large
** body, which costs a second at servers that do not know it, and an Accept. The first two are in
** front: a request without a body does without them, and libcurl has less to compare.
*/
static void read_headers (lua_State *L, int index, boltz_profile *profile) {
  lua_getfield(L, index, "headers");
  luaL_checktype(L, -1, LUA_TTABLE);
  append(L, &profile->headers, "Content-Type:");
  append(L, &profile->headers, "Expect:");
  struct curl_slist *last = profile->headers->next;
  const char *problem = boltz_headers_build(L, lua_gettop(L), &profile->headers);
  if (problem != NULL) luaL_error(L, "%s", problem);
  if (!has_field(last->next, "Accept:") && !has_field(last->next, "Accept;"))
    append(L, &profile->headers, "Accept:");
  profile->bodiless = last->next;
  lua_pop(L, 1);
}

static size_t read_size (lua_State *L, int index, const char *field) {
  lua_getfield(L, index, field);
  double size = (double)luaL_checknumber(L, -1);
  if (!(size >= 0)) luaL_error(L, "%s below 0", field);
  lua_pop(L, 1);
  return size < (double)SIZE_MAX ? (size_t)size : SIZE_MAX;
}

/* Pushes a profile of the table at `index`. */
static boltz_profile *profile_read (lua_State *L, int index) {
  boltz_profile *profile = new_profile(L);
  profile->max_response_bytes = read_size(L, index, "max_response_bytes");
  read_headers(L, index, profile);
  read_text(L, index, "ca_file", &profile->ca_file);
  read_text(L, index, "proxy", &profile->proxy);
  read_text(L, index, "no_proxy", &profile->no_proxy);
  return profile;
}

int boltz_profile_new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  profile_read(L, 1);
  return 1;
}

boltz_profile *boltz_profile_of (lua_State *L, int index) {
  lua_getfield(L, index, "profile");
  if (!lua_isnil(L, -1)) {
    const reference *held = luaL_checkudata(L, -1, PROFILE);
    if (held->profile != NULL) return held->profile; /* else a finalizer makes this request */
  }
  lua_pop(L, 1);
  return profile_read(L, index);
}

static int profile_gc (lua_State *L) {
  reference *held = luaL_checkudata(L, 1, PROFILE);
  boltz_profile_leave(held->profile);
  held->profile = NULL;
  return 0;
}

/* ---- from a profile to libcurl's handle */

/* What the host starts shall not inherit a connection that holds a key's session. */
static int on_socket (void *data, curl_socket_t socket, curlsocktype purpose) {
  (void)data;
  (void)purpose;
  int flags = fcntl(socket, F_GETFD);
  if (flags >= 0) fcntl(socket, F_SETFD, flags | FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

/*
** By their numbers, so that the library that runs decides and not the headers: these may be older,
** or warn of the second, which is all that there was before the first.
*/
#define PROTOCOLS_STR ((CURLoption)(CURLOPTTYPE_OBJECTPOINT + 318)) /* curl 7.85 */
#define PROTOCOLS ((CURLoption)(CURLOPTTYPE_LONG + 181))
#define QUICK_EXIT ((CURLoption)(CURLOPTTYPE_LONG + 322)) /* curl 7.87 */

static bool set_protocols (CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, PROTOCOLS_STR, "http,https");
  if (code == CURLE_UNKNOWN_OPTION)
    code = curl_easy_setopt(easy, PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  return code == CURLE_OK;
}

/*
** A resolver thread that hangs would hold up the end of its transfer, and with it the deadline. An
** older libcurl does not know the option, and waits.
*/
static void set_quick_exit (CURL *easy) {
  curl_easy_setopt(easy, QUICK_EXIT, 1L);
}

static bool set_text (CURL *easy, CURLoption option, const char *text) {
  return text == NULL || curl_easy_setopt(easy, option, text) == CURLE_OK;
}

/*
** libcurl follows no redirect unless told to, verifies TLS unless told not to, and asks for every
** compression it was built with when given "". The options that are not asked about keep a number
** or a pointer, which needs no memory.
*/
static bool set_up (CURL *easy, const boltz_profile *profile) {
  set_quick_exit(easy);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);   /* hosts have their own signals and threads */
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* the path goes out as it was built */
  /* A proxy's answer is not the server's. */
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  return set_protocols(easy) && set_text(easy, CURLOPT_ACCEPT_ENCODING, "") &&
         set_text(easy, CURLOPT_CAINFO, profile->ca_file) &&
         set_text(easy, CURLOPT_PROXY, profile->proxy) &&
         set_text(easy, CURLOPT_NOPROXY, profile->no_proxy);
}

CURL *boltz_profile_handle (const boltz_profile *profile) {
  CURL *easy = curl_easy_init();
  if (easy == NULL || set_up(easy, profile)) return easy;
  curl_easy_cleanup(easy);
  return NULL;
}

static const luaL_Reg methods[] = {{NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", profile_gc}, {NULL, NULL}};

void boltz_profile_open (lua_State *L) {
  boltz_newtype(L, PROFILE, methods, metamethods);
  lua_pop(L, 1);
}
