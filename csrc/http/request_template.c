/* SPDX-License-Identifier: MIT */
#include "request_template.h"

#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "headers.h"
#include "wipe.h"

#define RECEIVE_BYTES                                                                              \
  65536L /* at once: a page of 100 items fits, where libcurl's 16 KiB take two */

/* ---- its making and its end */

/* A proxy's URL may hold a password. */
static void free_text (char **text) {
  boltz_wipe_text(*text);
  *text = NULL;
}

static void free_unused (boltz_request_template *template) {
  if (template->users > 0) return;
  boltz_headers_free(template->headers);
  template->headers = template->bodiless = NULL;
  free_text(&template->ca_file);
  free_text(&template->ca_file_variable);
  free_text(&template->proxy);
  free_text(&template->no_proxy);
  if (template->handles == 0) free(template);
}

boltz_request_template *boltz_request_template_use (boltz_request_template *template) {
  template->users++;
  return template;
}

void boltz_request_template_leave (boltz_request_template *template) {
  if (template == NULL) return;
  template->users--;
  free_unused(template);
}

void boltz_request_template_keep (boltz_request_template *template) {
  template->handles++;
}

void boltz_request_template_drop (boltz_request_template *template) {
  template->handles--;
  free_unused(template);
}

/*
** Where these are not given, libcurl would add a Content-Type for a form, an Expect before a large
** body, which costs a second at servers that do not know it, and an Accept. The first two are in
** front: a request without a body does without them, and libcurl has less to compare.
*/
boltz_request_template *boltz_request_template_new (void) {
  boltz_request_template *template = malloc(sizeof *template);
  if (template == NULL) return NULL;
  memset(template, 0, sizeof *template);
  template->users = 1;
  if (boltz_headers_append(&template->headers, "Content-Type:") &&
      boltz_headers_append(&template->headers, "Expect:"))
    return template;
  boltz_request_template_leave(template);
  return NULL;
}

bool boltz_request_template_finish (boltz_request_template *template) {
  const struct curl_slist *last = template->headers->next;
  if (!boltz_headers_have(last->next, "Accept") &&
      !boltz_headers_append(&template->headers, "Accept:"))
    return false;
  template->bodiless = last->next;
  return true;
}

bool boltz_request_template_set_text (char **field, const char *text) {
  if (text == NULL) return true;
  *field = strdup(text);
  return *field != NULL;
}

void boltz_request_template_write_authorities (const boltz_request_template *template,
                                               boltz_buffer *out) {
  const char *variable = template->ca_file_variable;
  if (template->ca_file == NULL) return;
  boltz_buffer_add_text(out, template->ca_file);
  boltz_buffer_add_text(out, ", which ");
  boltz_buffer_add_text(out, variable != NULL ? variable : "the option ca_file");
  boltz_buffer_add_text(out, " names");
}

/* ---- from a template to a handle of libcurl's */

/* What the host starts shall not inherit a connection that holds a key's session. */
static curl_socket_t on_open (void *data, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)data;
  (void)purpose;
  return boltz_descriptors_socket(address->family, address->socktype, address->protocol);
}

/*
** By their numbers, so that the library that runs decides and not the headers: these may be older,
** or warn of the second, which is all that there was before the first.
*/
#define PROTOCOLS_STR ((CURLoption)(CURLOPTTYPE_OBJECTPOINT + 318)) /* curl 7.85 */
#define PROTOCOLS ((CURLoption)(CURLOPTTYPE_LONG + 181))
#define QUICK_EXIT ((CURLoption)(CURLOPTTYPE_LONG + 322)) /* curl 7.87 */

static bool set_protocols (CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, PROTOCOLS_STR, "http,https");
  if (code == CURLE_UNKNOWN_OPTION)
    code = curl_easy_setopt(easy, PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  return code == CURLE_OK;
}

/*
** A resolver thread that hangs would hold up the end of its transfer, and with it the deadline. An
** older libcurl does not know the option, and waits.
*/
static void set_quick_exit (CURL *easy) {
  curl_easy_setopt(easy, QUICK_EXIT, 1L);
}

static bool set_text (CURL *easy, CURLoption option, const char *text) {
  return text == NULL || curl_easy_setopt(easy, option, text) == CURLE_OK;
}

/*
** TLS to a proxy is held to the same as to a server. A libcurl that cannot speak it to a proxy has
** no such options, and refuses such a proxy.
*/
static bool set_proxy_tls (CURL *easy, const char *ca_file) {
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (ca_file == NULL) return true;
  return curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca_file) != CURLE_OUT_OF_MEMORY;
}

/*
** libcurl follows no redirect unless told to, verifies TLS unless told not to, and asks for every
** compression it was built with when given "". The options that are not asked about keep a number
** or a pointer, which needs no memory.
*/
static bool set_up (CURL *easy, const boltz_request_template *template) {
  set_quick_exit(easy);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);   /* hosts have their own signals and threads */
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* the path goes out as it was built */
  /* libcurl does not read the list of a handle that is kept and not used any more. */
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, template->bodiless);
  /* A proxy's answer is not the server's. */
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  return set_protocols(easy) && set_text(easy, CURLOPT_ACCEPT_ENCODING, "") &&
         set_text(easy, CURLOPT_CAINFO, template->ca_file) &&
         set_proxy_tls(easy, template->ca_file) && set_text(easy, CURLOPT_PROXY, template->proxy) &&
         set_text(easy, CURLOPT_NOPROXY, template->no_proxy);
}

CURL *boltz_request_template_handle (const boltz_request_template *template) {
  CURL *easy = curl_easy_init();
  if (easy == NULL || set_up(easy, template)) return easy;
  curl_easy_cleanup(easy);
  return NULL;
}
