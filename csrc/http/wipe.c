/* SPDX-License-Identifier: MIT */
#include "wipe.h"

#include <stdlib.h>
#include <string.h>

/* Called through a volatile pointer, memset cannot be dropped as a dead store. */
static void *(*const volatile fill)(void *, int, size_t) = memset;

void boltz_wipe (void *memory, size_t length) {
  fill(memory, 0, length);
}

void boltz_wipe_text (char *text) {
  if (text != NULL) boltz_wipe(text, strlen(text));
  free(text);
}
