/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds (clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

bench_time bench_now (void) {
  return (bench_time){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

void bench_print (bench_time spent, double count, long peak) {
  printf("wall=%.3f cpu=%.3f rss=%ld\n", spent.wall * 1e6 / count, spent.cpu * 1e6 / count, peak);
}

/* Not from getrusage, whose figure is that of the program that was there before exec. */
long bench_peak (void) {
  long peak = 0;
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  bench_need(status != NULL, "there is no /proc/self/status");
  while (peak == 0 && fgets(line, sizeof line, status) != NULL) {
    if (sscanf(line, "VmHWM: %ld", &peak) != 1) peak = 0;
  }
  fclose(status);
  return peak;
}

void bench_need (bool holds, const char *otherwise) {
  if (holds) return;
  fprintf(stderr, "%s\n", otherwise);
  exit(EXIT_FAILURE);
}

long bench_count (const char *text) {
  long count = strtol(text, NULL, 10);
  bench_need(count > 0, "COUNT is not a positive number");
  return count;
}
