/* SPDX-License-Identifier: MIT */
/*
** libcurl's easy interface on one kept-alive connection, and nothing else.
**
**   libcurl [--decode] TASK BASE_URL COUNT
**
** It sends what the module sends. Without --decode an answer is a buffer; with it, lua-cjson has
** decoded it too. `pages` needs that, for the cursors.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "decode.h"
#include "measure.h"
#include "same.h"

#define WORKSPACES "/compute/v1/admin/workspaces"
#define ID "ws_0000000000000001"
#define PAGE 100 /* items */
#define PAGES 200

typedef struct client {
  CURL *easy;
  struct curl_slist *headers;
  lua_State *L; /* NULL: nothing is decoded */
  char url[1024];
  char *bytes; /* the answer's body */
  size_t length, capacity;
  bench_same same; /* of answers that are not decoded */
} client;

static const char *const fields[] = {
    "Accept: application/json", "User-Agent: boltz-bench/1 (libcurl)",
    "x-api-key: sk_bc_admin_test_bench0000000000000000", "x-stainless-retry-count: 0"};

static size_t on_body (char *bytes, size_t size, size_t count, void *data) {
  client *c = data;
  size_t length = size * count;
  if (c->length + length > c->capacity) {
    c->capacity = 2 * (c->length + length);
    c->bytes = realloc(c->bytes, c->capacity);
    bench_need(c->bytes != NULL, "no memory for an answer");
  }
  memcpy(c->bytes + c->length, bytes, length);
  c->length += length;
  return length;
}

static void client_open (client *c, bool decodes) {
  const char *authorities = getenv("BENCH_CA_FILE");
  memset(c, 0, sizeof *c);
  if (decodes) c->L = bench_decoder();
  c->easy = curl_easy_init();
  bench_need(c->easy != NULL, "no memory for libcurl");
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    c->headers = curl_slist_append(c->headers, fields[i]);
  }
  curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
  curl_easy_setopt(c->easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
  curl_easy_setopt(c->easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2); /* or later */
  if (authorities != NULL) curl_easy_setopt(c->easy, CURLOPT_CAINFO, authorities);
}

static void client_close (client *c) {
  curl_easy_cleanup(c->easy);
  curl_slist_free_all(c->headers);
  if (c->L != NULL) lua_close(c->L);
  free(c->bytes);
  bench_same_free(&c->same);
}

static void get (client *c, const char *url) {
  long status = 0;
  c->length = 0;
  curl_easy_setopt(c->easy, CURLOPT_URL, url);
  bench_need(curl_easy_perform(c->easy) == CURLE_OK, "there is no answer");
  curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
  bench_need(status == 200, "the answer's status is not 200");
}

static void retrieve (client *c, const char *base) {
  snprintf(c->url, sizeof c->url, "%s" WORKSPACES "/" ID, base);
  get(c, c->url);
  if (c->L == NULL)
    bench_same_check(&c->same, c->bytes, c->length, 1);
  else
    bench_need(bench_decode_is(c->L, c->bytes, c->length, ID), "the answer has another id");
}

static void page (client *c, const char *base) {
  char cursor[64];
  snprintf(c->url, sizeof c->url, "%s" WORKSPACES, base);
  get(c, c->url);
  if (c->L == NULL)
    bench_same_check(&c->same, c->bytes, c->length, PAGE);
  else
    bench_need(bench_decode_page(c->L, c->bytes, c->length, cursor, sizeof cursor) == PAGE,
               "the page has not 100 items");
}

static void pages (client *c, const char *base) {
  size_t items = 0;
  char cursor[64] = "";
  bench_need(c->L != NULL, "pages can only be followed with --decode");
  do {
    snprintf(c->url, sizeof c->url, "%s" WORKSPACES "%s%s", base, *cursor ? "?after_id=" : "",
             cursor);
    get(c, c->url);
    items += bench_decode_page(c->L, c->bytes, c->length, cursor, sizeof cursor);
  } while (*cursor != '\0');
  bench_need(items == PAGES * PAGE, "the pages have not 20,000 items");
}

typedef void operation (client *c, const char *base);

static const struct {
  const char *name;
  operation *perform;
} tasks[] = {{"retrieve", retrieve}, {"page", page}, {"pages", pages}};

static operation *find (const char *name) {
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
    if (strcmp(tasks[i].name, name) == 0) return tasks[i].perform;
  }
  return NULL;
}

int main (int count, char **words) {
  bool decodes = count > 1 && strcmp(words[1], "--decode") == 0;
  words += decodes;
  bench_need(count == 4 + decodes, "usage: libcurl [--decode] TASK BASE_URL COUNT");
  operation *perform = find(words[1]);
  bench_need(perform != NULL, "there is no such task");
  long operations = bench_count(words[3]);
  client c;
  client_open(&c, decodes);
  for (long i = 0; i < 1 + operations / 4; i++) perform(&c, words[2]); /* warms up */
  bench_time start = bench_now();
  for (long i = 0; i < operations; i++) perform(&c, words[2]);
  bench_time end = bench_now();
  bench_print((bench_time){end.wall - start.wall, end.cpu - start.cpu}, (double)operations,
              bench_peak());
  client_close(&c);
  return 0;
}
