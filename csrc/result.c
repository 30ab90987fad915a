/* SPDX-License-Identifier: MIT */
#include "result.h"

#include <pthread.h>
#include <string.h>

#include "compat.h"
#include "headers.h"

#define RESULT "boltz.result"
#define BEGINNING 8192

/*
** What libcurl's codes mean to the caller of the API: the `kind` of the error, whether the same
** request may succeed a moment later, and a message where libcurl's own does not help.
*/
typedef struct failure {
  CURLcode code;
  bool transient;
  const char *kind, *message;
} failure;

static const failure failures[] = {
    {CURLE_ABORTED_BY_CALLBACK, false, "cancelled", "the call was cancelled"},
    {CURLE_OPERATION_TIMEDOUT, true, "timeout", NULL},
    {CURLE_SEND_FAIL_REWIND, true, "connection", "the connection was closed without an answer"},
    {CURLE_SSL_CONNECT_ERROR, true, "tls", NULL}, /* a reset in the handshake, too */
    {CURLE_PEER_FAILED_VERIFICATION, false, "tls", NULL},
    {CURLE_SSL_ISSUER_ERROR, false, "tls", NULL},
    {CURLE_SSL_CACERT_BADFILE, false, "tls", NULL},
    {CURLE_SSL_CRL_BADFILE, false, "tls", NULL},
    {CURLE_SSL_CERTPROBLEM, false, "tls", NULL},
    {CURLE_SSL_CIPHER, false, "tls", NULL},
    {CURLE_SSL_ENGINE_INITFAILED, false, "tls", NULL},
    {CURLE_SSL_INVALIDCERTSTATUS, false, "tls", NULL},
    {CURLE_USE_SSL_FAILED, false, "tls", NULL},
    {CURLE_URL_MALFORMAT, false, "connection", NULL},
    {CURLE_NOT_BUILT_IN, false, "connection", NULL},
    {CURLE_BAD_CONTENT_ENCODING, false, "invalid_response", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, false, "invalid_response", NULL}, /* no status line: HTTP/0.9 */
    {CURLE_WEIRD_SERVER_REPLY, false, "invalid_response", NULL},
    {CURLE_WRITE_ERROR, false, "invalid_response", NULL}, /* beyond a limit of ours */
};

/* Any other failure is the connection's, unless it cut an answer short: CURLE_PARTIAL_FILE, too. */
static failure classify (const boltz_transfer *t, long status) {
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
    if (failures[i].code == t->code) return failures[i];
  }
  return (failure){t->code, true, status >= 200 ? "invalid_response" : "connection", NULL};
}

/* What a person can do about it, where the TLS library's words do not say so. */
static const struct {
  const char *words, *hint;
} hints[] = {
    {"issuer certificate", "; if you trust its authority, name that in ca_file"},
    {"self-signed certificate", "; if you trust it, name it in ca_file"},
    {"self signed certificate", "; if you trust it, name it in ca_file"},
    {"protocol version", "; the server does not speak TLS 1.2 or later"},
    {"unsupported protocol", "; the server does not speak TLS 1.2 or later"},
    {"wrong version number", "; does the server speak TLS on this port?"},
};

static void *do_nothing (void *data) {
  return data;
}

static bool can_start_threads (void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, do_nothing, NULL) != 0) return false;
  pthread_join(thread, NULL);
  return true;
}

/* A thread that could not be started: curl 7.88 fails at once, 8.23 waits for it to answer. */
static bool has_waited_in_vain (const char *message) {
  return strstr(message, "Resolving timed out") != NULL && !can_start_threads();
}

static void push_message (lua_State *L, const char *message) {
  lua_pushstring(L, message);
  if (has_waited_in_vain(message)) {
    lua_pushliteral(L, "; names are looked up in a thread, and this process may start none");
    lua_concat(L, 2);
    return;
  }
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
    if (strstr(message, hints[i].words) == NULL) continue;
    lua_pushstring(L, hints[i].hint);
    lua_concat(L, 2);
    break;
  }
}

static void set_number_field (lua_State *L, const char *name, double value) {
  lua_pushnumber(L, (lua_Number)value);
  lua_setfield(L, -2, name);
}

static void set_failure (lua_State *L, const boltz_transfer *t, long status) {
  failure class = classify(t, status);
  const char *message = t->excess != NULL ? t->excess : class.message;
  if (message == NULL) message = t->message[0] != '\0' ? t->message : curl_easy_strerror(t->code);
  lua_pushstring(L, class.kind);
  lua_setfield(L, -2, "failure");
  lua_pushboolean(L, class.transient);
  lua_setfield(L, -2, "transient");
  push_message(L, message);
  lua_setfield(L, -2, "message");
}

void boltz_result_push (lua_State *L, const boltz_transfer *t) {
  long status = t->status, version = t->http_version;
  if (t->code != CURLE_OK && status < 200) status = 0; /* an interim answer is none */
  if (!t->head.begun) status = 0; /* nor is what libcurl has read out of a malformed line */
  lua_createtable(L, 0, 8);       /* room for `secrets`, see answer.lua */
  lua_pushinteger(L, (lua_Integer)status);
  lua_setfield(L, -2, "status");
  lua_pushinteger(L, (lua_Integer)t->connects);
  lua_setfield(L, -2, "connects");
  lua_pushinteger(L, version == CURL_HTTP_VERSION_1_0   ? 10
                     : version == CURL_HTTP_VERSION_1_1 ? 11
                     : version == CURL_HTTP_VERSION_2_0 ? 20
                                                        : 0);
  lua_setfield(L, -2, "http_version");
  lua_pushboolean(L, t->has_been_sent);
  lua_setfield(L, -2, "sent");
  set_number_field(L, "elapsed", t->elapsed);
  lua_pushlstring(L, t->head.lines.bytes, t->head.lines.length);
  lua_setfield(L, -2, "head");
  /* What is too large has been counted, and is of no other use than to show how it begins. */
  size_t length = t->excess != NULL && t->body.length > BEGINNING ? BEGINNING : t->body.length;
  lua_pushlstring(L, t->body.bytes, length);
  lua_setfield(L, -2, "body");
  if (t->forsaken) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "forsaken");
  }
  if (t->code != CURLE_OK) set_failure(L, t, status);
  luaL_getmetatable(L, RESULT);
  lua_setmetatable(L, -2);
}

/* result.headers: nearly all answers are used without a look at them. */
static int result_index (lua_State *L) {
  lua_settop(L, 2);
  lua_pushliteral(L, "headers");
  if (!lua_rawequal(L, 2, 3)) return 0;
  size_t length = 0;
  lua_getfield(L, 1, "head");
  const char *lines = lua_tolstring(L, -1, &length);
  boltz_headers_push(L, lines, length);
  lua_pushvalue(L, 3);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
  return 1;
}

void boltz_result_open (lua_State *L) {
  luaL_newmetatable(L, RESULT);
  lua_pushcfunction(L, result_index);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
