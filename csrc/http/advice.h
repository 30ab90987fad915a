/* SPDX-License-Identifier: MIT */
/*
** What stands behind the message of a failure: what a person can do about it, and which proxy the
** request was to go through.
*/
#ifndef BOLTZ_ADVICE_H
#define BOLTZ_ADVICE_H

#include "transfer.h"

/*
** Writes it to `t->advice` and returns it: "" where there is nothing to say, or no memory. It is
** valid as long as the transfer is. For a transfer whose code is not CURLE_OK.
*/
const char *boltz_advice_of (boltz_transfer *t);

#endif
