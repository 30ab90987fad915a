/* SPDX-License-Identifier: MIT */
/*
** The physical limit: a blocking socket, and as little as possible besides. Plain http only.
**
**   socket TASK BASE_URL COUNT
**
** It connects once. An operation writes a request that was prepared before, and reads until the
** answer has as many bytes as its Content-Length says; nothing is decoded. It sends what the module
** sends, and knows only what the bench's server answers: a Content-Length, no compression.
*/
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"
#include "same.h"

#define ANSWER (64 * 1024) /* bytes with the header; a page has 22.5 KB */

/* A base URL's parts. */
typedef struct address {
  char host[128];
  char port[8];
  char path[512];
} address;

typedef struct client {
  int descriptor;
  char request[2048];
  size_t request_length;
  char bytes[ANSWER + 1]; /* the answer: header and body */
  bench_same same;
} client;

static const struct {
  const char *name, *path;
  size_t ids; /* of the answer */
} tasks[] = {{"retrieve", "/compute/v1/admin/workspaces/ws_0000000000000001", 1},
             {"page", "/compute/v1/admin/workspaces", 100}};

static address parse (const char *url) {
  address a = {"", "", ""};
  bench_need(sscanf(url, "http://%127[^:/]:%7[0-9]%511s", a.host, a.port, a.path) == 3,
             "BASE_URL is not http://HOST:PORT/PATH");
  return a;
}

static int connect_to (const address *a) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  int on = 1;
  bench_need(getaddrinfo(a->host, a->port, &hints, &found) == 0, "the host has no address");
  int descriptor = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  bench_need(descriptor >= 0, "there is no socket");
  bench_need(connect(descriptor, found->ai_addr, found->ai_addrlen) == 0, "nobody listens");
  freeaddrinfo(found);
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

static void prepare (client *c, const address *a, const char *path) {
  int length = snprintf(c->request, sizeof c->request,
                        "GET %s%s HTTP/1.1\r\n"
                        "Host: %s:%s\r\n"
                        "Accept: application/json\r\n"
                        "User-Agent: boltz-bench/1 (socket)\r\n"
                        "x-api-key: sk_bc_admin_test_bench0000000000000000\r\n"
                        "x-stainless-retry-count: 0\r\n\r\n",
                        a->path, path, a->host, a->port);
  bench_need(length > 0 && (size_t)length < sizeof c->request, "the request is too long");
  c->request_length = (size_t)length;
}

/* At least one more byte of the answer, behind `length` that are there. Gives the new length. */
static size_t receive (client *c, size_t length) {
  ssize_t got = read(c->descriptor, c->bytes + length, ANSWER - length);
  bench_need(got > 0, "there is no answer, or one that is too long");
  c->bytes[length + (size_t)got] = '\0';
  return length + (size_t)got;
}

/* The length of a body, from a header that is complete. */
static size_t content_length (const char *header) {
  static const char name[] = "\r\nContent-Length: ";
  bench_need(strncmp(header, "HTTP/1.1 200 ", 13) == 0, "the answer's status is not 200");
  const char *field = strstr(header, name);
  bench_need(field != NULL, "no Content-Length");
  return (size_t)strtoul(field + sizeof name - 1, NULL, 10);
}

static void exchange (client *c, size_t ids) {
  size_t length = 0;
  const char *end; /* of the header */
  bench_need(write(c->descriptor, c->request, c->request_length) == (ssize_t)c->request_length,
             "the request cannot be written");
  do {
    length = receive(c, length);
    end = strstr(c->bytes, "\r\n\r\n");
  } while (end == NULL);
  const char *body = end + 4;
  size_t whole = (size_t)(body - c->bytes) + content_length(c->bytes);
  while (length < whole) length = receive(c, length);
  bench_need(length == whole, "the answer is longer than its Content-Length");
  bench_same_check(&c->same, body, (size_t)(c->bytes + whole - body), ids);
}

static size_t find (const char *name) {
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
    if (strcmp(tasks[i].name, name) == 0) return i;
  }
  bench_need(false, "there is no such task");
  return 0;
}

int main (int count, char **words) {
  static client c;
  bench_need(count == 4, "usage: socket TASK BASE_URL COUNT");
  size_t task = find(words[1]);
  address a = parse(words[2]);
  long operations = bench_count(words[3]);
  prepare(&c, &a, tasks[task].path);
  c.descriptor = connect_to(&a);
  for (long i = 0; i < 1 + operations / 4; i++) exchange(&c, tasks[task].ids); /* warms up */
  bench_time start = bench_now();
  for (long i = 0; i < operations; i++) exchange(&c, tasks[task].ids);
  bench_time end = bench_now();
  bench_print((bench_time){end.wall - start.wall, end.cpu - start.cpu}, (double)operations,
              bench_peak());
  close(c.descriptor);
  bench_same_free(&c.same);
  return 0;
}
