/* SPDX-License-Identifier: MIT */
/*
** What all candidates in C have in common: clocks, the line of figures, and the end of a program
** that got something else than it should.
*/
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>

/* Seconds that passed, and seconds of processor time, user's and system's. */
typedef struct bench_time {
  double wall;
  double cpu;
} bench_time;

bench_time bench_now (void);

/* Prints `wall=... cpu=... rss=...`: microseconds for each of `count` operations, and KiB. */
void bench_print (bench_time spent, double count, long peak);

/* The largest resident size of this process so far, in KiB. */
long bench_peak (void);

/* Ends the program with a message, unless `holds`. */
void bench_need (bool holds, const char *otherwise);

/* A positive number as it stands in the arguments. */
long bench_count (const char *text);

#endif
