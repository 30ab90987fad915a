/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 512
#define REQUEST 4096 /* bytes of the longest */
#define WORKSPACES "/compute/v1/admin/workspaces"

enum { WAKE, LISTEN, FIRST }; /* places in `watched`; connections come after */

static pthread_t thread;
static int wake[2]; /* a pipe: a byte in it ends the thread */
static struct pollfd watched[FIRST + CONNECTIONS];
static struct request {
  char bytes[REQUEST];
  size_t length;
} requests[FIRST + CONNECTIONS];

static void need (bool done, const char *what) {
  if (done) return;
  perror(what);
  abort();
}

/* The value of a field of the request, "" without one. */
static void read_field (const char *head, const char *name, char *value, size_t size) {
  size_t length = strlen(name);
  value[0] = '\0';
  for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
    line += 2;
    if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
    const char *start = line + length + 1 + strspn(line + length + 1, " ");
    snprintf(value, size, "%.*s", (int)strcspn(start, "\r"), start);
  }
}

/* A client that has gone away meanwhile is found out by poll. */
static void answer (int fd, const char *status, const char *body) {
  char text[1024];
  int length = snprintf(text, sizeof text,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                        "x-request-id: req_1\r\nContent-Length: %zu\r\n\r\n%s",
                        status, strlen(body), body);
  send(fd, text, (size_t)length, MSG_NOSIGNAL);
}

static void answer_workspace (int fd, const char *id, const char *who) {
  char body[512];
  snprintf(body, sizeof body,
           "{\"id\":\"%s\",\"name\":\"%s\",\"archived_at\":null,\"tags\":[],"
           "\"data_retention\":{\"unit\":\"days\",\"value\":14}}",
           id, who);
  answer(fd, "200 OK", body);
}

static void answer_page (int fd, bool first) {
  answer(fd, "200 OK",
         first ? "{\"data\":[{\"id\":\"ws_1\"},{\"id\":\"ws_2\"}],\"has_more\":true,"
                 "\"first_id\":\"ws_1\",\"last_id\":\"ws_2\"}"
               : "{\"data\":[{\"id\":\"ws_3\"}],\"has_more\":false,"
                 "\"first_id\":\"ws_3\",\"last_id\":\"ws_3\"}");
}

static void respond (int fd, const char *head) {
  char method[8] = "", path[256] = "", id[128] = "", who[128];
  sscanf(head, "%7s %255s", method, path);
  read_field(head, "X-Who", who, sizeof who);
  if (strcmp(method, "POST") == 0) {
    answer_workspace(fd, "ws_new", who);
  } else if (sscanf(path, WORKSPACES "/%127[^?/]", id) != 1) {
    answer_page(fd, strstr(path, "after_id=ws_2") == NULL);
  } else if (strcmp(id, "missing") == 0) {
    answer(fd, "404 Not Found", "{\"code\":\"not_found\",\"message\":\"no such workspace\"}");
  } else if (strcmp(id, "half") == 0) {
    static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":";
    send(fd, half, sizeof half - 1, MSG_NOSIGNAL);
  } else if (strcmp(id, "hang") != 0) {
    answer_workspace(fd, id, who);
  }
}

static void hang_up (int i) {
  close(watched[i].fd);
  watched[i].fd = -1;
}

/* Answers every request that is there as a whole. */
static void serve (int i) {
  struct request *r = &requests[i];
  ssize_t received = recv(watched[i].fd, r->bytes + r->length, REQUEST - 1 - r->length, 0);
  if (received <= 0) {
    hang_up(i);
    return;
  }
  r->length += (size_t)received;
  r->bytes[r->length] = '\0';
  char *end;
  while ((end = strstr(r->bytes, "\r\n\r\n")) != NULL) {
    char size[16];
    *end = '\0';
    read_field(r->bytes, "Content-Length", size, sizeof size);
    size_t whole = (size_t)(end + 4 - r->bytes) + (size_t)atol(size);
    *end = '\r';
    if (whole > r->length) return;
    *end = '\0';
    respond(watched[i].fd, r->bytes);
    memmove(r->bytes, r->bytes + whole, r->length + 1 - whole);
    r->length -= whole;
  }
}

static void welcome (void) {
  int fd = accept(watched[LISTEN].fd, NULL, NULL);
  if (fd == -1) return;
  for (int i = FIRST; i < FIRST + CONNECTIONS; i++) {
    if (watched[i].fd != -1) continue;
    watched[i].fd = fd;
    watched[i].revents = 0;
    requests[i].length = 0;
    return;
  }
  close(fd);
}

static void *run (void *unused) {
  for (;;) {
    int ready = poll(watched, FIRST + CONNECTIONS, -1);
    if (ready == -1 && errno == EINVAL) continue; /* while a scene lowers RLIMIT_NOFILE */
    need(ready > 0, "poll");
    if (watched[WAKE].revents != 0) return unused;
    for (int i = FIRST; i < FIRST + CONNECTIONS; i++) {
      if (watched[i].fd != -1 && watched[i].revents != 0) serve(i);
    }
    if (watched[LISTEN].revents != 0) welcome();
  }
}

int server_start (void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  need(fd != -1 && bind(fd, (struct sockaddr *)&address, size) == 0, "bind");
  need(listen(fd, CONNECTIONS) == 0 && pipe(wake) == 0, "listen");
  need(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
  for (int i = 0; i < FIRST + CONNECTIONS; i++) {
    watched[i] = (struct pollfd){.fd = i == WAKE     ? wake[0]
                                       : i == LISTEN ? fd
                                                     : -1,
                                 .events = POLLIN};
  }
  need(pthread_create(&thread, NULL, run, NULL) == 0, "pthread_create");
  return ntohs(address.sin_port);
}

void server_stop (void) {
  need(write(wake[1], "", 1) == 1, "write");
  pthread_join(thread, NULL);
  close(wake[1]);
  for (int i = 0; i < FIRST + CONNECTIONS; i++) {
    if (watched[i].fd != -1) hang_up(i);
  }
}
