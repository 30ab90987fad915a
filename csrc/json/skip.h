/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_JSON_SKIP_H
#define BOLTZ_JSON_SKIP_H

/* The place behind the JSON string that starts at `at`, at most `end`. */
static inline const char *boltz_json_skip_string (const char *at, const char *end) {
  for (at++; at < end && *at != '"'; at++) {
    if (*at == '\\' && end - at > 1) at++;
  }
  return at < end ? at + 1 : end;
}

#endif
