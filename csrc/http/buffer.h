/* SPDX-License-Identifier: MIT */
/*
** A growable run of bytes with an upper limit. It lives in malloc's memory and never raises, so
** that libcurl's callbacks can fill it; the struct that holds one frees it.
*/
#ifndef BOLTZ_BUFFER_H
#define BOLTZ_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct boltz_buffer {
  char *bytes;
  size_t length;
  size_t capacity;
  size_t limit; /* `boltz_buffer_add` refuses to grow beyond it */
} boltz_buffer;

void boltz_buffer_init (boltz_buffer *buffer, size_t limit);

/* Appends, or returns false and leaves the buffer as it was: limit reached or out of memory. */
bool boltz_buffer_add (boltz_buffer *buffer, const char *bytes, size_t length);

/* The same for a text, without its NUL. */
bool boltz_buffer_add_text (boltz_buffer *buffer, const char *text);

/* Forgets the content and keeps the memory. */
void boltz_buffer_clear (boltz_buffer *buffer);

/* Overwrites what was held, then frees it. May be called again. */
void boltz_buffer_free (boltz_buffer *buffer);

#endif
