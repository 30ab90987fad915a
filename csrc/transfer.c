/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <math.h>
#include <string.h>

#include "compat.h"
#include "engine.h"
#include "result.h"

#define TRANSFER "boltz.transfer"
#define TOO_LARGE ((CURLcode)100) /* curl 8.6, whose headers call it CURLE_TOO_LARGE */

#define HEAD_LIMIT ((size_t)256 * 1024)

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
  const char *problem = boltz_head_problem(&t->head, bytes, length);
  if (problem != NULL) return refuse(t, true, problem);
  return boltz_head_add(&t->head, bytes, length) ? length : refuse(t, false, NULL);
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

/* ---- from a request table to a libcurl handle */

/*
** Gives back what the request needed. A handle that did something else than a plain GET, or failed,
** is not used again: libcurl has no way to take back its settings that does without memory.
*/
static void release (boltz_transfer *t, boltz_handles *handles) {
  if (handles != NULL && t->is_plain && t->code == CURLE_OK)
    boltz_handles_keep(handles, t->easy, t->profile);
  else
    curl_easy_cleanup(t->easy);
  t->easy = NULL;
  boltz_profile_leave(t->profile);
  t->profile = NULL;
  boltz_buffer_free(&t->request);
}

/* What a request says besides its profile and its body. The texts are on Lua's stack. */
typedef struct request {
  const char *method, *url;
  bool has_body, is_get, once;
  double connect_timeout; /* seconds */
} request;

static double get_seconds (lua_State *L, int index, const char *field, double otherwise) {
  lua_getfield(L, index, field);
  double seconds = (double)luaL_optnumber(L, -1, (lua_Number)otherwise);
  lua_pop(L, 1);
  return seconds;
}

/* Reads a request, and copies its body.   [-0, +4, m e] */
static request read_request (lua_State *L, boltz_transfer *t, int index) {
  size_t length = 0;
  request r;
  r.method = boltz_profile_text(L, index, "method");
  r.is_get = r.method != NULL && strcmp(r.method, "GET") == 0;
  if (r.method == NULL) luaL_error(L, "a request without a method");
  r.url = boltz_profile_text(L, index, "url");
  if (r.url == NULL) luaL_error(L, "a request without a URL");
  lua_getfield(L, index, "body");
  const char *body = luaL_optlstring(L, -1, NULL, &length);
  r.has_body = body != NULL;
  if (r.has_body && !boltz_buffer_add(&t->request, body, length)) {
    luaL_error(L, "not enough memory");
  }
  lua_getfield(L, index, "once");
  r.once = lua_toboolean(L, -1);
  r.connect_timeout = get_seconds(L, index, "connect_timeout", 300); /* libcurl's own default */
  t->timeout = get_seconds(L, index, "timeout", INFINITY);
  return r;
}

/*
** What may be sent once only goes over a connection of its own: on one that has been idle, the
** server's end may close at the same moment, and nobody knows whether it has read the request.
** libcurl would then send it again by itself (curl 7.88.1, Curl_retry_request); it cannot where the
** body is read through a callback that does not start over.
*/
static CURLcode set_body (boltz_transfer *t, bool once) {
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.length);
  curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
  if (!once || t->request.length == 0) {
    const char *body = t->request.length > 0 ? t->request.bytes : "";
    return curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body);
  }
  curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read);
  return curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
}

/* A method other than GET and DELETE has a body, if only an empty one: Content-Length: 0. */
static CURLcode set_method (boltz_transfer *t, const request *r) {
  bool bodiless = !r->has_body && (r->is_get || strcmp(r->method, "DELETE") == 0);
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER,
                   bodiless ? t->profile->bodiless : t->profile->headers);
  curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, (long)(!bodiless && r->once));
  CURLcode code = bodiless ? CURLE_OK : set_body(t, r->once);
  if (code != CURLE_OK || strcmp(r->method, bodiless ? "GET" : "POST") == 0) return code;
  return curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static void set_callbacks (boltz_transfer *t) {
  curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->message);
  curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_head);
  curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
}

/*
** Where HTTP/2 may come out of the TLS handshake, calls that begin together wait for it and share
** the connection. Without TLS they would wait for the first answer to learn that it is HTTP/1.1.
*/
static CURLcode set_up (boltz_transfer *t, const request *r) {
  double milliseconds = fmin(r->connect_timeout * 1000, 2147483647); /* some longs have 32 bits */
  set_callbacks(t);
  curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, (long)(strncmp(r->url, "https:", 6) == 0));
  curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds < 1 ? 1 : (long)milliseconds);
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
  return code == CURLE_OK ? set_method(t, r) : code;
}

/* Nothing raises between the taking of a handle and the return: it goes before the engine does. */
boltz_transfer *boltz_transfer_new (lua_State *L, int index, boltz_handles *handles) {
  boltz_transfer *t = lua_newuserdata(L, sizeof *t);
  memset(t, 0, sizeof *t);
  luaL_getmetatable(L, TRANSFER);
  lua_setmetatable(L, -2);
  int top = lua_gettop(L);
  t->profile = boltz_profile_use(boltz_profile_of(L, index));
  boltz_buffer_init(&t->body, t->profile->max_response_bytes);
  boltz_head_init(&t->head, HEAD_LIMIT);
  boltz_buffer_init(&t->request, (size_t)-1);
  request r = read_request(L, t, index);
  t->is_plain = r.is_get && !r.has_body;
  t->easy = t->is_plain ? boltz_handles_take(handles, t->profile)
                        : boltz_handles_new(handles, t->profile);
  CURLcode code = t->easy != NULL ? set_up(t, &r) : CURLE_OUT_OF_MEMORY;
  if (code != CURLE_OK) {
    release(t, NULL);
    luaL_error(L, "%s",
               code == CURLE_OUT_OF_MEMORY ? "not enough memory" : curl_easy_strerror(code));
  }
  lua_settop(L, top);
  return t;
}

/* ---- the end of a transfer */

boltz_transfer *boltz_transfer_check (lua_State *L, int index) {
  return luaL_checkudata(L, index, TRANSFER);
}

/* What libcurl knows of the exchange. */
static void take_account (boltz_transfer *t, CURL *easy) {
  long request_size = 0;
  curl_off_t elapsed = 0, pretransfer = 0, redirected = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &t->status);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &t->connects);
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &t->http_version);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_size);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &elapsed);
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer);
  /*
  ** libcurl sends a request again when a connection that was idle has died, but five times at most
  ** in the life of a handle (curl 7.88.1, Curl_retry_request). It takes that for a redirect.
  */
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_TIME_T, &redirected);
  t->is_plain = t->is_plain && redirected == 0;
  /* What went to a proxy that refused is no part of the request. */
  t->has_been_sent = request_size > 0 && pretransfer > 0;
  t->elapsed = (double)elapsed / 1e6;
}

/*
** Two of libcurl's verdicts are put right. A connection that closes within the head is a whole
** answer to it; and a header line that is too long is a lack of memory to curl before 8.6.
*/
void boltz_transfer_finish (boltz_transfer *t, CURLcode code, boltz_handles *handles) {
  bool within_head = t->head.begun && !t->head.complete;
  if (code == CURLE_OK && within_head) {
    code = CURLE_PARTIAL_FILE;
    t->excess = "the answer was cut short in its headers";
  } else if (within_head && (code == CURLE_OUT_OF_MEMORY || code == TOO_LARGE)) {
    code = CURLE_WRITE_ERROR;
    t->excess = BOLTZ_HEAD_TOO_LARGE;
  } else if (code == CURLE_OUT_OF_MEMORY) {
    t->out_of_memory = true;
  }
  t->done = true;
  t->code = code;
  if (t->easy != NULL) take_account(t, t->easy);
  release(t, handles);
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
  release(t, NULL);
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
