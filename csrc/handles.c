/* SPDX-License-Identifier: MIT */
#include "handles.h"

#include <string.h>

bool boltz_handles_open (boltz_handles *handles) {
  handles->count = 0;
  handles->share = curl_share_init();
  if (handles->share == NULL) return false;
  /* Without functions to lock, since an engine is used by one thread at a time. */
  if (curl_share_setopt(handles->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK)
    return true;
  boltz_handles_close(handles);
  return false;
}

static void remove_spare (boltz_handles *handles, int i) {
  boltz_profile_let_go(handles->spare[i].profile);
  handles->count--;
  memmove(&handles->spare[i], &handles->spare[i + 1],
          (size_t)(handles->count - i) * sizeof handles->spare[i]);
}

CURL *boltz_handles_take (boltz_handles *handles, const boltz_profile *profile) {
  for (int i = handles->count - 1; i >= 0; i--) {
    if (handles->spare[i].profile != profile) continue;
    CURL *easy = handles->spare[i].easy;
    remove_spare(handles, i);
    return easy;
  }
  CURL *easy = boltz_profile_handle(profile);
  if (easy != NULL) curl_easy_setopt(easy, CURLOPT_SHARE, handles->share);
  return easy;
}

/* The one that has not been used for the longest makes room: its profile may have gone. */
void boltz_handles_keep (boltz_handles *handles, CURL *easy, boltz_profile *profile) {
  if (handles->count == BOLTZ_HANDLES) {
    curl_easy_cleanup(handles->spare[0].easy);
    remove_spare(handles, 0);
  }
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL); /* the transfer's, which may go */
  handles->spare[handles->count].easy = easy;
  handles->spare[handles->count].profile = boltz_profile_hold(profile);
  handles->count++;
}

void boltz_handles_close (boltz_handles *handles) {
  while (handles->count > 0) {
    curl_easy_cleanup(handles->spare[handles->count - 1].easy);
    remove_spare(handles, handles->count - 1);
  }
  curl_share_cleanup(handles->share);
  handles->share = NULL;
}

void boltz_handles_forsake (boltz_handles *handles) {
  handles->count = 0;
  handles->share = NULL;
}
