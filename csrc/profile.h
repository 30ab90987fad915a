/* SPDX-License-Identifier: MIT */
/*
** A profile is what the requests of one client have in common, in libcurl's form. It is made once,
** and never changes; so a libcurl handle that was set up for it serves one request after another.
*/
#ifndef BOLTZ_PROFILE_H
#define BOLTZ_PROFILE_H

#include <curl/curl.h>
#include <lua.h>
#include <stddef.h>

typedef struct boltz_profile {
  int users;                   /* a userdata, and transfers; its texts are wiped with the last */
  int handles;                 /* that were set up for it and are kept */
  struct curl_slist *headers;  /* of a request with a body */
  struct curl_slist *bodiless; /* its part from some place on: of one without */
  size_t max_response_bytes;   /* after decompression */
  char *ca_file, *proxy, *no_proxy; /* NULL: what the environment says */
} boltz_profile;

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_profile_open (lua_State *L);

/*
** profile(table) -> profile. The fields of the table:
**   headers             flat list {name, value, ...}; a value is a string or a secret; false: leave
**                       out what libcurl itself would send under that name
**   max_response_bytes  after decompression
**   ca_file, proxy, no_proxy   strings or secrets; absent: the environment's
*/
int boltz_profile_new (lua_State *L);

/*
** The profile of the request table at `index`: its field `profile`, or else one that is made of the
** request's own fields. It stays on the stack, where its userdata uses it.   [-0, +1, m e]
*/
boltz_profile *boltz_profile_of (lua_State *L, int index);

/*
** A field of the table at `index`, a string or a secret, as text for libcurl, which reads to a NUL;
** NULL when it is absent. Raises on a line end.   [-0, +1, e]
*/
const char *boltz_profile_text (lua_State *L, int index, const char *field);

/* A transfer uses it from now on, and no longer. The second accepts NULL. */
boltz_profile *boltz_profile_use (boltz_profile *profile);
void boltz_profile_leave (boltz_profile *profile);

/* A handle of it is kept, and no longer. Without users no request can want it any more. */
void boltz_profile_keep (boltz_profile *profile);
void boltz_profile_drop (boltz_profile *profile);

/*
** A new libcurl handle for requests of a profile: all that does not change from one to the next is
** set. NULL for want of memory, or of something libcurl was built without.
*/
CURL *boltz_profile_handle (const boltz_profile *profile);

#endif
