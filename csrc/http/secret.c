/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <string.h>

#include "wipe.h"

#define SHOWN 12 /* as the service's own `key_prefix` */
#define SHORTEST 8

size_t boltz_secret_size (size_t prefix_length, size_t length) {
  return sizeof(boltz_secret) + prefix_length + length + 1;
}

void boltz_secret_init (boltz_secret *secret, const char *prefix, size_t prefix_length,
                        const char *text, size_t length) {
  secret->prefix = prefix_length;
  secret->length = prefix_length + length;
  memcpy(secret->bytes, prefix, prefix_length);
  memcpy(secret->bytes + prefix_length, text, length);
  secret->bytes[secret->length] = '\0';
}

/* A short secret shows nothing: its first 12 bytes would be most of it. */
size_t boltz_secret_shown (const boltz_secret *secret) {
  return secret->length - secret->prefix >= (size_t)2 * SHOWN ? SHOWN : 0;
}

const char *boltz_secret_find (const boltz_secret *secret, const char *text, const char *end) {
  const char *key = secret->bytes + secret->prefix;
  size_t length = secret->length - secret->prefix;
  if (length < SHORTEST) return NULL;
  while ((size_t)(end - text) >= length) {
    text = memchr(text, key[0], (size_t)(end - text) - length + 1);
    if (text == NULL || memcmp(text, key, length) == 0) return text;
    text++;
  }
  return NULL;
}

void boltz_secret_wipe (boltz_secret *secret) {
  boltz_wipe(secret->bytes, secret->length);
}
