/* SPDX-License-Identifier: MIT */
#include "lateness.h"

#include <math.h>

#include "clock.h"

#define GAP 0.05 /* seconds */

/* A prompt host had nothing to do before the step was due, or would have come. */
void boltz_lateness_measure (boltz_lateness *lateness, double came, double due, double until) {
  double before = came - (lateness->prompt ? due : lateness->left);
  lateness->seconds = fmax(0, before) + fmax(0, boltz_now() - until);
}

bool boltz_lateness_is_long (const boltz_lateness *lateness) {
  return lateness->seconds >= GAP;
}
