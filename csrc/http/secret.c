/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <curl/curl.h>
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
  secret->is_hidden = false;
  memcpy(secret->bytes, prefix, prefix_length);
  memcpy(secret->bytes + prefix_length, text, length);
  secret->bytes[secret->length] = '\0';
}

/* A short secret shows nothing: its first 12 bytes would be most of it. Nor does a proxy's URL. */
size_t boltz_secret_shown (const boltz_secret *secret) {
  size_t userinfo;
  if (secret->is_hidden || boltz_secret_userinfo(secret, &userinfo) != NULL) return 0;
  return secret->length - secret->prefix >= (size_t)2 * SHOWN ? SHOWN : 0;
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool is_of_word (char byte) {
  return byte != '\0' && strchr(LETTERS DIGITS, byte) != NULL;
}

/* Whether what is found stands by itself, and is no part of a longer word. */
static bool is_word (const char *found, size_t length, const char *text, const char *end) {
  bool begins = found == text || !is_of_word(found[-1]);
  return begins && (found + length == end || !is_of_word(found[length]));
}

const char *boltz_secret_find (const boltz_secret *secret, const char *text, const char *end) {
  const char *key = secret->bytes + secret->prefix, *at = text;
  size_t length = secret->length - secret->prefix;
  bool is_short = length < SHORTEST;
  if (length == 0 || (is_short && !secret->is_hidden)) return NULL;
  while ((size_t)(end - at) >= length) {
    at = memchr(at, key[0], (size_t)(end - at) - length + 1);
    if (at == NULL) return NULL;
    if (memcmp(at, key, length) == 0 && (!is_short || is_word(at, length, text, end))) return at;
    at++;
  }
  return NULL;
}

/* ---- what of it is private */

#define KEY "sk_bc_"

/* The length of "Bearer " and its like in front of a text, which ends with a NUL; 0: none. */
static size_t scheme_length (const char *text) {
  size_t word = strspn(text, LETTERS);
  return word > 0 && text[word] == ' ' ? word + strspn(text + word, " ") : 0;
}

/* The length of "sk_bc_admin_live_" and its like; 0: none. */
static size_t key_prefix_length (const char *text) {
  if (strncmp(text, KEY, strlen(KEY)) != 0) return 0;
  const char *owner = strchr(text + strlen(KEY), '_');
  const char *mode = owner != NULL ? strchr(owner + 1, '_') : NULL;
  return mode != NULL ? (size_t)(mode + 1 - text) : 0;
}

const char *boltz_secret_private (const boltz_secret *secret, size_t *length) {
  const char *part = secret->bytes + secret->prefix, *end = secret->bytes + secret->length;
  while (part < end && *part == ' ') part++;
  while (end > part && end[-1] == ' ') end--;
  size_t without_scheme = scheme_length(part);
  if ((size_t)(end - part) >= without_scheme + SHORTEST) part += without_scheme;
  size_t without_prefix = key_prefix_length(part);
  if ((size_t)(end - part) >= without_prefix + SHORTEST) part += without_prefix;
  *length = end - part >= SHORTEST ? (size_t)(end - part) : 0;
  return part;
}

/* ---- of a proxy */

const char *boltz_secret_userinfo (const boltz_secret *url, size_t *length) {
  const char *scheme_end = strstr(url->bytes + url->prefix, "://");
  if (scheme_end == NULL) return NULL;
  const char *from = scheme_end + 3, *to = from + strcspn(from, "/?#");
  while (to > from && *to != '@') to--;
  *length = (size_t)(to - from);
  return to > from ? from : NULL;
}

/* Where a URL in a message may have its user. */
static char *find_userinfo (char *message) {
  char *quote = strchr(message, '\''), *slashes = strstr(message, "://");
  if (quote != NULL) {
    quote++;
    return slashes == quote + strspn(quote, LETTERS DIGITS) ? slashes + 3 : quote;
  }
  if (slashes != NULL) return slashes + 3;
  char *at = strchr(message, '@');
  while (at != NULL && at > message && at[-1] != ' ') at--;
  return at;
}

void boltz_secret_hide_userinfo (char *message) {
  bool is_cut = strlen(message) + 8 >= CURL_ERROR_SIZE;
  char *from = find_userinfo(message), *to = strrchr(message, '@');
  if (from == NULL || (!is_cut && (to == NULL || to < from))) return;
  if (is_cut && strstr(message, "proxy") == NULL && to == NULL) return;
  char *rest = is_cut ? message + strlen(message) : to;
  size_t hidden = (size_t)(rest - from), dots = hidden < 3 ? hidden : 3;
  memset(from, '.', dots);
  memmove(from + dots, rest, strlen(rest) + 1);
}

size_t boltz_secret_base64 (char *out, const char *bytes, size_t length) {
  static const char digits[] = LETTERS DIGITS "+/";
  char *at = out;
  for (size_t i = 0; i < length; i += 3) {
    size_t count = length - i < 3 ? length - i : 3;
    unsigned group = 0;
    for (size_t k = 0; k < 3; k++)
      group = group << 8 | (k < count ? (unsigned char)bytes[i + k] : 0);
    for (size_t k = 0; k < 4; k++) *at++ = k <= count ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  *at = '\0';
  return (size_t)(at - out);
}

void boltz_secret_wipe (boltz_secret *secret) {
  boltz_wipe(secret->bytes, secret->length);
}
