/* SPDX-License-Identifier: MIT */
/*
** Traces of a secret in a text: runs of 13 bytes or more of it (all of it, where it is shorter), as
** they are or as JSON (\/, \u002f) and URLs (%2f) write them. A search takes time in proportion to
** the lengths of the two.
*/
#ifndef BOLTZ_TRACES_H
#define BOLTZ_TRACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOLTZ_TRACE 13 /* one more than may be shown of a secret */

/* Bytes that are looked for. */
typedef struct boltz_pattern {
  const char *bytes;
  size_t length;
} boltz_pattern;

/* A part of a text; `from` is NULL for none. */
typedef struct boltz_trace {
  const char *from, *to;
} boltz_trace;

typedef struct boltz_traces {
  boltz_pattern forms[2]; /* the secret as it is, and without what may be escapes in it */
  size_t width;           /* of the shortest run that counts */
  uint32_t *slots;        /* a hash table of the forms' pieces of that width */
  size_t mask;
  const char *at, *end;              /* what is still to be read of the text */
  unsigned char window[BOLTZ_TRACE]; /* what was read last, a ring, */
  const char *begins[BOLTZ_TRACE];   /* and where each byte of it begins in the text */
  size_t next, filled;               /* of the ring */
  uint32_t hash, leaving;            /* of the window; what its oldest byte counts in that */
  boltz_trace found;                 /* one that has not been returned */
} boltz_traces;

/* Writes `bytes` without escapes to `out`, which has room for as many. Returns their number. */
size_t boltz_traces_unescape (char *out, const char *bytes, size_t length);

/* False if a text surely has no trace of a secret, which takes less time than to find one. */
bool boltz_traces_are_likely (boltz_pattern secret, boltz_pattern text);

/* How many slots a search needs for a secret. */
size_t boltz_traces_slots (boltz_pattern secret);

/* Begins a search. Secret, its unescaped form, text and slots are the caller's and stay. */
void boltz_traces_init (boltz_traces *search, boltz_pattern secret, boltz_pattern unescaped,
                        boltz_pattern text, uint32_t *slots);

/* The next trace, in order and apart from the one before; `from` is NULL: there is none. */
boltz_trace boltz_traces_next (boltz_traces *search);

#endif
