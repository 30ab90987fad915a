/* SPDX-License-Identifier: MIT */
/*
** Candidates that are whole processes: launch RUNS EACH PROGRAM [ARGUMENT...]
**
** Runs the program RUNS times, one after the other, and prints the figures of an operation, of
** which each run makes EACH. From before the process is made until it has been waited for, without
** a shell, so that what is added to each program is the same. What programs print is dropped.
*/
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "measure.h"

extern char **environ;

static double seconds (struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Its processor time, and its largest resident size goes to `peak`. */
static double run (char *const *command, const posix_spawn_file_actions_t *files, long *peak) {
  pid_t pid;
  int status = 0;
  struct rusage usage;
  bench_need(posix_spawnp(&pid, command[0], files, NULL, command, environ) == 0,
             "the program cannot be started");
  bench_need(wait4(pid, &status, 0, &usage) == pid, "the program cannot be waited for");
  bench_need(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the program failed");
  if (usage.ru_maxrss > *peak) *peak = usage.ru_maxrss;
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int main (int count, char **words) {
  posix_spawn_file_actions_t files;
  long peak = 0;
  bench_need(count >= 4, "usage: launch RUNS EACH PROGRAM [ARGUMENT...]");
  long runs = bench_count(words[1]);
  double operations = (double)runs * (double)bench_count(words[2]);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  bench_time spent = {0, 0};
  double start = bench_now().wall;
  for (long i = 0; i < runs; i++) spent.cpu += run(words + 3, &files, &peak);
  spent.wall = bench_now().wall - start;
  posix_spawn_file_actions_destroy(&files);
  bench_print(spent, operations, peak);
  return 0;
}
