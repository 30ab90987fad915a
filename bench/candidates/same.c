/* SPDX-License-Identifier: MIT */
#include "same.h"

#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* How often `"id":` stands in a text. */
static size_t count_ids (const char *text, size_t length) {
  static const char id[] = "\"id\":";
  size_t count = 0;
  for (size_t i = 0; i + sizeof id - 1 <= length; i++) {
    count += memcmp(text + i, id, sizeof id - 1) == 0;
  }
  return count;
}

void bench_same_check (bench_same *same, const char *text, size_t length, size_t ids) {
  if (same->first == NULL) {
    bench_need(count_ids(text, length) == ids, "the answer has not as many ids as it should");
    same->first = malloc(length);
    bench_need(same->first != NULL, "no memory for a copy");
    memcpy(same->first, text, length);
    same->length = length;
  }
  bench_need(length == same->length && memcmp(text, same->first, length) == 0,
             "the answer is another than before");
}

void bench_same_free (bench_same *same) {
  free(same->first);
  same->first = NULL;
}
