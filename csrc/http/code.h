/* SPDX-License-Identifier: MIT */
/*
** What a function of this library came to.
*/
#ifndef BOLTZ_CODE_H
#define BOLTZ_CODE_H

typedef enum boltz_code {
  BOLTZ_OK,
  BOLTZ_NO_MEMORY,
  BOLTZ_NO_DESCRIPTOR,
  BOLTZ_CLOSED, /* the engine has been closed */
  BOLTZ_REFUSED /* libcurl does not take the request; the transfer's `message` says why */
} boltz_code;

/* The same in words; of BOLTZ_REFUSED only that. */
const char *boltz_code_text (boltz_code code);

#endif
