/* SPDX-License-Identifier: MIT */
/*
** The descriptors of this process, which are numbered from the lowest that is free.
*/
#ifndef BOLTZ_DESCRIPTORS_H
#define BOLTZ_DESCRIPTORS_H

#include <stdbool.h>

/* The two that the next socketpair gets. False: there are none left. */
bool boltz_descriptors_next (int pair[2]);

/* How many more the process may have at most; fewer than two count as none. */
long boltz_descriptors_left (void);

/* A socket that what the process starts does not inherit; -1 if there is none to be had. */
int boltz_descriptors_socket (int family, int type, int protocol);

/* What the process starts does not inherit this one from now on, if it is a socket at all. */
void boltz_descriptors_seal (int descriptor);

/*
** The same for one end of a socketpair and for the other, whose number the caller does not know; it
** is found for certain or left alone. Nothing happens to what is no such end, or is sealed already.
*/
void boltz_descriptors_seal_pair (int end);

#endif
