/* SPDX-License-Identifier: MIT */
/*
** Header fields, both ways (RFC 9110, section 5).
*/
#ifndef BOLTZ_HEADERS_H
#define BOLTZ_HEADERS_H

#include <curl/curl.h>
#include <lua.h>
#include <stdbool.h>

#include "buffer.h"

/*
** check_header(name, value) -> nil | what is wrong: a name that is not a token, or a value (a
** string or a secret) with a control character, which could end the field and begin another.
*/
int boltz_headers_check (lua_State *L);

/*
** Builds libcurl's list from the flat Lua list {name, value, name, value, ...} at `index`. A value
** is a string or a secret. Returns NULL, or what is wrong; either way the caller frees the list.
*/
const char *boltz_headers_build (lua_State *L, int index, struct curl_slist **list);

/* Appends a line such as "Content-Type:", which keeps libcurl from adding that field. */
bool boltz_headers_append (struct curl_slist **list, const char *line);

/* Overwrites, then frees the list. */
void boltz_headers_free (struct curl_slist *list);

/*
** The head of an answer as it comes in. A status line starts it over, so that what remains is the
** final answer's and not an interim one's (RFC 9110, section 15.2).
*/
typedef struct boltz_head {
  boltz_buffer lines;
  size_t received; /* bytes, those of interim answers too */
  int count;       /* lines, likewise */
  bool begun;      /* a status line has come */
  bool complete;   /* and the empty line at its end */
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

/* Pushes {["lower-case-name"] = value}; equal names are joined by ", ".   [-0, +1, m] */
void boltz_headers_push (lua_State *L, const char *lines, size_t length);

#endif
