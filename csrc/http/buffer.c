/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include "wipe.h"

#define FIRST_CAPACITY 256

void boltz_buffer_init (boltz_buffer *buffer, size_t limit) {
  buffer->bytes = NULL;
  buffer->length = 0;
  buffer->capacity = 0;
  buffer->limit = limit;
}

/*
** New memory and a copy instead of realloc: the old block may hold a key and is wiped.
*/
static bool buffer_grow (boltz_buffer *buffer, size_t needed) {
  size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
  while (capacity < needed) {
    if (capacity > (size_t)-1 / 2) return false;
    capacity *= 2;
  }
  char *bytes = malloc(capacity);
  if (bytes == NULL) return false;
  if (buffer->length > 0) memcpy(bytes, buffer->bytes, buffer->length);
  size_t length = buffer->length;
  boltz_buffer_free(buffer);
  buffer->bytes = bytes;
  buffer->length = length;
  buffer->capacity = capacity;
  return true;
}

bool boltz_buffer_add (boltz_buffer *buffer, const char *bytes, size_t length) {
  if (length > buffer->limit - buffer->length) return false;
  size_t needed = buffer->length + length;
  if (needed > buffer->capacity && !buffer_grow(buffer, needed)) return false;
  if (length > 0) memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length = needed;
  return true;
}

bool boltz_buffer_add_text (boltz_buffer *buffer, const char *text) {
  return boltz_buffer_add(buffer, text, strlen(text));
}

void boltz_buffer_clear (boltz_buffer *buffer) {
  buffer->length = 0;
}

void boltz_buffer_free (boltz_buffer *buffer) {
  if (buffer->bytes != NULL) boltz_wipe(buffer->bytes, buffer->capacity); /* cleared parts, too */
  free(buffer->bytes);
  boltz_buffer_init(buffer, buffer->limit);
}
