/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_WIPE_H
#define BOLTZ_WIPE_H

#include <stddef.h>

/* Overwrites memory in a way that compilers do not drop. */
void boltz_wipe (void *memory, size_t length);

/* Overwrites a text, and frees it. Accepts NULL. */
void boltz_wipe_text (char *text);

#endif
