/* SPDX-License-Identifier: MIT */
/*
** The head of an answer as it comes in, and the fields in it (RFC 9110, section 5). A status line
** starts it over, so that what remains is the final answer's and not an interim one's (RFC 9110,
** section 15.2).
*/
#ifndef BOLTZ_HEAD_H
#define BOLTZ_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

typedef struct boltz_head {
  boltz_buffer lines;
  size_t received; /* bytes, those of interim answers too */
  int count;       /* lines, likewise */
  bool begun;      /* a status line has come */
  bool complete;   /* and the empty line at its end */
  bool is_final;   /* and it is no interim answer's: what follows its end are trailers */
} boltz_head;

void boltz_head_init (boltz_head *head, size_t limit);

/*
** Why a line, as libcurl hands it over, can be no part of the head; NULL if it can: it goes beyond
** the limit, is a status line that does not have one status of three digits (libcurl reads "2000"
** as 200 in curl 8.23, and refuses it in 7.88), or has no colon or a NUL (refused since curl 7.83).
*/
const char *boltz_head_problem (const boltz_head *head, const char *line, size_t length);

#define BOLTZ_HEAD_TOO_LARGE                                                                       \
  "the answer's headers are larger than 256 KiB, more than 5,000, or one of them than 100 KiB"

/* Takes such a line. False for want of memory. */
bool boltz_head_add (boltz_head *head, const char *line, size_t length);

/* A field, without the blanks around its name and its value. */
typedef struct boltz_field {
  const char *name, *value;
  size_t name_length, value_length;
} boltz_field;

/* Reads the next field between `*at` and `end`, and moves behind its line. False: there is none. */
bool boltz_head_next (const char **at, const char *end, boltz_field *field);

#endif
