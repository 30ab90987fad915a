/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <netdb.h>
#include <semaphore.h>

static sem_t answer;

int getaddrinfo (const char *restrict name, const char *restrict service,
                 const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
  (void)name;
  (void)service;
  (void)hints;
  (void)result;
  sem_wait(&answer);
  return EAI_AGAIN;
}

void names_init (void) {
  sem_init(&answer, 0, 0);
}

void names_answer (void) {
  sem_post(&answer);
}
