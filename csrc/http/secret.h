/* SPDX-License-Identifier: MIT */
/*
** A secret: bytes of which texts for people show the first 12 at most. The caller gives the memory,
** and wipes the secret before it frees that.
*/
#ifndef BOLTZ_SECRET_H
#define BOLTZ_SECRET_H

#include <stddef.h>

typedef struct boltz_secret {
  size_t prefix; /* bytes in front that are no secret, such as "Bearer " */
  size_t length; /* of all, prefix included */
  char bytes[];  /* and a NUL behind them */
} boltz_secret;

/* Bytes of memory for a secret of two such parts. */
size_t boltz_secret_size (size_t prefix_length, size_t length);

/* Makes one in such memory. */
void boltz_secret_init (boltz_secret *secret, const char *prefix, size_t prefix_length,
                        const char *text, size_t length);

/* How many bytes behind the prefix may be shown. */
size_t boltz_secret_shown (const boltz_secret *secret);

/*
** The first place in a text where the secret stands, without its prefix; NULL if it stands nowhere,
** or is of so few bytes that it may as well be a word of the text.
*/
const char *boltz_secret_find (const boltz_secret *secret, const char *text, const char *end);

/* Overwrites it. */
void boltz_secret_wipe (boltz_secret *secret);

#endif
