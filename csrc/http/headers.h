/* SPDX-License-Identifier: MIT */
/*
** The header fields of a request (RFC 9110, section 5), as libcurl wants them: a list of lines.
*/
#ifndef BOLTZ_HEADERS_H
#define BOLTZ_HEADERS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/*
** Why no request can have a field: its name is no token, or its value has a control character,
** which could end the field and begin another. NULL if it can. A part that is NULL is no text.
*/
const char *boltz_headers_problem (const char *name, size_t name_length, const char *value,
                                   size_t value_length);

/*
** Adds a field that has no problem; with a value of NULL, the line that keeps libcurl from sending
** a field of its own by this name. False for want of memory.
*/
bool boltz_headers_add (struct curl_slist **list, const char *name, size_t name_length,
                        const char *value, size_t value_length);

/* Adds a line such as "Content-Type:". False for want of memory. */
bool boltz_headers_append (struct curl_slist **list, const char *line);

/* Whether the list has a field, or the line that keeps libcurl from sending it. */
bool boltz_headers_have (const struct curl_slist *list, const char *name);

/* Overwrites, then frees the list. */
void boltz_headers_free (struct curl_slist *list);

#endif
