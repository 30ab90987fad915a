/* SPDX-License-Identifier: MIT */
/*
** What goes into a URL (RFC 3986). libcurl's own parser reads a base URL.
*/
#ifndef BOLTZ_URL_H
#define BOLTZ_URL_H

#include <stddef.h>

#include "code.h"

typedef enum boltz_url_place {
  BOLTZ_URL_SEGMENT, /* of a path */
  BOLTZ_URL_QUERY    /* a name or a value in a query: all but unreserved characters as %XX */
} boltz_url_place;

/*
** Writes `text` with everything as %XX that may not stand in such a place. `out` has room for three
** times its length. Returns how many bytes were written.
*/
size_t boltz_url_escape (char *out, const char *text, size_t length, boltz_url_place place);

#define BOLTZ_URL_PARTS 8

/* The parts of a URL in the order of `boltz_url_part_names`; NULL where it has no such part. */
typedef struct boltz_url {
  char *parts[BOLTZ_URL_PARTS];
} boltz_url;

extern const char *const boltz_url_part_names[BOLTZ_URL_PARTS];

/*
** Takes a URL apart, into a struct that is all NULL. On BOLTZ_REFUSED `*problem` says why. Whatever
** comes of it, the parts are to be freed.
*/
boltz_code boltz_url_parse (boltz_url *url, const char *text, const char **problem);

/* May be called again. */
void boltz_url_free (boltz_url *url);

/* 4 or 6; 0 when the text is no address */
int boltz_url_ip_version (const char *text);

#endif
