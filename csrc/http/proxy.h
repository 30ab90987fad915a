/* SPDX-License-Identifier: MIT */
/*
** Which proxy libcurl takes for a URL. It does not tell, so this reads the environment as it does
** (curl 7.88.1, lib/url.c and lib/noproxy.c).
*/
#ifndef BOLTZ_PROXY_H
#define BOLTZ_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* The texts are the caller's or the environment's. */
typedef struct boltz_proxy {
  const char *url;      /* may hold a password, and may have no scheme; NULL: there is no proxy */
  const char *variable; /* that names it; NULL: the caller does */
} boltz_proxy;

/*
** Finds it. `proxy` and `no_proxy` are what libcurl was told, NULL where it asks the environment:
** an empty proxy is none, and an empty list of exceptions has none.
*/
boltz_proxy boltz_proxy_of (const char *proxy, const char *no_proxy, const char *url);

/* Whether a proxy is spoken to over TLS. */
bool boltz_proxy_is_secure (boltz_proxy proxy);

/*
** Writes what it is called in messages: " 127.0.0.1:3128 of HTTPS_PROXY", without the address where
** that cannot be told from a password. Without memory the end is missing.
*/
void boltz_proxy_write_name (boltz_proxy proxy, boltz_buffer *out);

#endif
