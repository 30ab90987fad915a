/* SPDX-License-Identifier: MIT */
/*
** What a finished transfer that failed means to the caller of the API.
*/
#ifndef BOLTZ_FAILURE_H
#define BOLTZ_FAILURE_H

#include <stdbool.h>

#include "transfer.h"

typedef struct boltz_failure {
  const char *kind;    /* of the error */
  bool transient;      /* the same request may succeed a moment later */
  const char *message; /* what went wrong; see advice.h for what stands behind it */
} boltz_failure;

/* The status of the answer as far as it came; 0: there is none. */
long boltz_failure_status (const boltz_transfer *t);

/* Of a transfer whose code is not CURLE_OK. The texts are valid as long as the transfer is. */
boltz_failure boltz_failure_of (const boltz_transfer *t);

#endif
