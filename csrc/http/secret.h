/* SPDX-License-Identifier: MIT */
/*
** A secret: bytes of which texts for people show the first 12 at most. The caller gives the memory,
** and wipes the secret before it frees that.
*/
#ifndef BOLTZ_SECRET_H
#define BOLTZ_SECRET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct boltz_secret {
  size_t prefix;  /* bytes in front that are no secret, such as "Bearer " */
  size_t length;  /* of all, prefix included */
  bool is_hidden; /* a proxy's: not even its start is shown, and it counts however short it is */
  char bytes[];   /* and a NUL behind them */
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
** or is of so few bytes that it may as well be a word of the text. Where it is hidden it counts as
** such a word, too, but not as a part of one.
*/
const char *boltz_secret_find (const boltz_secret *secret, const char *text, const char *end);

/*
** The part that is looked for in pieces: without the scheme of a credential ("Bearer "), without
** what an API key begins with ("sk_bc_admin_live_"), and without blanks at its ends, as far as 8
** bytes remain. Returns its first byte; its length is 0 if the secret may as well be a word.
*/
const char *boltz_secret_private (const boltz_secret *secret, size_t *length);

/* Overwrites it. */
void boltz_secret_wipe (boltz_secret *secret);

/* "user:password" in the URL of a proxy, as it is written there; NULL: there is none. */
const char *boltz_secret_userinfo (const boltz_secret *url, size_t *length);

/*
** Hides users and passwords of URLs in a message of libcurl's, in place: what stands in front of an
** '@'. A message as long as they may be has been cut, and then all of the URL is hidden.
*/
void boltz_secret_hide_userinfo (char *message);

/*
** Writes what goes out as "Authorization: Basic" for a user and a password, with a NUL behind it.
** `out` has room for BOLTZ_BASE64(their length). Returns how many bytes it wrote without the NUL.
*/
#define BOLTZ_BASE64(length) (((length) + 2) / 3 * 4 + 1)
size_t boltz_secret_base64 (char *out, const char *bytes, size_t length);

#endif
