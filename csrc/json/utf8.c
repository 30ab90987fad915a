/* SPDX-License-Identifier: MIT */
#include "utf8.h"

/*
** The length of the character that starts at `byte`, 0 when it is malformed. Only the second byte
** has a narrower range than 0x80-0xBF, and only after four lead bytes (RFC 3629, section 4).
*/
static size_t utf8_character (const unsigned char *byte, size_t left) {
  unsigned char lead = byte[0];
  if (lead < 0x80) return 1;
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || length > left) return 0;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte[1] < low || byte[1] > high) return 0;
  for (size_t i = 2; i < length; i++) {
    if (byte[i] < 0x80 || byte[i] > 0xBF) return 0;
  }
  return length;
}

bool boltz_utf8_check (const char *bytes, size_t length, size_t *characters) {
  const unsigned char *byte = (const unsigned char *)bytes;
  size_t count = 0;
  for (size_t position = 0; position < length; count++) {
    size_t size = utf8_character(byte + position, length - position);
    if (size == 0) return false;
    position += size;
  }
  if (characters != NULL) *characters = count;
  return true;
}
