/* SPDX-License-Identifier: MIT */
/*
** csrc/http as a C library: a program without Lua, which has neither Lua's headers when it is
** compiled nor Lua itself when it is linked. It makes requests of all sorts to server.c, has some
** of them fail, and has the system fail the engine.
**
** Each scene has an engine of its own, and ends it.
*/
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/engine.h"
#include "http/failure.h"
#include "http/headers.h"
#include "server.h"

#define WORKSPACES "/compute/v1/admin/workspaces"
#define PATIENCE 30.0 /* seconds: for a scene that fails */

static int checks;
static int port;

#define check(condition) check_at(condition, #condition, __LINE__)

static void check_at (bool holds, const char *condition, int line) {
  checks++;
  if (holds) return;
  fprintf(stderr, "http.c:%d: not so: %s\n", line, condition);
  exit(1);
}

/* ---- what the scenes are made of */

static boltz_request_template *new_template (size_t max_response_bytes) {
  boltz_request_template *template = boltz_request_template_new();
  check(template != NULL);
  template->max_response_bytes = max_response_bytes;
  check(boltz_headers_add(&template->headers, "X-Who", 5, "nobody in Lua", 13));
  check(boltz_request_template_set_text(&template->no_proxy, "*"));
  check(boltz_request_template_finish(template));
  return template;
}

static boltz_engine *new_engine (void) {
  boltz_engine *engine;
  check(boltz_engine_new(&engine) == BOLTZ_OK);
  return engine;
}

/* Starts a GET. `timeout` in seconds. */
static boltz_code start_at (int at_port, boltz_engine *engine, boltz_transfer *t,
                            boltz_request_template *template, const char *path, double timeout) {
  char url[256];
  snprintf(url, sizeof url, "http://127.0.0.1:%d%s", at_port, path);
  boltz_request request = {.method = "GET", .url = url, .template = template, .timeout = timeout};
  boltz_transfer_init(t);
  return boltz_engine_start(engine, t, &request);
}

static boltz_code start (boltz_engine *engine, boltz_transfer *t, boltz_request_template *template,
                         const char *path, double timeout) {
  return start_at(port, engine, t, template, path, timeout);
}

static void finish (boltz_engine *engine, const boltz_transfer *t) {
  int news;
  while (!t->done) check(boltz_engine_step(engine, PATIENCE, &news) == BOLTZ_OK);
}

static bool has_failed (const boltz_transfer *t, const char *kind, const char *words) {
  if (!t->done || t->code == CURLE_OK) return false;
  boltz_failure failure = boltz_failure_of(t);
  return strcmp(failure.kind, kind) == 0 && strstr(failure.message, words) != NULL;
}

static bool body_has (const boltz_transfer *t, const char *words) {
  char text[1024];
  snprintf(text, sizeof text, "%.*s", (int)t->body.length, t->body.bytes);
  return strstr(text, words) != NULL;
}

/* ---- answers */

static bool head_has (const boltz_transfer *t, const char *name, const char *value) {
  const char *at = t->head.lines.bytes, *end = at + t->head.lines.length;
  boltz_field field;
  while (boltz_head_next(&at, end, &field)) {
    if (field.name_length == strlen(name) && memcmp(field.name, name, strlen(name)) == 0)
      return field.value_length == strlen(value) && memcmp(field.value, value, strlen(value)) == 0;
  }
  return false;
}

static void an_answer (void) {
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000);
  boltz_transfer t;
  for (int i = 0; i < 3; i++) { /* the second and third time with a handle that was kept */
    check(start(engine, &t, template, WORKSPACES "/ws_7", PATIENCE) == BOLTZ_OK);
    finish(engine, &t);
    check(t.code == CURLE_OK && boltz_failure_status(&t) == 200 && t.has_been_sent);
    check(body_has(&t, "\"ws_7\"") && body_has(&t, "nobody in Lua"));
    check(head_has(&t, "x-request-id", "req_1"));
    boltz_transfer_dispose(&t);
  }
  check(start(engine, &t, template, WORKSPACES "/missing", PATIENCE) == BOLTZ_OK);
  finish(engine, &t);
  check(t.code == CURLE_OK && boltz_failure_status(&t) == 404);
  boltz_transfer_dispose(&t);
  boltz_request_template_leave(template);
  boltz_engine_free(engine);
}

static void an_answer_to_a_body (void) {
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000);
  char url[256];
  snprintf(url, sizeof url, "http://127.0.0.1:%d" WORKSPACES, port);
  for (int once = 0; once < 2; once++) {
    boltz_transfer t;
    char body[] = "{\"name\":\"x\"}";
    boltz_request request = {.method = "POST",
                             .url = url,
                             .template = template,
                             .body = body,
                             .body_length = strlen(body),
                             .once = once,
                             .timeout = INFINITY};
    boltz_transfer_init(&t);
    check(boltz_engine_start(engine, &t, &request) == BOLTZ_OK);
    memset(body, 'z', sizeof body); /* it has been copied */
    finish(engine, &t);
    check(t.code == CURLE_OK && body_has(&t, "ws_new"));
    boltz_transfer_dispose(&t);
  }
  boltz_request_template_leave(template);
  boltz_engine_free(engine);
}

/* ---- failures */

static void failures (void) {
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000), *small = new_template(5);
  boltz_transfer refused, large, hanging, cancelled;
  check(start_at(1, engine, &refused, template, "/", PATIENCE) == BOLTZ_OK);
  check(start(engine, &large, small, WORKSPACES "/ws_7", PATIENCE) == BOLTZ_OK);
  check(start(engine, &hanging, template, WORKSPACES "/hang", 0.05) == BOLTZ_OK);
  check(start(engine, &cancelled, template, WORKSPACES "/hang", PATIENCE) == BOLTZ_OK);
  boltz_request_template_leave(small); /* its transfer goes on with it */
  finish(engine, &refused);
  check(has_failed(&refused, "connection", "") && !refused.has_been_sent);
  finish(engine, &large);
  check(has_failed(&large, "invalid_response", "larger than max_response_bytes"));
  finish(engine, &hanging);
  check(has_failed(&hanging, "timeout", "timed out after"));
  check(!cancelled.done);
  boltz_engine_cancel(&cancelled);
  check(has_failed(&cancelled, "cancelled", ""));
  boltz_engine_cancel(&cancelled); /* does nothing any more */
  boltz_transfer_dispose(&refused);
  boltz_transfer_dispose(&large);
  boltz_transfer_dispose(&hanging);
  boltz_transfer_dispose(&cancelled);
  boltz_request_template_leave(template);
  boltz_engine_free(engine);
}

/* libcurl takes no text of more than 8,000,000 bytes. */
static void a_request_that_libcurl_refuses (void) {
  enum { LENGTH = 8000001 };
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000);
  boltz_transfer t;
  char *url = malloc(LENGTH + 1);
  check(url != NULL);
  memset(url, 'a', LENGTH);
  url[LENGTH] = '\0';
  boltz_request request = {.method = "GET", .url = url, .template = template, .timeout = 1};
  boltz_transfer_init(&t);
  check(boltz_engine_start(engine, &t, &request) == BOLTZ_REFUSED);
  check(t.message[0] != '\0' && !t.done);
  boltz_transfer_dispose(&t);
  free(url);
  boltz_request_template_leave(template);
  boltz_engine_free(engine);
}

static void a_closed_engine (void) {
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000);
  boltz_transfer running, late;
  int news;
  check(start(engine, &running, template, WORKSPACES "/hang", PATIENCE) == BOLTZ_OK);
  boltz_engine_close(engine);
  boltz_engine_close(engine);
  check(has_failed(&running, "cancelled", "") && !boltz_engine_is_open(engine));
  check(start(engine, &late, template, WORKSPACES "/ws_7", PATIENCE) == BOLTZ_CLOSED);
  check(boltz_engine_step(engine, PATIENCE, &news) == BOLTZ_CLOSED);
  boltz_engine_free(engine);
  boltz_transfer_dispose(&running); /* in either order */
  boltz_transfer_dispose(&late);
  boltz_request_template_leave(template);
}

/* ---- a system that fails the engine */

static int refused_sockets; /* that epoll shall not take */

/* The linker leads this program's calls of epoll_ctl here. */
int __real_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event) {
  if (operation != EPOLL_CTL_ADD || refused_sockets == 0)
    return __real_epoll_ctl(epoll, operation, fd, event);
  refused_sockets--;
  errno = ENOSPC;
  return -1;
}

static void a_failed_engine (void) {
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000);
  boltz_transfer before, refused, after;
  int descriptor, again, news;
  check(boltz_engine_watch(engine, false, &descriptor) == BOLTZ_OK);
  check(start(engine, &before, template, WORKSPACES "/hang", PATIENCE) == BOLTZ_OK);
  refused_sockets = descriptor < 0 ? 0 : 1; /* without epoll nothing can be refused */
  check(start(engine, &refused, template, WORKSPACES "/hang", PATIENCE) == BOLTZ_OK);
  if (descriptor >= 0) {
    finish(engine, &refused);
    check(has_failed(&before, "connection", "the engine has failed"));
    check(has_failed(&refused, "connection", "the engine has failed"));
    check(boltz_failure_of(&before).transient && boltz_engine_is_open(engine));
    check(boltz_engine_nudge(engine) == BOLTZ_OK);
    check(boltz_engine_step(engine, 0, &news) == BOLTZ_OK);
    check(boltz_engine_step(engine, 0.01, &news) == BOLTZ_OK && news == 0);
  }
  check(start(engine, &after, template, WORKSPACES "/ws_7", PATIENCE) == BOLTZ_OK);
  finish(engine, &after);
  check(after.code == CURLE_OK && body_has(&after, "\"ws_7\""));
  check(boltz_engine_watch(engine, false, &again) == BOLTZ_OK && again == descriptor);
  boltz_engine_cancel(&before);
  boltz_engine_cancel(&refused);
  boltz_transfer_dispose(&before);
  boltz_transfer_dispose(&refused);
  boltz_transfer_dispose(&after);
  boltz_request_template_leave(template);
  boltz_engine_free(engine);
}

/* ---- a system that stops the process */

static double stop; /* seconds, in the next wait, once something is ready; 0: not at all */

int __real_epoll_wait (int epoll, struct epoll_event *events, int most, int milliseconds);
int __wrap_epoll_wait (int epoll, struct epoll_event *events, int most, int milliseconds);
int __wrap_epoll_wait (int epoll, struct epoll_event *events, int most, int milliseconds) {
  if (stop <= 0) return __real_epoll_wait(epoll, events, most, milliseconds);
  struct pollfd ready = {.fd = epoll, .events = POLLIN};
  poll(&ready, 1, (int)(PATIENCE * 1000));
  poll(NULL, 0, (int)(stop * 1000));
  stop = 0;
  errno = EINTR;
  return -1;
}

/* A server of one connection in this thread: the scene itself says when it answers. */
static int listen_here (int *at_port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  check(listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0);
  check(listen(listener, 1) == 0);
  check(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
  *at_port = ntohs(address.sin_port);
  return listener;
}

/* Steps until the request has come. */
static int take_request (int listener, boltz_engine *engine) {
  char request[1024];
  int news, connection = accept(listener, NULL, NULL);
  check(connection >= 0);
  while (recv(connection, request, sizeof request, MSG_DONTWAIT) < 0)
    check(boltz_engine_step(engine, 0, &news) == BOLTZ_OK);
  return connection;
}

/* The answer is there before its time is over, and the process goes on when it is long over. */
static void a_stopped_process (void) {
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  boltz_engine *engine = new_engine();
  boltz_request_template *template = new_template(1000);
  boltz_transfer t;
  int own_port, news, listener = listen_here(&own_port);
  check(start_at(own_port, engine, &t, template, "/", PATIENCE) == BOLTZ_OK);
  int connection = take_request(listener, engine);
  /* libcurl's own timers would have it look, so they go first */
  check(boltz_engine_step(engine, 0.5, &news) == BOLTZ_OK && !t.done);
  boltz_engine_expire_in(&t, 0.1, INFINITY);
  check(send(connection, answer, sizeof answer - 1, 0) == sizeof answer - 1);
  stop = 0.2;
  check(boltz_engine_step(engine, PATIENCE, &news) == BOLTZ_OK);
  stop = 0; /* in a build without epoll */
  finish(engine, &t);
  check(t.code == CURLE_OK && body_has(&t, "{}"));
  boltz_transfer_dispose(&t);
  boltz_request_template_leave(template);
  boltz_engine_free(engine);
  close(connection);
  close(listener);
}

/* ---- */

static void no_descriptor_left (void) {
  struct rlimit limit, none;
  boltz_engine *engine;
  check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  none = limit;
  none.rlim_cur = 3;
  check(setrlimit(RLIMIT_NOFILE, &none) == 0);
  boltz_code code = boltz_engine_new(&engine);
  check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (code == BOLTZ_OK) boltz_engine_free(engine); /* a build without epoll, an older libcurl */
  check(code == BOLTZ_NO_DESCRIPTOR || (code == BOLTZ_OK && engine != NULL));
}

int main (void) {
  static void (*const scenes[])(void) = {
      an_answer,       an_answer_to_a_body, failures,          a_request_that_libcurl_refuses,
      a_closed_engine, a_failed_engine,     a_stopped_process, no_descriptor_left};
  port = server_start();
  for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
    scenes[i]();
  }
  server_stop();
  printf("csrc/http without Lua: %d checks\n", checks);
  return 0;
}
