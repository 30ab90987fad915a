/* SPDX-License-Identifier: MIT */
#include "failure.h"

#include <pthread.h>
#include <string.h>

/*
** What libcurl's codes mean: the `kind` of the error, whether it may pass, and a message where
** libcurl's own does not help.
*/
static const struct {
  CURLcode code;
  bool transient;
  const char *kind, *message;
} failures[] = {
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
    {CURLE_FAILED_INIT, true, "connection", NULL}, /* the engine has failed */
    {CURLE_BAD_CONTENT_ENCODING, false, "invalid_response", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, false, "invalid_response", NULL}, /* no status line: HTTP/0.9 */
    {CURLE_WEIRD_SERVER_REPLY, false, "invalid_response", NULL},
    {CURLE_WRITE_ERROR, false, "invalid_response", NULL}, /* beyond a limit of ours */
};

long boltz_failure_status (const boltz_transfer *t) {
  if (!t->head.begun) return 0; /* libcurl has read it out of a malformed line */
  return t->code != CURLE_OK && t->status < 200 ? 0 : t->status; /* an interim answer is none */
}

/* Where the TLS library's words do not say what to do, with the server and with a proxy. */
static const struct {
  const char *words, *hint, *of_proxy;
} hints[] = {
    {"error setting certificate", "", ""}, /* it is ca_file that cannot be read */
    {"issuer certificate", "; if you trust its authority, name that in ca_file",
     "; it is the proxy's certificate: if you trust its authority, name that in ca_file"},
    {"self-signed certificate", "; if you trust it, name it in ca_file",
     "; it is the proxy's: if you trust it, name it in ca_file"},
    {"self signed certificate", "; if you trust it, name it in ca_file",
     "; it is the proxy's: if you trust it, name it in ca_file"},
    {"protocol version", "; the server does not speak TLS 1.2 or later",
     "; the proxy does not speak TLS 1.2 or later"},
    {"unsupported protocol", "; the server does not speak TLS 1.2 or later",
     "; the proxy does not speak TLS 1.2 or later"},
    {"wrong version number", "; does the server speak TLS on this port?",
     "; does the proxy speak TLS, as its https:// says?"},
    {"certificate", "", "; it is the proxy's certificate"},
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

static const char *find_hint (const boltz_transfer *t, const char *message) {
  if (has_waited_in_vain(message))
    return "; names are looked up in a thread, and this process may start none";
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
    if (strstr(message, hints[i].words) != NULL)
      return t->failed_at_proxy ? hints[i].of_proxy : hints[i].hint;
  }
  if (!t->is_secure && strstr(message, "HTTP/0.9") != NULL) /* TLS's alert has no status line */
    return "; does the server want https on this port?";
  return "";
}

/* Any other failure is the connection's, unless it cut an answer short: CURLE_PARTIAL_FILE, too. */
static boltz_failure classify (const boltz_transfer *t) {
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
    if (failures[i].code == t->code)
      return (boltz_failure){failures[i].kind, failures[i].transient, failures[i].message, ""};
  }
  bool is_cut_short = boltz_failure_status(t) >= 200;
  return (boltz_failure){is_cut_short ? "invalid_response" : "connection", true, NULL, ""};
}

boltz_failure boltz_failure_of (const boltz_transfer *t) {
  boltz_failure failure = classify(t);
  if (t->excess != NULL) failure.message = t->excess;
  if (failure.message == NULL)
    failure.message = t->message[0] != '\0' ? t->message : curl_easy_strerror(t->code);
  failure.hint = find_hint(t, failure.message);
  return failure;
}
