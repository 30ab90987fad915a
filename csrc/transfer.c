/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "compat.h"
#include "engine.h"
#include "headers.h"
#include "result.h"
#include "secret.h"

#define TRANSFER "boltz.transfer"
#if LIBCURL_VERSION_NUM < 0x080600 /* a header line that is too long */
#define CURLE_TOO_LARGE CURLE_OUT_OF_MEMORY
#endif

#define HEAD_LIMIT ((size_t)256 * 1024)
#define HEAD_TOO_LARGE "the answer's headers are larger than 256 KiB, or one of them than 100 KiB"

/* ---- libcurl's callbacks: no Lua here */

/* Ends the transfer: its answer grew beyond a limit, or there is no memory for it. */
static size_t refuse (boltz_transfer *t, bool excessive, const char *why) {
  if (excessive)
    t->excess = why;
  else
    t->out_of_memory = true;
  return 0;
}

static size_t on_head (char *bytes, size_t size, size_t count, void *data) {
  boltz_transfer *t = data;
  size_t length = size * count;
  if (boltz_head_add(&t->head, bytes, length)) return length;
  return refuse(t, length > t->head.lines.limit - t->head.received, HEAD_TOO_LARGE);
}

static size_t on_body (char *bytes, size_t size, size_t count, void *data) {
  boltz_transfer *t = data;
  size_t length = size * count;
  if (boltz_buffer_add(&t->body, bytes, length)) return length;
  return refuse(t, length > t->body.limit - t->body.length,
                "the answer is larger than max_response_bytes");
}

static size_t on_read (char *bytes, size_t size, size_t count, void *data) {
  boltz_transfer *t = data;
  size_t left = t->request.length - t->sent;
  size_t taken = size * count < left ? size * count : left;
  if (taken > 0) memcpy(bytes, t->request.bytes + t->sent, taken);
  t->sent += taken;
  return taken;
}

/* What the host starts shall not inherit a connection that holds a key's session. */
static int on_socket (void *data, curl_socket_t socket, curlsocktype purpose) {
  (void)data;
  (void)purpose;
  int flags = fcntl(socket, F_GETFD);
  if (flags >= 0) fcntl(socket, F_SETFD, flags | FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

/* ---- from a request table to a libcurl handle */

static void set_long (lua_State *L, boltz_transfer *t, CURLoption option, long value) {
  if (curl_easy_setopt(t->easy, option, value) != CURLE_OK) luaL_error(L, "not enough memory");
}

static void set_pointer (lua_State *L, boltz_transfer *t, CURLoption option, const void *value) {
  CURLcode code = curl_easy_setopt(t->easy, option, value);
  if (code != CURLE_OK) luaL_error(L, "%s", curl_easy_strerror(code));
}

static void set_milliseconds (lua_State *L, boltz_transfer *t, int index, CURLoption option,
                              const char *field) {
  lua_getfield(L, index, field);
  if (!lua_isnil(L, -1)) {
    double milliseconds = (double)luaL_checknumber(L, -1) * 1000;
    if (milliseconds > 2147483647.0) milliseconds = 2147483647.0; /* long has 32 bits somewhere */
    set_long(L, t, option, milliseconds < 1 ? 1 : (long)milliseconds);
  }
  lua_pop(L, 1);
}

/* A field as text for libcurl, which reads to a NUL; NULL when it is absent.   [-0, +1, e] */
static const char *get_text (lua_State *L, int index, const char *field) {
  size_t length = 0;
  lua_getfield(L, index, field);
  const char *text = boltz_secret_bytes(L, -1, &length);
  if (text == NULL) text = luaL_optlstring(L, -1, NULL, &length);
  if (text != NULL && strcspn(text, "\r\n") != length) {
    luaL_error(L, "'%s' of a request holds a line end or a NUL", field);
  }
  return text;
}

static void set_text (lua_State *L, boltz_transfer *t, int index, CURLoption option,
                      const char *field) {
  const char *text = get_text(L, index, field);
  if (text != NULL) set_pointer(L, t, option, text);
  lua_pop(L, 1);
}

static void set_protocols (lua_State *L, boltz_transfer *t) {
#if LIBCURL_VERSION_NUM >= 0x075500 /* 7.85.0 */
  set_pointer(L, t, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  set_long(L, t, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* A resolver thread that hangs would hold up the end of its transfer, and with it the deadline. */
static void set_quick_exit (lua_State *L, boltz_transfer *t) {
#if LIBCURL_VERSION_NUM >= 0x075700 /* 7.87.0 */
  set_long(L, t, CURLOPT_QUICK_EXIT, 1);
#else
  (void)L;
  (void)t;
#endif
}

/*
** What every exchange has in common. libcurl follows no redirect unless told to, verifies TLS
** unless told not to, and asks for every compression it was built with when given "".
*/
static void set_common (lua_State *L, boltz_transfer *t) {
  set_pointer(L, t, CURLOPT_PRIVATE, t);
  set_pointer(L, t, CURLOPT_ERRORBUFFER, t->message);
  curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_head);
  curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(t->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
  set_pointer(L, t, CURLOPT_HEADERDATA, t);
  set_pointer(L, t, CURLOPT_WRITEDATA, t);
  set_pointer(L, t, CURLOPT_ACCEPT_ENCODING, "");
  set_protocols(L, t);
  set_quick_exit(L, t);
  set_long(L, t, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  set_long(L, t, CURLOPT_NOSIGNAL, 1);   /* hosts have their own signals and threads */
  set_long(L, t, CURLOPT_PATH_AS_IS, 1); /* the path goes out as it was built */
  set_long(L, t, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1); /* a proxy's answer is not the server's */
}

/*
** What may be sent once only goes over a connection of its own: on one that has been idle, the
** server's end may close at the same moment, and nobody knows whether it has read the request.
** libcurl would then send it again by itself (curl 7.88.1, Curl_retry_request); it cannot where the
** body is read through a callback that does not start over.
*/
static void set_body (lua_State *L, boltz_transfer *t, bool once) {
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.length);
  set_long(L, t, CURLOPT_POST, 1);
  set_long(L, t, CURLOPT_FRESH_CONNECT, once);
  if (once && t->request.length > 0) {
    curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read);
    set_pointer(L, t, CURLOPT_READDATA, t);
  } else {
    set_pointer(L, t, CURLOPT_POSTFIELDS, t->request.length > 0 ? t->request.bytes : "");
  }
}

/* A method other than GET has a body, if only an empty one: it sends Content-Length: 0. */
static void set_method (lua_State *L, boltz_transfer *t, int index) {
  size_t length = 0;
  const char *method = get_text(L, index, "method");
  if (method == NULL) luaL_error(L, "a request without a method");
  lua_getfield(L, index, "body");
  lua_getfield(L, index, "once");
  const char *body = luaL_optlstring(L, -2, NULL, &length);
  if (body != NULL && !boltz_buffer_add(&t->request, body, length)) {
    luaL_error(L, "not enough memory");
  }
  bool bodiless = body == NULL && (strcmp(method, "GET") == 0 || strcmp(method, "DELETE") == 0);
  if (!bodiless) set_body(L, t, lua_toboolean(L, -1));
  if (strcmp(method, bodiless ? "GET" : "POST") != 0) {
    set_pointer(L, t, CURLOPT_CUSTOMREQUEST, method);
  }
  lua_pop(L, 3);
}

/*
** Where these are not given, libcurl would add an Accept and a Content-Type for a form, and an
** Expect before a large body, which costs a second at servers that do not know it.
*/
static const char *const suppressed[] = {"Accept:", "Content-Type:", "Expect:"};

static void set_headers (lua_State *L, boltz_transfer *t, int index) {
  lua_getfield(L, index, "headers");
  luaL_checktype(L, -1, LUA_TTABLE);
  const char *problem = boltz_headers_build(L, lua_gettop(L), &t->headers);
  if (problem != NULL) luaL_error(L, "%s", problem);
  for (size_t i = 0; i < sizeof suppressed / sizeof *suppressed; i++) {
    if (!boltz_headers_append(&t->headers, suppressed[i])) luaL_error(L, "not enough memory");
  }
  set_pointer(L, t, CURLOPT_HTTPHEADER, t->headers);
  lua_pop(L, 1);
}

/*
** Where HTTP/2 may come out of the TLS handshake, calls that begin together wait for it and share
** the connection. Without TLS they would wait for the first answer to learn that it is HTTP/1.1.
*/
static void set_multiplexing (lua_State *L, boltz_transfer *t, int index) {
  const char *url = get_text(L, index, "url");
  set_long(L, t, CURLOPT_PIPEWAIT, url != NULL && strncmp(url, "https:", 6) == 0);
  lua_pop(L, 1);
}

boltz_transfer *boltz_transfer_new (lua_State *L, int index) {
  boltz_transfer *t = lua_newuserdata(L, sizeof *t);
  memset(t, 0, sizeof *t);
  luaL_getmetatable(L, TRANSFER);
  lua_setmetatable(L, -2);
  lua_getfield(L, index, "max_response_bytes");
  double most = (double)luaL_checknumber(L, -1);
  luaL_argcheck(L, most >= 0, index, "max_response_bytes below 0");
  boltz_buffer_init(&t->body, most < (double)SIZE_MAX ? (size_t)most : SIZE_MAX);
  lua_getfield(L, index, "timeout");
  t->timeout = (double)luaL_optnumber(L, -1, INFINITY);
  lua_pop(L, 2);
  boltz_head_init(&t->head, HEAD_LIMIT);
  boltz_buffer_init(&t->request, (size_t)-1);
  t->easy = curl_easy_init();
  if (t->easy == NULL) luaL_error(L, "not enough memory");
  set_common(L, t);
  set_method(L, t, index);
  set_headers(L, t, index);
  lua_getfield(L, index, "url");
  if (lua_isnil(L, -1)) luaL_error(L, "a request without a URL");
  lua_pop(L, 1);
  set_text(L, t, index, CURLOPT_URL, "url");
  set_multiplexing(L, t, index);
  set_text(L, t, index, CURLOPT_CAINFO, "ca_file");
  set_text(L, t, index, CURLOPT_PROXY, "proxy");
  set_text(L, t, index, CURLOPT_NOPROXY, "no_proxy");
  set_milliseconds(L, t, index, CURLOPT_CONNECTTIMEOUT_MS, "connect_timeout");
  return t;
}

/* ---- the end of a transfer */

boltz_transfer *boltz_transfer_check (lua_State *L, int index) {
  return luaL_checkudata(L, index, TRANSFER);
}

/* What libcurl knows of the exchange. */
static void take_account (boltz_transfer *t, CURL *easy) {
  long request_size = 0;
  curl_off_t elapsed = 0, pretransfer = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &t->status);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &t->connects);
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &t->http_version);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_size);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &elapsed);
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer);
  /* What went to a proxy that refused is no part of the request. */
  t->has_been_sent = request_size > 0 && pretransfer > 0;
  t->elapsed = (double)elapsed / 1e6;
}

/*
** Two of libcurl's verdicts are put right. A connection that closes within the head is a whole
** answer to it; and a header line that is too long is a lack of memory to curl before 8.6, where it
** became CURLE_TOO_LARGE.
*/
void boltz_transfer_finish (boltz_transfer *t, CURLcode code) {
  bool within_head = t->head.begun && !t->head.complete;
  if (code == CURLE_OK && within_head) {
    code = CURLE_PARTIAL_FILE;
    t->excess = "the answer was cut short in its headers";
  } else if (within_head && (code == CURLE_OUT_OF_MEMORY || code == CURLE_TOO_LARGE)) {
    code = CURLE_WRITE_ERROR;
    t->excess = HEAD_TOO_LARGE;
  } else if (code == CURLE_OUT_OF_MEMORY) {
    t->out_of_memory = true;
  }
  t->done = true;
  t->code = code;
  if (t->easy != NULL) take_account(t, t->easy);
  curl_easy_cleanup(t->easy);
  t->easy = NULL;
  boltz_headers_free(t->headers);
  t->headers = NULL;
  boltz_buffer_free(&t->request);
}

/* transfer:result() -> table, see result.h | nil while it runs */
static int transfer_result (lua_State *L) {
  boltz_transfer *t = boltz_transfer_check(L, 1);
  if (!t->done) return 0;
  if (t->out_of_memory) return luaL_error(L, "not enough memory");
  boltz_result_push(L, t);
  return 1;
}

/* transfer:done() -> boolean */
static int transfer_done (lua_State *L) {
  lua_pushboolean(L, boltz_transfer_check(L, 1)->done);
  return 1;
}

/* transfer:cancel(): at once; its result is then the failure "cancelled", unless it was done. */
static int transfer_cancel (lua_State *L) {
  boltz_engine_cancel(boltz_transfer_check(L, 1));
  return 0;
}

/* transfer:expire_in(seconds): from now on; until then its timeout does not count */
static int transfer_expire_in (lua_State *L) {
  boltz_transfer *t = boltz_transfer_check(L, 1);
  boltz_engine_expire_in(t, (double)luaL_checknumber(L, 2));
  return 0;
}

static int transfer_gc (lua_State *L) {
  boltz_transfer *t = boltz_transfer_check(L, 1);
  boltz_engine_cancel(t);
  curl_easy_cleanup(t->easy);
  t->easy = NULL;
  boltz_headers_free(t->headers);
  t->headers = NULL;
  boltz_buffer_free(&t->request);
  boltz_buffer_free(&t->head.lines);
  boltz_buffer_free(&t->body);
  return 0;
}

static const luaL_Reg methods[] = {{"done", transfer_done},
                                   {"result", transfer_result},
                                   {"cancel", transfer_cancel},
                                   {"expire_in", transfer_expire_in},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", transfer_gc}, {NULL, NULL}};

void boltz_transfer_open (lua_State *L) {
  boltz_newtype(L, TRANSFER, methods, metamethods);
  lua_pop(L, 1);
}
