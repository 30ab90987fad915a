/* SPDX-License-Identifier: MIT */
/*
** How a candidate that decodes nothing knows that it got what it should have got: it counts the ids
** of the first answer, and each further answer must be equal to the first.
*/
#ifndef BENCH_SAME_H
#define BENCH_SAME_H

#include <stddef.h>

/* All zero before the first answer. */
typedef struct bench_same {
  char *first; /* a copy of the first answer; bench_same_free frees it */
  size_t length;
} bench_same;

/* Ends the program unless the first answer had `ids` ids and this one is the same. */
void bench_same_check (bench_same *same, const char *text, size_t length, size_t ids);

void bench_same_free (bench_same *same);

#endif
