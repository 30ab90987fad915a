/* SPDX-License-Identifier: MIT */
#include "handle_pool.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define STREAMS 1000L /* of HTTP/2 on one connection, if the server lets as many; libcurl's: 100 */

bool boltz_handle_pool_open (boltz_handle_pool *pool, CURLM *multi, boltz_poller *poller) {
  memset(pool, 0, sizeof *pool);
  pool->poller = poller;
  curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, STREAMS);
  pool->share = curl_share_init();
  if (pool->share == NULL) return false;
  /* Without functions to lock, since an engine is used by one thread at a time. */
  CURLSHcode code = curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return code == CURLSHE_OK || code == CURLSHE_NOT_BUILT_IN; /* a libcurl without TLS */
}

/* ---- one handle */

/*
** Where HTTP/2 may come out of the TLS handshake, calls that begin together wait for it and share
** the connection. Without TLS they would wait for the first answer to learn that it is HTTP/1.1.
*/
boltz_handle *boltz_handle_pool_new (const boltz_handle_pool *pool,
                                     boltz_request_template *template, bool secure) {
  boltz_handle *handle = malloc(sizeof *handle);
  if (handle == NULL) return NULL;
  memset(handle, 0, sizeof *handle);
  handle->easy = boltz_request_template_handle(template);
  if (handle->easy == NULL) {
    free(handle);
    return NULL;
  }
  handle->template = template;
  handle->secure = secure;
  curl_easy_setopt(handle->easy, CURLOPT_SHARE, pool->share);
  curl_easy_setopt(handle->easy, CURLOPT_PRIVATE, handle);
  curl_easy_setopt(handle->easy, CURLOPT_ERRORBUFFER, handle->message);
  curl_easy_setopt(handle->easy, CURLOPT_PIPEWAIT, (long)secure);
  boltz_poller_prepare(pool->poller, handle->easy);
  return handle;
}

void boltz_handle_free (boltz_handle *handle) {
  if (handle == NULL) return;
  curl_easy_cleanup(handle->easy);
  free(handle);
}

/* ---- those that are kept */

static void remove_kept (boltz_handle_pool *pool, int i) {
  boltz_request_template_drop(pool->kept[i]->template);
  pool->count--;
  for (; i < pool->count; i++) pool->kept[i] = pool->kept[i + 1];
}

boltz_handle *boltz_handle_pool_take (boltz_handle_pool *pool, boltz_request_template *template,
                                      bool secure) {
  for (int i = pool->count - 1; i >= 0; i--) {
    boltz_handle *handle = pool->kept[i];
    if (handle->template != template || handle->secure != secure) continue;
    remove_kept(pool, i);
    return handle;
  }
  return boltz_handle_pool_new(pool, template, secure);
}

static void end_kept (boltz_handle_pool *pool, int i) {
  boltz_handle *handle = pool->kept[i];
  remove_kept(pool, i);
  boltz_handle_free(handle);
}

/* Those that no request can want any more make room, or else the one that was used longest ago. */
static void make_room (boltz_handle_pool *pool) {
  for (int i = pool->count - 1; i >= 0; i--) {
    if (pool->kept[i]->template->users == 0) end_kept(pool, i);
  }
  if (pool->count == BOLTZ_HANDLES_KEPT) end_kept(pool, 0);
}

void boltz_handle_pool_keep (boltz_handle_pool *pool, boltz_handle *handle) {
  if (pool->count == BOLTZ_HANDLES_KEPT) make_room(pool);
  boltz_request_template_keep(handle->template);
  handle->transfer = NULL;
  pool->kept[pool->count++] = handle;
}

/* ---- connections */

#define LEAST 4L  /* connections that are kept, */
#define MOST 256L /* or as many as there were transfers at once, up to so many */

/*
** libcurl would keep four for each transfer that is still under way, and so throw most away when
** many end one by one. A fixed number would pile them up where each request makes its own.
*/
void boltz_handle_pool_expect (boltz_handle_pool *pool, CURLM *multi, long count) {
  if (count <= pool->most) return;
  pool->most = count;
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                    count < LEAST  ? LEAST
                    : count > MOST ? MOST
                                   : count);
}

/* 0: no answer came. */
static long version_of (const boltz_handle *handle) {
  long version = 0;
  curl_easy_getinfo(handle->easy, CURLINFO_HTTP_VERSION, &version);
  return version;
}

static bool is_version_1 (long version) {
  return version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
}

/*
** A time-out ends its stream of HTTP/2 but not the connection, which libcurl would use again, also
** when its other end has long been gone (measured with curl 7.88.1: every later call timed out).
** Of HTTP/1.1 libcurl closes the connection by itself. Where no answer came, what the last one
** spoke
** counts, once: if no answer comes until the next time-out, it may have been another server's.
*/
void boltz_handle_pool_learn (boltz_handle_pool *pool, const boltz_handle *handle, CURLcode code) {
  if (!handle->secure) return; /* without TLS it is HTTP/1.1 */
  long version = version_of(handle), last = version > 0 ? version : pool->version;
  if (code == CURLE_OK || code == CURLE_OPERATION_TIMEDOUT) pool->version = version;
  if (code == CURLE_OPERATION_TIMEDOUT && !is_version_1(last)) pool->suspect = boltz_now();
}

void boltz_handle_pool_avoid (const boltz_handle_pool *pool, boltz_handle *handle, bool fresh) {
  if (pool->suspect <= 0) return;
  double age = boltz_now() - pool->suspect;
  bool recent = age < 1; /* the other option counts whole seconds */
  curl_easy_setopt(handle->easy, CURLOPT_FRESH_CONNECT, (long)(fresh || recent));
  if (!recent) curl_easy_setopt(handle->easy, CURLOPT_MAXLIFETIME_CONN, age < 1e9 ? (long)age : 0);
}

/* ---- their end */

void boltz_handle_pool_close (boltz_handle_pool *pool) {
  while (pool->count > 0) end_kept(pool, pool->count - 1);
  curl_share_cleanup(pool->share);
  pool->share = NULL;
}

void boltz_handle_pool_forsake (boltz_handle_pool *pool) {
  pool->count = 0;
  pool->share = NULL;
}
