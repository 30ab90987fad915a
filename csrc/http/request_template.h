/* SPDX-License-Identifier: MIT */
/*
** A request template is what the requests of one client have in common, in libcurl's form. It is
** made once, and then never changes; so a libcurl handle that was set up for it serves one request
** after another.
*/
#ifndef BOLTZ_REQUEST_TEMPLATE_H
#define BOLTZ_REQUEST_TEMPLATE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

typedef struct boltz_request_template {
  int users;                   /* its maker, and transfers; its texts are wiped with the last */
  int handles;                 /* that were set up for it and are kept */
  struct curl_slist *headers;  /* of a request with a body */
  struct curl_slist *bodiless; /* its part from some place on: of one without */
  size_t max_response_bytes;   /* after decompression */
  char *ca_file, *proxy, *no_proxy; /* NULL: what the environment says */
  char *ca_file_variable;           /* that named it; NULL: the option did */
} boltz_request_template;

/*
** Makes one that its maker uses, and fills in: `max_response_bytes`, headers behind those that are
** there, the four texts. Then it calls `boltz_request_template_finish`. NULL for want of memory.
*/
boltz_request_template *boltz_request_template_new (void);

/* Copies one of the four texts; NULL leaves it absent. False for want of memory. */
bool boltz_request_template_set_text (char **field, const char *text);

/* False for want of memory. */
bool boltz_request_template_finish (boltz_request_template *template);

/* Writes the file of authorities that its certificates are held against, and what names it; nothing
   where that is libcurl's own. Without memory the end is missing. */
void boltz_request_template_write_authorities (const boltz_request_template *template,
                                               boltz_buffer *out);

/* Another user has it from now on, and no longer. The second accepts NULL. */
boltz_request_template *boltz_request_template_use (boltz_request_template *template);
void boltz_request_template_leave (boltz_request_template *template);

/* A handle of it is kept, and no longer. Without users no request can want it any more. */
void boltz_request_template_keep (boltz_request_template *template);
void boltz_request_template_drop (boltz_request_template *template);

/*
** A new libcurl handle for GET requests of a template: all that does not change from one to the
** next is set. NULL for want of memory, or of something libcurl was built without.
*/
CURL *boltz_request_template_handle (const boltz_request_template *template);

#endif
