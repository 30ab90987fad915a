/* SPDX-License-Identifier: MIT */
#include "descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0
#endif

#define MANY 1024 /* descriptors: beyond so many the memory of engines counts, whatever the limit */

bool boltz_descriptors_next (int pair[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  close(pair[0]);
  close(pair[1]);
  return true;
}

bool boltz_descriptors_are_scarce (void) {
  int next[2];
  struct rlimit limit;
  rlim_t most = MANY;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most) most = limit.rlim_cur;
  return !boltz_descriptors_next(next) || (rlim_t)next[1] >= most / 4 * 3;
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
