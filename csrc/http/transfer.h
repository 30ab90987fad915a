/* SPDX-License-Identifier: MIT */
/*
** A transfer: a request goes in, an answer or a failure comes out. An engine drives it (engine.h);
** libcurl's callbacks fill its buffers.
*/
#ifndef BOLTZ_TRANSFER_H
#define BOLTZ_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "code.h"
#include "handle_pool.h"
#include "head.h"
#include "request_template.h"

struct boltz_engine;

/* What a transfer copies or uses when it begins. */
typedef struct boltz_request {
  const char *method, *url;
  boltz_request_template *template;
  const char *body; /* NULL: none */
  size_t body_length;
  bool once;              /* the body is never sent a second time, on no connection */
  double timeout;         /* seconds from the start to the last byte; INFINITY: none */
  double connect_timeout; /* seconds for the connection, TLS included; 0: libcurl's own */
} boltz_request;

typedef struct boltz_transfer {
  struct boltz_engine *engine;            /* that drives it; NULL before and after */
  struct boltz_transfer *previous, *next; /* in the engine's list */
  boltz_handle *handle;                   /* until it is done */
  boltz_request_template *template;       /* until it is done */
  bool is_secure;                         /* TLS to the server */
  bool failed_at_proxy; /* in TLS to the proxy, which is in front of that to the server */
  bool is_plain;        /* a GET that libcurl sent once: its handle may serve again */
  bool once;            /* it needs a connection of its own */
  bool out_of_memory;   /* while the answer came in */
  bool done;
  bool was_lengthened;     /* its time has been */
  bool forsaken;           /* left to the parent process, which goes on with it */
  boltz_buffer request;    /* body */
  size_t sent;             /* bytes of it that libcurl has read */
  boltz_head head;         /* of the answer */
  boltz_buffer body;       /* of the answer, decompressed */
  const char *excess;      /* what was wrong with the answer's extent; NULL: nothing */
  double started, expires; /* on the clock of boltz_now; `expires` is never after `deadline` */
  double deadline;
  double connecting; /* seconds for the connection; INFINITY: libcurl's own */
  double connects;   /* when they are over */
  bool was_spared;   /* `connects` counts, and no longer libcurl's limit */
  size_t progress;   /* bytes that had gone and come when its time was last looked at */
  CURLcode code;
  long status;        /* of the answer; 0: none */
  bool has_been_sent; /* any byte of the request */
  double elapsed;     /* seconds */
  char message[CURL_ERROR_SIZE];
  /* For what stands behind the message of one that failed, see advice.h: */
  boltz_buffer proxy;       /* the name of the proxy that it went through */
  boltz_buffer authorities; /* that certificates were held against, as they were named */
  boltz_buffer advice;
} boltz_transfer;

/* A transfer that has not begun. From now on it may be disposed. */
void boltz_transfer_init (boltz_transfer *t);

/*
** Makes it ready to be added to a multi. What fails leaves it as `boltz_transfer_init` does, but
** for the `message` that goes with BOLTZ_REFUSED.
*/
boltz_code boltz_transfer_prepare (boltz_transfer *t, const boltz_request *request,
                                   boltz_handle_pool *pool);

/* From now on it has `timeout` seconds, or `deadline` if these are fewer. */
void boltz_transfer_limit (boltz_transfer *t, double timeout, double deadline);

/*
** Gives it so many seconds more, if bytes have gone or come since its time was last looked at. Once
** only, and not beyond its deadline.
*/
void boltz_transfer_lengthen (boltz_transfer *t, double seconds);

/*
** To be called before libcurl looks at the time, after so many seconds in which it could not look:
** if the time to connect has run out meanwhile, it gets those seconds more, but not more than it
** had. Once only. Returns what `boltz_transfer_due` does.
*/
double boltz_transfer_spare (boltz_transfer *t, double seconds);

/* When it is to be ended unless it is done; as a rule libcurl sees to the time to connect. */
double boltz_transfer_due (const boltz_transfer *t);

/* Whether that has come, with a message if so. */
bool boltz_transfer_expire (boltz_transfer *t, double now);

/* Ends one that its engine has taken from libcurl; its handle may go to `pool`, unless NULL. */
void boltz_transfer_finish (boltz_transfer *t, CURLcode code, boltz_handle_pool *pool);

/* Ends one in a child of the process that began it: libcurl's part is left as it is. */
void boltz_transfer_forsake (boltz_transfer *t);

/* Frees what it has. No engine drives it any more. May be called again. */
void boltz_transfer_dispose (boltz_transfer *t);

#endif
