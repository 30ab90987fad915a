/* SPDX-License-Identifier: MIT */
#include "handles.h"

#include <string.h>

#include "clock.h"

#define STREAMS 1000L /* of HTTP/2 on one connection, if the server lets as many; libcurl's: 100 */

bool boltz_handles_open (boltz_handles *handles, CURLM *multi) {
  handles->count = 0;
  handles->most = 0;
  handles->suspect = 0;
  curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, STREAMS);
  handles->share = curl_share_init();
  if (handles->share == NULL) return false;
  /* Without functions to lock, since an engine is used by one thread at a time. */
  CURLSHcode code = curl_share_setopt(handles->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  if (code == CURLSHE_OK || code == CURLSHE_NOT_BUILT_IN) return true; /* a libcurl without TLS */
  boltz_handles_close(handles);
  return false;
}

static void remove_spare (boltz_handles *handles, int i) {
  boltz_profile_drop(handles->spare[i].profile);
  handles->count--;
  memmove(&handles->spare[i], &handles->spare[i + 1],
          (size_t)(handles->count - i) * sizeof handles->spare[i]);
}

CURL *boltz_handles_new (const boltz_handles *handles, const boltz_profile *profile) {
  CURL *easy = boltz_profile_handle(profile);
  if (easy != NULL) curl_easy_setopt(easy, CURLOPT_SHARE, handles->share);
  return easy;
}

CURL *boltz_handles_take (boltz_handles *handles, const boltz_profile *profile) {
  for (int i = handles->count - 1; i >= 0; i--) {
    if (handles->spare[i].profile != profile) continue;
    CURL *easy = handles->spare[i].easy;
    remove_spare(handles, i);
    return easy;
  }
  return boltz_handles_new(handles, profile);
}

static void end_spare (boltz_handles *handles, int i) {
  curl_easy_cleanup(handles->spare[i].easy);
  remove_spare(handles, i);
}

/* Those that nobody can want any more make room, or else the one that was used longest ago. */
static void make_room (boltz_handles *handles) {
  for (int i = handles->count - 1; i >= 0; i--) {
    if (handles->spare[i].profile->users == 0) end_spare(handles, i);
  }
  if (handles->count == BOLTZ_HANDLES) end_spare(handles, 0);
}

void boltz_handles_keep (boltz_handles *handles, CURL *easy, boltz_profile *profile) {
  if (handles->count == BOLTZ_HANDLES) make_room(handles);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL); /* the transfer's, which may go */
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);  /* the profile's, likewise */
  boltz_profile_keep(profile);
  handles->spare[handles->count].easy = easy;
  handles->spare[handles->count].profile = profile;
  handles->count++;
}

#define LEAST 4L  /* connections that are kept, */
#define MOST 256L /* or as many as there were transfers at once, up to so many */

/*
** libcurl would keep four for each transfer that is still under way, and so throw most away when
** many end one by one. A fixed number would pile them up where each request makes its own.
*/
void boltz_handles_expect (boltz_handles *handles, CURLM *multi, long count) {
  if (count <= handles->most) return;
  handles->most = count;
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                    count < LEAST  ? LEAST
                    : count > MOST ? MOST
                                   : count);
}

/*
** A time-out ends its stream of HTTP/2 but not the connection, which libcurl would use again, also
** when its other end has long been gone (measured with curl 7.88.1: every later call timed out).
** Which HTTP it was is not known where no answer came; of HTTP/1.1 libcurl closes the connection by
** itself.
*/
void boltz_handles_suspect (boltz_handles *handles) {
  handles->suspect = boltz_now();
}

void boltz_handles_avoid (const boltz_handles *handles, CURL *easy) {
  if (handles->suspect <= 0) return;
  double age = boltz_now() - handles->suspect;
  if (age < 1) /* the other option counts whole seconds */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  else
    curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, age < 1e9 ? (long)age : 0);
}

void boltz_handles_close (boltz_handles *handles) {
  while (handles->count > 0) end_spare(handles, handles->count - 1);
  curl_share_cleanup(handles->share);
  handles->share = NULL;
}

void boltz_handles_forsake (boltz_handles *handles) {
  handles->count = 0;
  handles->share = NULL;
}
