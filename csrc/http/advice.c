/* SPDX-License-Identifier: MIT */
#include "advice.h"

#include <pthread.h>
#include <string.h>

#include "failure.h"

/*
** Where the TLS library's words do not say what to do, with the server and with a proxy. `trusted`
** is what would have to be trusted for the failure not to be.
*/
static const struct {
  const char *words, *of_server, *of_proxy, *trusted;
} hints[] = {
    {"error setting certificate", "", "", NULL}, /* it is ca_file that cannot be read */
    {"issuer certificate", "", "; it is the proxy's certificate", "its authority"},
    {"certificate in certificate chain", "", "; it is the proxy's certificate", "its authority"},
    {"self-signed certificate", "", "; it is the proxy's certificate", "it"},
    {"self signed certificate", "", "; it is the proxy's certificate", "it"},
    {"protocol version", "; the server does not speak TLS 1.2 or later",
     "; the proxy does not speak TLS 1.2 or later", NULL},
    {"unsupported protocol", "; the server does not speak TLS 1.2 or later",
     "; the proxy does not speak TLS 1.2 or later", NULL},
    {"wrong version number", "; does the server speak TLS on this port?",
     "; does the proxy speak TLS, as its https:// says?", NULL},
    {"certificate", "", "; it is the proxy's certificate", NULL},
};

/* ---- writing */

static void say (boltz_transfer *t, const char *text) {
  boltz_buffer_add_text(&t->advice, text);
}

static void say_bytes (boltz_transfer *t, boltz_buffer text) {
  boltz_buffer_add(&t->advice, text.bytes, text.length);
}

/* ---- what can be done */

/* Where certificates are looked for: what the client was given, or nothing as yet. */
static void advise_trust (boltz_transfer *t, const char *what, const char *introduction) {
  bool is_given = t->authorities.length > 0;
  say(t, introduction);
  say(t, is_given ? "" : "if you trust ");
  say(t, what);
  if (is_given) {
    say(t, " is not in ");
    say_bytes(t, t->authorities);
  } else {
    say(t, strcmp(what, "it") == 0 ? ", name it in ca_file" : ", name that in ca_file");
  }
}

static bool advise_on_tls (boltz_transfer *t, const char *message) {
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
    if (strstr(message, hints[i].words) == NULL) continue;
    say(t, t->failed_at_proxy ? hints[i].of_proxy : hints[i].of_server);
    if (hints[i].trusted != NULL)
      advise_trust(t, hints[i].trusted, t->failed_at_proxy ? ": " : "; ");
    return true;
  }
  return false;
}

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

static void advise (boltz_transfer *t, const char *message) {
  if (has_waited_in_vain(message))
    say(t, "; names are looked up in a thread, and this process may start none");
  else if (!advise_on_tls(t, message) && !t->is_secure && strstr(message, "HTTP/0.9") != NULL)
    say(t, "; does the server want https on this port?"); /* TLS's alert has no status line */
}

/* ---- the proxy */

/* Only where no answer says so. */
static bool is_of_the_way (const boltz_transfer *t, boltz_failure failure) {
  return boltz_failure_status(t) == 0 &&
         (strcmp(failure.kind, "connection") == 0 || strcmp(failure.kind, "tls") == 0 ||
          strcmp(failure.kind, "timeout") == 0);
}

static void name_proxy (boltz_transfer *t) {
  if (t->proxy.length == 0) return;
  say(t, " (through the proxy");
  say_bytes(t, t->proxy);
  say(t, ")");
}

const char *boltz_advice_of (boltz_transfer *t) {
  boltz_failure failure = boltz_failure_of(t);
  boltz_buffer_clear(&t->advice);
  advise(t, failure.message);
  if (is_of_the_way(t, failure)) name_proxy(t);
  return boltz_buffer_add(&t->advice, "", 1) ? t->advice.bytes : "";
}
