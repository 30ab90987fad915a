/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

/* RFC 3986: unreserved, and pchar without its percent-encoded form. */
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define SEGMENT UNRESERVED "!$&'()*+,;=:@"

size_t boltz_url_escape (char *out, const char *text, size_t length, boltz_url_place place) {
  static const char hexadecimal[] = "0123456789ABCDEF";
  const char *allowed = place == BOLTZ_URL_SEGMENT ? SEGMENT : UNRESERVED;
  char *at = out;
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte != '\0' && strchr(allowed, byte) != NULL) {
      *at++ = text[i];
    } else {
      *at++ = '%';
      *at++ = hexadecimal[byte >> 4];
      *at++ = hexadecimal[byte & 15];
    }
  }
  return (size_t)(at - out);
}

const char *const boltz_url_part_names[BOLTZ_URL_PARTS] = {
    "scheme", "host", "port", "path", "query", "fragment", "user", "password"};

static const CURLUPart parts[BOLTZ_URL_PARTS] = {
    CURLUPART_SCHEME, CURLUPART_HOST,     CURLUPART_PORT, CURLUPART_PATH,
    CURLUPART_QUERY,  CURLUPART_FRAGMENT, CURLUPART_USER, CURLUPART_PASSWORD};

static boltz_code parse (CURLU *handle, boltz_url *url, const char *text, const char **problem) {
  CURLUcode code = curl_url_set(handle, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_OUT_OF_MEMORY) return BOLTZ_NO_MEMORY;
  if (code != CURLUE_OK) {
    *problem = curl_url_strerror(code);
    return BOLTZ_REFUSED;
  }
  for (int i = 0; i < BOLTZ_URL_PARTS; i++) {
    code = curl_url_get(handle, parts[i], &url->parts[i], CURLU_DEFAULT_PORT);
    if (code == CURLUE_OUT_OF_MEMORY) return BOLTZ_NO_MEMORY;
    if (code != CURLUE_OK) url->parts[i] = NULL; /* the URL has no such part */
  }
  return BOLTZ_OK;
}

boltz_code boltz_url_parse (boltz_url *url, const char *text, const char **problem) {
  CURLU *handle = curl_url();
  if (handle == NULL) return BOLTZ_NO_MEMORY;
  boltz_code code = parse(handle, url, text, problem);
  curl_url_cleanup(handle);
  return code;
}

void boltz_url_free (boltz_url *url) {
  for (int i = 0; i < BOLTZ_URL_PARTS; i++) {
    curl_free(url->parts[i]);
    url->parts[i] = NULL;
  }
}

int boltz_url_ip_version (const char *text) {
  unsigned char address[16];
  if (inet_pton(AF_INET, text, address) == 1) return 4;
  return inet_pton(AF_INET6, text, address) == 1 ? 6 : 0;
}
