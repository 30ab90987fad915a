/* SPDX-License-Identifier: MIT */
#include "count.h"

#include "skip.h"

static bool is_blank (char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Whether the array or object that starts at `at` has a first value. */
static bool has_first (const char *at, const char *end) {
  char close = *at == '[' ? ']' : '}';
  for (at++; at < end && is_blank(*at);) at++;
  return at < end && *at != close;
}

/* Each value is the first of all, the first in an array or object, or follows a comma. */
bool boltz_json_has_more_values (const char *text, size_t length, size_t most) {
  if (length / 2 + length % 2 <= most) return false; /* [0,0,0] has most for its length */
  const char *end = text + length;
  size_t count = 1;
  for (const char *at = text; at < end && count <= most;) {
    if (*at == '"') {
      at = boltz_json_skip_string(at, end);
      continue;
    }
    if (*at == ',' || ((*at == '[' || *at == '{') && has_first(at, end))) count++;
    at++;
  }
  return count > most;
}
