/* SPDX-License-Identifier: MIT */
#include "sigpipe.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

static bool is_pending (void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

/* Of two, that of the thread, which libcurl has raised, before that of the whole process. */
static void take_off (const sigset_t *only) {
#if defined(_POSIX_REALTIME_SIGNALS) && _POSIX_REALTIME_SIGNALS > 0
  const struct timespec at_once = {0, 0};
  sigtimedwait(only, NULL, &at_once);
#else /* macOS */
  int signal;
  if (is_pending()) sigwait(only, &signal);
#endif
}

static void fill (sigset_t *only) {
  sigemptyset(only);
  sigaddset(only, SIGPIPE);
}

/* Where the host does not block it, it cannot be pending: it would have been delivered. */
void boltz_sigpipe_hold (boltz_sigpipe *sigpipe) {
  sigset_t only;
  if (sigpipe->held) return;
  fill(&only);
  pthread_sigmask(SIG_BLOCK, &only, &sigpipe->before);
  sigpipe->pending = sigismember(&sigpipe->before, SIGPIPE) == 1 && is_pending();
  sigpipe->held = true;
}

void boltz_sigpipe_release (boltz_sigpipe *sigpipe) {
  sigset_t only;
  if (!sigpipe->held) return;
  fill(&only);
  if (!sigpipe->pending) take_off(&only);
  pthread_sigmask(SIG_SETMASK, &sigpipe->before, NULL);
  sigpipe->held = false;
}
