/* SPDX-License-Identifier: MIT */
#include "traces.h"

#include <string.h>

static size_t width_of (boltz_pattern secret) {
  return secret.length < BOLTZ_TRACE ? secret.length : BOLTZ_TRACE;
}

/* ---- escapes */

static int digit_of (char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 32);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that two hexadecimal digits stand for; -1: there are none. */
static int read_hex (const char *at, const char *end) {
  if (end - at < 2 || digit_of(at[0]) < 0 || digit_of(at[1]) < 0) return -1;
  return digit_of(at[0]) * 16 + digit_of(at[1]);
}

/* The ASCII character of an escape of JSON's, and in `*size` its bytes; -1: it is none. */
static int read_json_escape (const char *at, const char *end, size_t *size) {
  if (end - at < 2) return -1;
  *size = 2;
  if (at[1] == '/' || at[1] == '\\' || at[1] == '"') return at[1];
  if (at[1] != 'u' || end - at < 6 || at[2] != '0' || at[3] != '0') return -1;
  *size = 6;
  int byte = read_hex(at + 4, end);
  return byte < 128 ? byte : -1;
}

/* Reads one byte, which may be written as an escape. */
static unsigned char read_byte (const char **at, const char *end) {
  size_t size = 3;
  int byte = -1;
  if (**at == '%')
    byte = read_hex(*at + 1, end);
  else if (**at == '\\')
    byte = read_json_escape(*at, end, &size);
  if (byte < 0) return (unsigned char)*(*at)++;
  *at += size;
  return (unsigned char)byte;
}

size_t boltz_traces_unescape (char *out, const char *bytes, size_t length) {
  const char *end = bytes + length;
  size_t count = 0;
  while (bytes < end) out[count++] = (char)read_byte(&bytes, end);
  return count;
}

static bool has_escapes (boltz_pattern text) {
  return memchr(text.bytes, '\\', text.length) != NULL ||
         memchr(text.bytes, '%', text.length) != NULL;
}

/* ---- whether a search is worth it */

#define TRIPLE 3
#define TRIPLES 8192 /* bits of a set of them */

static unsigned triple_at (const char *at) {
  unsigned a = (unsigned char)at[0], b = (unsigned char)at[1], c = (unsigned char)at[2];
  return (a * 1009 + b * 61 + c * 7) % TRIPLES;
}

/*
** A trace has at least one of the triples in the text that are `width` - 2 bytes apart. A text with
** escapes is searched in any case, and so is one where the secret may stand without its own.
*/
bool boltz_traces_are_likely (boltz_pattern secret, boltz_pattern text) {
  unsigned char set[TRIPLES / 8] = {0};
  size_t width = width_of(secret);
  if (width < TRIPLE) return false;
  if (has_escapes(text) || has_escapes(secret)) return true;
  for (size_t i = 0; i + TRIPLE <= secret.length; i++) {
    unsigned triple = triple_at(secret.bytes + i);
    set[triple / 8] = (unsigned char)(set[triple / 8] | 1U << triple % 8);
  }
  for (size_t i = 0; i + TRIPLE <= text.length; i += width - TRIPLE + 1) {
    unsigned triple = triple_at(text.bytes + i);
    if (set[triple / 8] >> triple % 8 & 1) return true;
  }
  return false;
}

/* ---- the table: 1 + an offset * 2 + the number of its form in each slot; 0: empty */

#define FACTOR 0x9E3779B1U

size_t boltz_traces_slots (boltz_pattern secret) {
  size_t count = 64;
  while (count < 4 * secret.length) count *= 2;
  return count;
}

static size_t slot_of (const boltz_traces *search, uint32_t hash) {
  hash ^= hash >> 15;
  return (hash * FACTOR >> 3) & search->mask;
}

static const char *piece_in (const boltz_traces *search, uint32_t slot) {
  return search->forms[(slot - 1) % 2].bytes + (slot - 1) / 2;
}

static void insert (boltz_traces *search, uint32_t hash, size_t form, size_t offset) {
  const char *piece = search->forms[form].bytes + offset;
  size_t i = slot_of(search, hash);
  for (; search->slots[i] != 0; i = (i + 1) & search->mask) {
    if (memcmp(piece_in(search, search->slots[i]), piece, search->width) == 0) return;
  }
  search->slots[i] = (uint32_t)(1 + offset * 2 + form);
}

static void insert_pieces (boltz_traces *search, size_t form) {
  const unsigned char *bytes = (const unsigned char *)search->forms[form].bytes;
  uint32_t hash = 0;
  for (size_t i = 0; i < search->forms[form].length; i++) {
    hash = hash * FACTOR + bytes[i];
    if (i >= search->width) hash -= search->leaving * bytes[i - search->width];
    if (i + 1 >= search->width) insert(search, hash, form, i + 1 - search->width);
  }
}

void boltz_traces_init (boltz_traces *search, boltz_pattern secret, boltz_pattern unescaped,
                        boltz_pattern text, uint32_t *slots) {
  memset(search, 0, sizeof *search);
  search->forms[0] = secret;
  search->forms[1] = unescaped;
  search->width = width_of(secret);
  search->slots = slots;
  search->mask = boltz_traces_slots(secret) - 1;
  search->at = text.bytes;
  search->end = text.bytes + text.length;
  search->leaving = 1;
  for (size_t i = 0; i < search->width; i++) search->leaving *= FACTOR;
  memset(slots, 0, (search->mask + 1) * sizeof *slots);
  insert_pieces(search, 0);
  insert_pieces(search, 1);
}

/* ---- the search */

/* Whether the window, whose oldest byte is at `next`, has the bytes of a piece. */
static bool window_is (const boltz_traces *search, const char *piece) {
  size_t older = search->width - search->next;
  return memcmp(search->window + search->next, piece, older) == 0 &&
         memcmp(search->window, piece + older, search->next) == 0;
}

static bool window_is_known (const boltz_traces *search) {
  for (size_t i = slot_of(search, search->hash); search->slots[i] != 0;
       i = (i + 1) & search->mask) {
    if (window_is(search, piece_in(search, search->slots[i]))) return true;
  }
  return false;
}

static void read_into_window (boltz_traces *search) {
  size_t i = search->next;
  unsigned char oldest = search->window[i]; /* 0 as long as the ring is not full */
  if (search->filled < search->width) search->filled++;
  search->begins[i] = search->at;
  search->window[i] = read_byte(&search->at, search->end);
  search->hash = search->hash * FACTOR + search->window[i] - search->leaving * oldest;
  search->next = i + 1 == search->width ? 0 : i + 1;
}

/* Goes on to the next window that is a piece of the secret. False: there is none. */
static bool find (boltz_traces *search) {
  search->found.from = NULL;
  while (search->at < search->end) {
    read_into_window(search);
    if (search->filled == search->width && window_is_known(search)) {
      search->found = (boltz_trace){search->begins[search->next], search->at};
      return true;
    }
  }
  return false;
}

boltz_trace boltz_traces_next (boltz_traces *search) {
  boltz_trace trace = search->found;
  if (trace.from == NULL && !find(search)) return trace;
  trace = search->found;
  while (find(search) && search->found.from <= trace.to) trace.to = search->found.to;
  return trace;
}
