/* SPDX-License-Identifier: MIT */
#include "failure.h"

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

/* Any other failure is the connection's, unless it cut an answer short: CURLE_PARTIAL_FILE, too. */
static boltz_failure classify (const boltz_transfer *t) {
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
    if (failures[i].code == t->code)
      return (boltz_failure){failures[i].kind, failures[i].transient, failures[i].message};
  }
  bool is_cut_short = boltz_failure_status(t) >= 200;
  return (boltz_failure){is_cut_short ? "invalid_response" : "connection", true, NULL};
}

boltz_failure boltz_failure_of (const boltz_transfer *t) {
  boltz_failure failure = classify(t);
  if (t->excess != NULL) failure.message = t->excess;
  if (failure.message == NULL)
    failure.message = t->message[0] != '\0' ? t->message : curl_easy_strerror(t->code);
  return failure;
}
