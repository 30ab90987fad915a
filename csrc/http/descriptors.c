/* SPDX-License-Identifier: MIT */
#include "descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0
#endif

bool boltz_descriptors_next (int pair[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  close(pair[0]);
  close(pair[1]);
  return true;
}

long boltz_descriptors_left (void) {
  int next[2];
  struct rlimit limit;
  if (!boltz_descriptors_next(next)) return 0;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX) return INT_MAX - next[0];
  return (long)limit.rlim_cur - next[0];
}

static void seal (int descriptor) {
  int flags = fcntl(descriptor, F_GETFD);
  if (flags >= 0) fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}

int boltz_descriptors_socket (int family, int type, int protocol) {
  int descriptor = socket(family, type | SOCK_CLOEXEC, protocol);
  if (SOCK_CLOEXEC == 0 && descriptor >= 0) seal(descriptor);
  return descriptor;
}

void boltz_descriptors_seal (int descriptor) {
  struct sockaddr address;
  socklen_t length = sizeof address;
  if (getsockname(descriptor, &address, &length) != 0 || address.sa_family != AF_UNIX) return;
  seal(descriptor);
}

/* ---- the other end of a socketpair */

#define NEAR 1024 /* its number is the next that was free */

typedef struct name {
  struct sockaddr_un address;
  socklen_t length;
} name;

/*
** Linux gives an end that is bound to nothing in particular a name that no other socket has. None
** can connect to it, since it does not listen.
*/
static bool name_end (int end, name *own) {
  const struct sockaddr_un any = {.sun_family = AF_UNIX};
  if (bind(end, (const struct sockaddr *)&any, sizeof any.sun_family) != 0) return false;
  own->length = sizeof own->address;
  return getsockname(end, (struct sockaddr *)&own->address, &own->length) == 0 &&
         own->length > sizeof any.sun_family;
}

static bool is_connected_to (int descriptor, const name *end) {
  name peer = {.length = sizeof peer.address};
  return getpeername(descriptor, (struct sockaddr *)&peer.address, &peer.length) == 0 &&
         peer.length == end->length && memcmp(&peer.address, &end->address, end->length) == 0;
}

/* -1: it is not near. */
static int find_other_end (int end, const name *own) {
  for (int distance = 1; distance < NEAR; distance++) {
    if (is_connected_to(end + distance, own)) return end + distance;
    if (is_connected_to(end - distance, own)) return end - distance;
  }
  return -1;
}

void boltz_descriptors_seal_pair (int end) {
  name own = {.length = sizeof own.address};
  int flags = fcntl(end, F_GETFD);
  if (flags < 0 || (flags & FD_CLOEXEC) != 0) return;
  if (getsockname(end, (struct sockaddr *)&own.address, &own.length) != 0) return;
  if (own.address.sun_family != AF_UNIX) return;
  seal(end);
  if (!name_end(end, &own)) return;
  int other = find_other_end(end, &own);
  if (other >= 0) seal(other);
}
