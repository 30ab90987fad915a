/* SPDX-License-Identifier: MIT */
/*
** How late an engine is stepped: the process was stopped or starved, or its program did something
** else. Meanwhile transfers could not go on, and that is not the server's fault.
**
** Times are those of boltz_now.
*/
#ifndef BOLTZ_LATENESS_H
#define BOLTZ_LATENESS_H

#include <stdbool.h>

typedef struct boltz_lateness {
  double left;    /* when the last step ended */
  bool prompt;    /* a host steps when the descriptor is ready, and only then */
  double seconds; /* as last measured */
} boltz_lateness;

/*
** Measures it within a step: when that `came` and was `due`, and `until` when it is to wait.
*/
void boltz_lateness_measure (boltz_lateness *lateness, double came, double due, double until);

/* Whether it is worth mentioning. */
bool boltz_lateness_is_long (const boltz_lateness *lateness);

#endif
