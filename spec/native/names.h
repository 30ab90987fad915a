/* SPDX-License-Identifier: MIT */
/*
** A name server that takes its time: getaddrinfo in the place of the C library's, for a program
** that is linked with names.c. It waits until it is told to answer, and then knows no address.
*/
#ifndef NATIVE_NAMES_H
#define NATIVE_NAMES_H

/* Before the first name is looked up. */
void names_init (void);

/* Answers one of those that ask, or the next. */
void names_answer (void);

#endif
