/* SPDX-License-Identifier: MIT */
/*
** One exchange: a request goes in, an answer or a failure comes out. libcurl's callbacks fill C
** buffers and nothing else; Lua sees the result afterwards.
*/
#ifndef BOLTZ_TRANSFER_H
#define BOLTZ_TRANSFER_H

#include <curl/curl.h>
#include <lua.h>
#include <stdbool.h>

#include "buffer.h"
#include "handles.h"
#include "headers.h"
#include "profile.h"

typedef struct boltz_engine boltz_engine;

typedef struct boltz_transfer {
  boltz_engine *engine;                   /* that drives it; NULL before and after */
  struct boltz_transfer *previous, *next; /* in the engine's list */
  CURL *easy;                             /* until it is done */
  boltz_profile *profile;                 /* until it is done */
  bool is_plain;        /* a GET that libcurl sent once: its handle may serve again */
  boltz_buffer request; /* body */
  size_t sent;          /* bytes of it that libcurl has read */
  boltz_head head;      /* of the answer */
  boltz_buffer body;    /* of the answer, decompressed */
  bool out_of_memory;   /* while the answer came in */
  const char *excess;   /* what was wrong with the answer's extent; NULL: nothing */
  bool done;
  double timeout;          /* seconds; INFINITY: none */
  double started, expires; /* on the clock of boltz_now; the engine's */
  size_t progress;         /* bytes that had gone and come when its time was last over */
  bool forsaken;           /* left to the parent process, which goes on with it */
  CURLcode code;
  long status;        /* of the answer; 0: none */
  long connects;      /* connections that were made for it */
  long http_version;  /* CURL_HTTP_VERSION_... */
  bool has_been_sent; /* any byte of the request */
  double elapsed;     /* seconds */
  char message[CURL_ERROR_SIZE];
} boltz_transfer;

/* Makes the type known to this Lua state.   [-0, +0, m] */
void boltz_transfer_open (lua_State *L);

/*
** Pushes a transfer, ready to be added to an engine, of the request table at `index`:
**   method, url      strings
**   profile          see profile.h; absent: its fields are the request's own
**   body             string; absent: none
**   once             true: the body is never sent a second time, on no connection
**   timeout          seconds from the start to the last byte; absent: none
**   connect_timeout  seconds
** Raises on a request that is malformed.   [-0, +1, m e]
*/
boltz_transfer *boltz_transfer_new (lua_State *L, int index, boltz_handles *handles);

/* Ends a transfer that its engine has taken from libcurl; its handle may go to `handles`. */
void boltz_transfer_finish (boltz_transfer *t, CURLcode code, boltz_handles *handles);

boltz_transfer *boltz_transfer_check (lua_State *L, int index);

#endif
