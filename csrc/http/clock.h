/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_CLOCK_H
#define BOLTZ_CLOCK_H

/* Seconds on a clock that only goes forward. */
double boltz_now (void);

/* Seconds since the epoch, with a fraction, on the system's clock. */
double boltz_wall (void);

#endif
