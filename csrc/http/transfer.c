/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "descriptors.h"
#include "proxy.h"
#include "secret.h"

#define TOO_LARGE ((CURLcode)100) /* curl 8.6, whose headers call it CURLE_TOO_LARGE */

#define HEAD_LIMIT ((size_t)256 * 1024)
#define FAILURE_LIMIT ((size_t)1024 * 1024) /* of the body of an answer that is no success */

/* ---- libcurl's callbacks */

/* Ends the transfer: its answer grew beyond a limit, or there is no memory for it. */
static size_t refuse (boltz_transfer *t, bool excessive, const char *why) {
  if (excessive)
    t->excess = why;
  else
    t->out_of_memory = true;
  return 0;
}

static size_t on_head (char *bytes, size_t size, size_t count, void *data) {
  boltz_transfer *t = ((const boltz_handle *)data)->transfer;
  size_t length = size * count;
  const char *problem = boltz_head_problem(&t->head, bytes, length);
  if (problem != NULL) return refuse(t, true, problem);
  return boltz_head_add(&t->head, bytes, length) ? length : refuse(t, false, NULL);
}

/* Before the first byte of the body: its answer's status is known. */
static void limit_body (boltz_transfer *t) {
  long status = 0;
  curl_easy_getinfo(t->handle->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status < 300 || t->body.limit <= FAILURE_LIMIT) return;
  t->body.limit = FAILURE_LIMIT;
}

static size_t on_body (char *bytes, size_t size, size_t count, void *data) {
  boltz_transfer *t = ((const boltz_handle *)data)->transfer;
  size_t length = size * count;
  if (t->body.length == 0) limit_body(t);
  if (boltz_buffer_add(&t->body, bytes, length)) return length;
  bool own = t->body.limit < t->template->max_response_bytes;
  return refuse(t, length > t->body.limit - t->body.length,
                own ? "the body of a failure is larger than 1 MiB"
                    : "the answer is larger than max_response_bytes");
}

static size_t on_read (char *bytes, size_t size, size_t count, void *data) {
  boltz_transfer *t = data;
  size_t left = t->request.length - t->sent;
  size_t taken = size * count < left ? size * count : left;
  if (taken > 0) memcpy(bytes, t->request.bytes + t->sent, taken);
  t->sent += taken;
  return taken;
}

/* ---- from a request to libcurl's handle */

void boltz_transfer_init (boltz_transfer *t) {
  memset(t, 0, sizeof *t);
  boltz_buffer_init(&t->proxy, (size_t)-1);
  boltz_buffer_init(&t->authorities, (size_t)-1);
  boltz_buffer_init(&t->advice, (size_t)-1);
}

/*
** Gives back what the request needed. A handle that did something else than a plain GET, or failed,
** is not used again: libcurl has no way to take back its settings that does without memory.
*/
static void release (boltz_transfer *t, boltz_handle_pool *pool) {
  if (pool != NULL && t->is_plain && t->code == CURLE_OK)
    boltz_handle_pool_keep(pool, t->handle);
  else
    boltz_handle_free(t->handle);
  t->handle = NULL;
  boltz_request_template_leave(t->template);
  t->template = NULL;
  boltz_buffer_free(&t->request);
}

/*
** What may be sent once only goes over a connection of its own: on one that has been idle, the
** server's end may close at the same moment, and then the client cannot know whether the server has
** read the request. libcurl would send it again by itself (curl 7.88.1, Curl_retry_request); it
** cannot where the body is read through a callback that does not start over.
*/
static CURLcode set_body (boltz_transfer *t) {
  CURL *easy = t->handle->easy;
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.length);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  if (t->once) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (!t->once || t->request.length == 0) {
    const char *body = t->request.length > 0 ? t->request.bytes : "";
    return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  }
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  return curl_easy_setopt(easy, CURLOPT_READDATA, t);
}

/* A method other than GET and DELETE has a body, if only an empty one: Content-Length: 0. */
static CURLcode set_method (boltz_transfer *t, const boltz_request *r) {
  CURL *easy = t->handle->easy;
  bool bodiless =
      r->body == NULL && (strcmp(r->method, "GET") == 0 || strcmp(r->method, "DELETE") == 0);
  CURLcode code = CURLE_OK;
  t->once = r->once && !bodiless;
  if (!bodiless) {
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->template->headers);
    code = set_body(t);
  }
  if (code != CURLE_OK || strcmp(r->method, bodiless ? "GET" : "POST") == 0) return code;
  return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static void set_callbacks (boltz_handle *handle) {
  if (handle->has_callbacks) return;
  curl_easy_setopt(handle->easy, CURLOPT_HEADERFUNCTION, on_head);
  curl_easy_setopt(handle->easy, CURLOPT_HEADERDATA, handle);
  curl_easy_setopt(handle->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle->easy, CURLOPT_WRITEDATA, handle);
  handle->has_callbacks = true;
}

/* Seldom another than that of the request before. */
static void set_connect_timeout (boltz_handle *handle, double seconds) {
  double most = fmin(seconds * 1000, 2147483647); /* some longs have 32 bits */
  long milliseconds = seconds == 0 ? 0 : most < 1 ? 1 : (long)most;
  if (milliseconds == handle->connect_timeout) return;
  curl_easy_setopt(handle->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  handle->connect_timeout = milliseconds;
}

/* All but the URL of a plain GET is set in its handle already. */
static CURLcode set_up (boltz_transfer *t, const boltz_request *r, boltz_handle_pool *pool) {
  t->is_secure = strncmp(r->url, "https:", 6) == 0;
  t->handle = t->is_plain ? boltz_handle_pool_take(pool, t->template, t->is_secure)
                          : boltz_handle_pool_new(pool, t->template, t->is_secure);
  if (t->handle == NULL) return CURLE_OUT_OF_MEMORY;
  t->handle->transfer = t;
  t->handle->message[0] = '\0';
  set_callbacks(t->handle);
  set_connect_timeout(t->handle, r->connect_timeout);
  t->connecting = r->connect_timeout > 0 ? r->connect_timeout : INFINITY;
  t->connects = boltz_now() + t->connecting;
  CURLcode code = curl_easy_setopt(t->handle->easy, CURLOPT_URL, r->url);
  return code == CURLE_OK && !t->is_plain ? set_method(t, r) : code;
}

boltz_code boltz_transfer_prepare (boltz_transfer *t, const boltz_request *request,
                                   boltz_handle_pool *pool) {
  boltz_buffer_init(&t->request, (size_t)-1);
  if (!boltz_buffer_add(&t->request, request->body, request->body_length)) return BOLTZ_NO_MEMORY;
  t->template = boltz_request_template_use(request->template);
  boltz_buffer_init(&t->body, t->template->max_response_bytes);
  boltz_head_init(&t->head, HEAD_LIMIT);
  t->is_plain = request->body == NULL && strcmp(request->method, "GET") == 0;
  CURLcode code = set_up(t, request, pool);
  if (code == CURLE_OK) return BOLTZ_OK;
  release(t, NULL);
  if (code == CURLE_OUT_OF_MEMORY) return BOLTZ_NO_MEMORY;
  (void)snprintf(t->message, sizeof t->message, "%s", curl_easy_strerror(code));
  return BOLTZ_REFUSED;
}

/* ---- its limit of time */

void boltz_transfer_limit (boltz_transfer *t, double timeout, double deadline) {
  t->started = boltz_now();
  t->deadline = t->started + deadline;
  t->expires = fmin(t->started + timeout, t->deadline);
  t->was_lengthened = false;
}

/* Whether bytes have gone or come since this was last asked. */
static bool has_moved (boltz_transfer *t) {
  size_t progress = t->sent + t->head.received + t->body.length;
  bool moved = progress > t->progress;
  t->progress = progress;
  return moved;
}

void boltz_transfer_lengthen (boltz_transfer *t, double seconds) {
  if (t->was_lengthened || !has_moved(t)) return;
  t->was_lengthened = true;
  t->expires = fmin(t->expires + seconds, t->deadline);
}

/* Not before the name is looked up: then libcurl may still wait for a connection of another's. */
static bool is_connecting (const boltz_transfer *t) {
  curl_off_t looked_up = 0, connected = 0;
  curl_easy_getinfo(t->handle->easy, CURLINFO_NAMELOOKUP_TIME_T, &looked_up);
  curl_easy_getinfo(t->handle->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
  return looked_up > 0 && connected == 0;
}

/*
** libcurl takes its limit from the option whenever it looks (curl 7.88.1, Curl_timeleft, and later
** ones), but would not wake at a later one. It has to have one until then, as each address of a
** host gets a share of it.
*/
double boltz_transfer_spare (boltz_transfer *t, double seconds) {
  double now = boltz_now();
  if (!t->was_spared && t->connects <= now && is_connecting(t)) {
    t->was_spared = true;
    t->connects = now + fmin(seconds, t->connecting);
    set_connect_timeout(t->handle, INFINITY);
  }
  return boltz_transfer_due(t);
}

double boltz_transfer_due (const boltz_transfer *t) {
  return t->was_spared && is_connecting(t) ? fmin(t->expires, t->connects) : t->expires;
}

bool boltz_transfer_expire (boltz_transfer *t, double now) {
  if (boltz_transfer_due(t) > now) return false;
  (void)snprintf(t->message, sizeof t->message, "timed out after %.3f s with %zu bytes received",
                 now - t->started, t->body.length);
  return true;
}

/* ---- the end of a transfer */

/* The proxy that it goes through. */
static boltz_proxy find_proxy (const boltz_transfer *t) {
  char *url = NULL;
  curl_easy_getinfo(t->handle->easy, CURLINFO_EFFECTIVE_URL, &url);
  return boltz_proxy_of(t->template->proxy, t->template->no_proxy, url != NULL ? url : "");
}

/*
** Whether a transfer that failed got no further than TLS to its proxy: libcurl did not trust the
** proxy, or had no answer of it to the request for a tunnel.
*/
static bool has_failed_at_proxy (const boltz_transfer *t, boltz_proxy proxy) {
  CURL *easy = t->handle->easy;
  long verdict = 0, answer = 0;
  curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &verdict);
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &answer);
  return verdict != 0 || (answer == 0 && boltz_proxy_is_secure(proxy));
}

/* Notes for its message what it was told, which is let go with its template. */
static void take_names (boltz_transfer *t) {
  boltz_proxy proxy = find_proxy(t);
  t->failed_at_proxy = has_failed_at_proxy(t, proxy);
  if (proxy.url != NULL) boltz_proxy_write_name(proxy, &t->proxy);
  boltz_request_template_write_authorities(t->template, &t->authorities);
}

/* What libcurl knows of the exchange. */
static void take_account (boltz_transfer *t) {
  CURL *easy = t->handle->easy;
  curl_off_t elapsed = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &t->status);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &elapsed);
  t->elapsed = (double)elapsed / 1e6;
  t->has_been_sent = true;
  if (t->code == CURLE_OK) return;
  long request_size = 0;
  curl_off_t pretransfer = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_size);
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer);
  /* What went to a proxy that refused is no part of the request. */
  t->has_been_sent = request_size > 0 && pretransfer > 0;
  if (t->message[0] == '\0') memcpy(t->message, t->handle->message, sizeof t->message);
  boltz_secret_hide_userinfo(t->message);
  take_names(t);
}

/*
** libcurl sends a request again when a connection that was idle has died, but five times at most in
** the life of a handle (curl 7.88.1, Curl_retry_request). It takes that for a redirect.
*/
static bool was_sent_again (const boltz_transfer *t) {
  curl_off_t redirected = 0;
  curl_easy_getinfo(t->handle->easy, CURLINFO_REDIRECT_TIME_T, &redirected);
  return redirected != 0;
}

/*
** libcurl says of a socket, a resolver's thread or a file of authorities that it could not open
** them, and not why.
*/
static bool lacks_descriptors (boltz_transfer *t, CURLcode code) {
  int next[2];
  bool may_be = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_SSL_CACERT_BADFILE;
  if (!may_be || boltz_descriptors_next(next)) return false;
  (void)snprintf(t->message, sizeof t->message, "no descriptor left for a connection");
  return true;
}

/*
** Two of libcurl's verdicts are put right. A connection that closes within the head is a whole
** answer to it; and a header line that is too long is a lack of memory to curl before 8.6.
*/
static CURLcode judge (boltz_transfer *t, CURLcode code) {
  bool within_head = t->head.begun && !t->head.complete;
  if (code == CURLE_OK && within_head) {
    t->excess = "the answer was cut short in its headers";
    return CURLE_PARTIAL_FILE;
  }
  if (within_head && (code == CURLE_OUT_OF_MEMORY || code == TOO_LARGE)) {
    t->excess = BOLTZ_HEAD_TOO_LARGE;
    return CURLE_WRITE_ERROR;
  }
  if (code == CURLE_OUT_OF_MEMORY) t->out_of_memory = true;
  return lacks_descriptors(t, code) ? CURLE_FAILED_INIT : code;
}

void boltz_transfer_finish (boltz_transfer *t, CURLcode code, boltz_handle_pool *pool) {
  t->done = true;
  t->code = judge(t, code);
  take_account(t);
  t->is_plain = t->is_plain && !was_sent_again(t);
  release(t, pool);
}

void boltz_transfer_forsake (boltz_transfer *t) {
  t->handle = NULL;
  t->forsaken = true;
  t->done = true;
  t->code = CURLE_ABORTED_BY_CALLBACK;
  release(t, NULL);
}

void boltz_transfer_dispose (boltz_transfer *t) {
  release(t, NULL);
  boltz_buffer_free(&t->head.lines);
  boltz_buffer_free(&t->body);
  boltz_buffer_free(&t->proxy);
  boltz_buffer_free(&t->authorities);
  boltz_buffer_free(&t->advice);
}
